"""A file as a header and numbered lines of cells, whatever program wrote it. No database here.

Lines are numbered as an editor shows them. A line whose quotes do not close is named, and the others are read.
"""

import csv
import hashlib
import re
from collections.abc import Container
from dataclasses import dataclass
from itertools import islice

from foundation.plain_text import has_hidden_characters, has_unseen_characters
from foundation.refusals import Refused
from monitoring.columns import MAX_ROWS, RowError
from monitoring.files import headings, moments, units
from monitoring.files.text import decoded

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
LOOKED_AT = 40  # a header stands among so many lines
MOST_COLUMNS, LONGEST_CELL = 100, 2000
MOST_BROKEN, LONGEST_NOTE = 200, 12  # lines whose quotes do not close; lines of one note
_NUMBER = re.compile(r"[<>~]?\s*[-+]?\d[\d.,:/\s'%-]*[a-zA-Z/%°]*")
_UNCLOSED = "Has a quote that is not closed. Close it, or leave the line out"

Line = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`header`: empty names and all, or none where the file has no header. `header_line`: 0 where it has none."""

    header: tuple[str, ...]
    rows: tuple[Line, ...]
    header_line: int
    delimiter: str
    windows: bool
    titles: tuple[int, ...] = ()
    broken: tuple[RowError, ...] = ()
    units: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        return len(self.header)

    @property
    def shape(self) -> str:
        """The same for every file with this header; nothing where there is none, for then nothing tells them apart."""
        return shape_of(self.header) if self.header_line else ""

    def name(self, index: int) -> str:
        return self.header[index] or f"Column {index + 1}"

    def column(self, index: int):
        """(line, cell) of one column."""
        return ((line, cells[index] if index < len(cells) else "") for line, cells in self.rows)

    def samples(self, index: int, most: int = 3) -> list[str]:
        """The first different values of a column that are not empty."""
        found: dict[str, None] = {}
        for _, cell in islice(self.column(index), 2000):
            if cell:
                found[cell[:40]] = None
            if len(found) == most:
                break
        return list(found)


def shape_of(header: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(map(headings.key, header)).encode()).hexdigest()


def read(content: bytes, known: Container[str] = ()) -> Sheet:
    """`known`: shapes that the practice has met. Raises `Refused` with a sentence if it is no such file at all."""
    text, windows = decoded(content)
    texts = re.split(r"\r\n|\n|\r", text)
    first, delimiter = 0, ""
    if (
        said := re.fullmatch(r"\"?sep=(.)\"?", texts[0].strip(" \ufeff"))
        if texts[0].strip() != "sep="
        else None
    ):
        first, delimiter = 1, said[1]
    delimiter = delimiter or _delimiter([line for line in texts[:LOOKED_AT] if line.strip()], known)
    lines, broken = _lines(texts, first, delimiter)
    if not lines:
        raise Refused(f"{broken[0]}" if broken else "The file is empty")
    return _sheet(lines, broken, delimiter=delimiter, windows=windows, known=known)


def _sheet(lines: list[Line], broken: list[RowError], *, delimiter: str, windows: bool, known) -> Sheet:
    place = _header_place(lines, known)
    header_line, header = (0, ()) if place is None else lines[place]
    rows = lines if place is None else lines[place + 1 :]
    if not rows and not broken:
        raise Refused("The file has a header and no lines below it")
    widest = max((len(cells) for _, cells in rows), default=0)
    header = _trimmed(header) if header_line else ("",) * widest
    if len(header) > MOST_COLUMNS:
        raise Refused(
            f"The file has {len(header)} columns; {MOST_COLUMNS} are read. Leave out what is not needed"
        )
    if header_line and rows and (said := _units_line(rows[0][1], len(header))):
        rows = rows[1:]
    return Sheet(
        header=header,
        rows=tuple(rows),
        header_line=header_line,
        delimiter=DELIMITERS.get(delimiter, f"“{delimiter}”"),
        windows=windows,
        titles=tuple(line for line, _ in lines[: place or 0]),
        broken=tuple(broken),
        units=said if header_line and rows else (),
    )


def _trimmed(header: tuple[str, ...]) -> tuple[str, ...]:
    """Without the empty cells that some programs write at the end."""
    length = len(header)
    while length and not header[length - 1]:
        length -= 1
    return header[:length]


def _units_line(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    """A second line of the header that gives units alone, as UCUM for each column; nothing where it is none."""
    given = [cell.strip("()[] ") if cell.startswith("(") else cell for cell in cells[:width]]
    if not any(given) or any(cell and not units.known(cell) for cell in given):
        return ()
    return tuple(units.known(cell) for cell in given) + ("",) * (width - len(given))


def _delimiter(lines: list[str], known) -> str:
    """The one by which a line is best understood as a header; else the one that divides most lines alike."""
    together = _closed(lines)
    return max(DELIMITERS, key=lambda sign: _fit(together, sign, known))


def _fit(lines: list[str], sign: str, known) -> tuple:
    parsed = [_cells([line], sign) or () for line in lines]
    if any(shape_of(_trimmed(cells)) in known for cells in parsed if len(cells) > 1):
        return (100, 0, 0)
    counts = [len(cells) for cells in parsed]
    usual = max(set(counts), key=lambda count: (counts.count(count), count), default=0)
    understood = max((_understood(cells) for cells in parsed), default=0)
    return (
        understood if usual > 1 else 0,
        counts.count(usual) / max(len(counts), 1) if usual > 1 else 0,
        usual,
    )


def _understood(cells: tuple[str, ...]) -> int:
    return sum(1 for cell in cells if len(cell) <= headings.LONGEST and headings.understood(cell).meaning)


def _header_place(lines: list[Line], known) -> int | None:
    """Where among the first lines the header stands. None: the file has none."""
    some = [cells for _, cells in lines[:LOOKED_AT]]
    for place, cells in enumerate(some):
        if len(cells) > 1 and shape_of(_trimmed(cells)) in known:
            return place
    counts = [_understood(cells) if not _holds_values(cells) else 0 for cells in some]
    if max(counts) >= 2:
        return counts.index(max(counts))
    width = max(len(_trimmed(cells)) for cells in some)
    place = next((at for at, cells in enumerate(some) if len(_trimmed(cells)) == width), 0)
    return None if _holds_values(some[place]) else place


def _holds_values(cells: tuple[str, ...]) -> bool:
    """Whether a line has figures or dates, as no header does."""
    return any(_is_value(cell) for cell in cells)


def _is_value(cell: str) -> bool:
    if not cell or not any(sign.isdigit() for sign in cell):
        return False
    if _NUMBER.fullmatch(cell):
        return True
    try:
        return bool(moments.read(cell))
    except moments.NoOrder:
        return True
    except moments.BadMoment:
        return False


def _lines(texts: list[str], first: int, delimiter: str) -> tuple[list[Line], list[RowError]]:
    """Numbered lines of tidy cells that say something, and what is wrong with the others."""
    found: list[Line] = []
    broken: list[RowError] = []
    at, width = first, 0
    while at < len(texts):
        cells, used = _record(texts, at, delimiter, width)
        if cells is None:
            broken.append(RowError(at + 1, "line", _UNCLOSED))
        elif any(cells):
            width = max(width, len(cells)) if len(found) < LOOKED_AT else width
            found.append((at + 1, cells))
        at += used
        _check(found, broken)
    return found, broken


def _check(found: list[Line], broken: list[RowError]) -> None:
    if len(found) > MAX_ROWS + LOOKED_AT:
        raise Refused(f"The file has more than {MAX_ROWS:,} lines. Split it")
    if len(broken) > MOST_BROKEN:
        raise Refused(
            f"More than {MOST_BROKEN} lines have quotes that are not closed, the first is {broken[0].line}"
        )


def _record(texts: list[str], at: int, delimiter: str, width: int) -> tuple[tuple[str, ...] | None, int]:
    """The line's cells and how many lines they take: a note in quotes may go on over some."""
    text = texts[at]
    if '"' not in text:
        return _tidy(text.split(delimiter)), 1
    if (cells := _cells([text], delimiter)) is not None:
        return cells, 1
    for used in range(2, min(LONGEST_NOTE, len(texts) - at) + 1):
        cells = _cells([f"{part}\n" for part in texts[at : at + used]], delimiter)
        if cells is not None and (len(cells) == width or (at < LOOKED_AT and _is_header(cells))):
            return cells, used
    return None, 1


def _is_header(cells: tuple[str, ...]) -> bool:
    """Of which a heading in quotes goes on over two lines."""
    return _understood(cells) >= 2 and not _holds_values(cells)


def _closed(lines: list[str]) -> list[str]:
    """Lines with those together over which one in quotes goes on, as far as the number of quotes tells it."""
    found: list[str] = []
    held = 0
    for line in lines:
        if held and held < LONGEST_NOTE and found[-1].count('"') % 2:
            found[-1] += f" {line}"
            held += 1
        else:
            found.append(line)
            held = 1
    return found


def _cells(lines: list[str], delimiter: str) -> tuple[str, ...] | None:
    try:
        (cells,) = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    except (csv.Error, ValueError):
        return None
    return _tidy(cells)


def _tidy(cells: list[str]) -> tuple[str, ...]:
    return tuple(" ".join(cell[:LONGEST_CELL].split()) if cell else "" for cell in cells)


def unreadable(cells: tuple[str, ...]) -> bool:
    """A sign that cannot be seen would make another serial number of one that looks the same."""
    return any(has_hidden_characters(cell) or has_unseen_characters(cell) for cell in cells)
