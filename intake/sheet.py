"""A CSV as a header and numbered rows of text, whatever program wrote it. No database here."""

import csv
import io
from dataclasses import dataclass

from django.conf import settings

from foundation.refusals import Refused
from intake import dates

MOST_COLUMNS, LONGEST_HEADER = 100, 80
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows`: (number, cells), numbered as a spreadsheet does, the header being row 1. `windows`: not UTF-8."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    windows: bool
    separator: str

    def column(self, index: int):
        """(row number, cell) of one column."""
        return ((number, cells[index] if index < len(cells) else "") for number, cells in self.rows)

    def samples(self, index: int) -> list[str]:
        """The first three different values of a column that are not empty."""
        found: dict[str, None] = {}
        for _, cell in self.column(index):
            if cell:
                found[cell[:40]] = None
            if len(found) == 3:
                break
        return list(found)


def read(content: bytes) -> Sheet:
    """Raises `Refused` with a sentence if it is no CSV, too large, or has no header."""
    text, windows = _text(content)
    separator = _separator(text)
    rows = _rows(text, separator)
    if not rows:
        raise Refused("The file is empty")
    (_, header), *rest = rows
    header = _trimmed(header)
    _check_header(header)
    if not rest:
        raise Refused("The file has a header and no rows below it")
    return Sheet(header, tuple(rest), windows, _SEPARATORS[separator])


def _text(content: bytes) -> tuple[str, bool]:
    """The text, and whether it was read as Windows-1252 because it is not UTF-8."""
    most = settings.PATIENT_IMPORT_MAX_BYTES
    if len(content) > most:
        raise Refused(f"The file is larger than {most // 1024 // 1024} MB. Split it")
    if content.startswith(_UTF16) or b"\x00" in content:
        raise Refused("This is not a CSV in UTF-8. In your spreadsheet, save it as “CSV UTF-8”")
    try:
        return content.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), True
    except UnicodeDecodeError:
        raise Refused("The file is neither UTF-8 nor Windows-1252. Save it as “CSV UTF-8”") from None


def _separator(text: str) -> str:
    """The one that divides the first line that says something into most cells."""
    line = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    return max(_SEPARATORS, key=lambda sign: _cells(line, sign))


def _cells(line: str, separator: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=separator), []))
    except csv.Error:
        return 0


def _rows(text: str, separator: str) -> list[tuple[int, tuple[str, ...]]]:
    """Numbered as they stand; rows without any value are counted and left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    most, found = settings.PATIENT_IMPORT_MAX_ROWS, []
    try:
        for number, cells in enumerate(reader, start=1):
            tidy = tuple(" ".join(cell.split()) for cell in cells)
            if any(tidy):
                found.append((number, tidy))
            if len(found) > most + 1:
                raise Refused(f"The file has more than {most:,} rows. Split it")
    except csv.Error as error:
        raise Refused(f"Line {reader.line_num} is not CSV: {error}. Nothing was kept") from None
    return found


def _trimmed(header: tuple[str, ...]) -> tuple[str, ...]:
    """Without the empty cells that some programs write at the end."""
    length = len(header)
    while length and not header[length - 1]:
        length -= 1
    return header[:length]


def _check_header(header: tuple[str, ...]) -> None:
    if len(header) > MOST_COLUMNS:
        raise Refused(
            f"The file has {len(header)} columns; {MOST_COLUMNS} are read. Leave out what is not needed"
        )
    if any(len(name) > LONGEST_HEADER for name in header):
        raise Refused(f"A column's name has more than {LONGEST_HEADER} characters. Shorten it")
    if any(dates.looks_like_one(name) for name in header):
        raise Refused("The first row must name the columns, like MRN, Last name, First name, Date of birth")
