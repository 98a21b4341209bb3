"""The columns of a CSV of readings, and one row of it as typed values. No database here.

serial, mrn, measure, taken_at, value, second_value, unit, source: in any order, with a header, UTF-8. A device's
reading names its serial number; a value typed in without a device names the patient's MRN. `taken_at` is ISO with
the offset. Without a unit the measure's own is meant; without a source, what came with a serial is automatic.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from foundation.refusals import Refused
from monitoring.models import Source
from monitoring.readings.incoming import Incoming
from monitoring.readings.sorting import FIRST_YEAR, LAST_YEAR
from monitoring.readings.units import UnitRefused, as_sent, impossible, in_ours
from patients.models import Measure

REQUIRED = ("measure", "taken_at", "value")
COLUMNS = ("serial", "mrn", "measure", "taken_at", "value", "second_value", "unit", "source")
MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a line (the header is line 1), in which column, and what to do."""

    line: int
    column: str
    message: str

    def __str__(self):
        return f"Line {self.line}, {self.column}: {self.message}"


class BadCell(Exception):
    """One cell cannot be read."""

    def __init__(self, column: str, message: str):
        super().__init__(message)
        self.column, self.message = column, message


@dataclass(frozen=True, slots=True)
class Row:
    """A line and what it says, not yet matched with a device or a patient."""

    line: int
    value: Incoming


def is_ours(content: bytes) -> bool:
    """Whether the header names our columns alone, with those that are needed."""
    first, _, _ = content[:4000].lstrip(b"\xef\xbb\xbf").partition(b"\n")
    names = [name.strip(' "\r').lower() for name in first.decode("utf-8", "replace").split(",")]
    return (
        {*REQUIRED} <= {*names} <= {*COLUMNS}
        and len({*names}) == len(names)
        and bool({"serial", "mrn"} & {*names})
    )


def read(content: bytes) -> Iterator[Row | RowError]:
    """The lines of the file, each a row or what is wrong with it. Raises `Refused` if it is no such file at all."""
    reader = csv.DictReader(io.StringIO(_text(content), newline=""), restkey="__more", strict=True)
    try:
        _check_header(reader.fieldnames)
        for count, cells in enumerate(reader, start=1):
            if count > MAX_ROWS:
                raise Refused(f"The file has more than {MAX_ROWS:,} readings. Split it")
            yield _row(reader.line_num, cells)
    except csv.Error as error:
        raise Refused(f"Line {reader.line_num} is not CSV: {error}. Nothing was taken in") from error


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise Refused("The file is larger than 5 MB. Split it")
    if b"\x00" in content:
        raise Refused("This is not a text file. Save the sheet as CSV, UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("The file is not UTF-8. Save the sheet as CSV, UTF-8") from None


def _check_header(names) -> None:
    if not names:
        raise Refused("The file is empty")
    tidy = [(name or "").strip().lower() for name in names]
    if missing := [name for name in REQUIRED if name not in tidy]:
        raise Refused(f"The header lacks {', '.join(missing)}. The columns are {', '.join(COLUMNS)}")
    if "serial" not in tidy and "mrn" not in tidy:
        raise Refused("The header has neither serial nor mrn. One of them says whose readings these are")
    if strange := [name for name in tidy if name not in COLUMNS]:
        raise Refused(
            f"The header has {strange[0] or 'a column without a name'}. The columns are {', '.join(COLUMNS)}"
        )
    if len(set(tidy)) < len(tidy):
        raise Refused("The header names a column twice")


def _row(line: int, cells: dict) -> Row | RowError:
    if "__more" in cells:
        return RowError(line, "line", "Has more cells than the header. Put values with commas in quotes")
    values = {name.strip().lower(): (cell or "").strip() for name, cell in cells.items()}
    try:
        return _parsed(line, values)
    except BadCell as bad:
        return RowError(line, bad.column, bad.message)


def _parsed(line: int, cells: dict[str, str]) -> Row:
    serial, mrn = cells.get("serial", ""), cells.get("mrn", "")
    if not serial and not mrn:
        raise BadCell(
            "serial", "Is empty, and so is mrn. Give the device's serial number, or the MRN of a typed value"
        )
    measure = _measure(cells["measure"])
    source = _source(cells.get("source", ""), serial)
    taken_at = _moment(cells["taken_at"])
    value, second, original = _values(measure, cells)
    told = {"source": source, "original": original, "serial": serial, "mrn": mrn}
    return Row(line, Incoming(measure, value, taken_at, second, **told))


def _measure(text: str) -> str:
    tidy = text.lower().replace(" ", "_").replace("-", "_")
    if tidy not in Measure.values:
        raise BadCell("measure", f"Is {_quoted(text)}. Write one of {', '.join(Measure.values)}")
    return Measure(tidy)


def _source(text: str, serial: str) -> str:
    if not text:
        return Source.AUTOMATIC if serial else Source.TYPED
    if text.lower() not in Source.values:
        raise BadCell("source", f"Is {_quoted(text)}. Write automatic or typed")
    if text.lower() == Source.AUTOMATIC and not serial:
        raise BadCell("serial", "Is empty. An automatic reading names its device")
    return Source(text.lower())


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadCell(
            "taken_at", f"Is {_quoted(text)}. Write a date and time like 2026-01-05T08:12:00-05:00"
        ) from None
    if moment.tzinfo is None:
        raise BadCell("taken_at", "Has no offset. Add it, like 2026-01-05T08:12:00-05:00")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BadCell("taken_at", f"Is in the year {moment.year}. Check the date")
    return moment.astimezone(UTC)


def _values(measure: str, cells: dict[str, str]) -> tuple[Decimal, Decimal | None, str]:
    """In our own unit, and as they were sent in another."""
    unit, text = cells.get("unit", ""), cells.get("second_value", "")
    numbers = [_number("value", cells["value"]), _number("second_value", text) if text else None]
    try:
        value, second = (number if number is None else in_ours(measure, number, unit) for number in numbers)
        original = as_sent(measure, numbers[0], unit, numbers[1])
    except UnitRefused as refused:
        raise BadCell("unit", refused.message) from refused
    if problem := impossible(measure, value, second):
        raise BadCell(*problem)
    return value, second, original


def _number(column: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 6:
        raise BadCell(column, f"Is {_quoted(text)}. Write a number like 128 or 6.4" if text else "Is empty")
    return number


def _quoted(text: str) -> str:
    return f"“{text[:30]}”" if text else "empty"
