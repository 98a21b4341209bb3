"""The lines of a file as values that come in, by what its columns mean. No database here.

A line is taken wholly or not at all: one cell that cannot be read keeps its other values out too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from foundation.local_time import moments as instants
from monitoring.columns import RowError
from monitoring.files import cells, moments, names, units
from monitoring.files import meanings as m
from monitoring.files.mapping import BY_COLUMN, Column, Mapping, order_of
from monitoring.files.moments import quoted
from monitoring.files.sheet import Sheet, unreadable
from monitoring.files.values import BadCell, Half, incoming_of, part_of, pressure_of
from monitoring.models import Source
from monitoring.readings.incoming import Incoming

LONGEST_NAME = 40


class People(Protocol):
    """Who has a device, as far as a line's time and source depend on it."""

    def zone(self, serial: str, mrn: str, day: date) -> ZoneInfo: ...

    def source(self, serial: str) -> Source: ...


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A line that holds no reading, and what it holds instead."""

    line: int
    why: str


def called(sheet: Sheet, mapping: Mapping, name: str, value: Incoming) -> str:
    """The column of the file, as the file calls it, that gave this part of a value."""
    wanted = {
        "taken_at": (m.MOMENT, m.DATE),
        "value": (value.measure, m.SYSTOLIC, m.VALUE)
        if value.measure == m.PRESSURE
        else (value.measure, m.VALUE),
        "second_value": (m.DIASTOLIC, m.SECOND, m.PRESSURE, m.VALUE),
        "measure": (m.MEASURE, value.measure, m.SYSTOLIC),
    }.get(name, (name,))
    place = next((place for meaning in wanted for place in mapping.places(meaning)), None)
    return sheet.name(place) if place is not None else m.LABELS.get(name, name)


Found = Incoming | RowError | LeftOut


def read(sheet: Sheet, mapping: Mapping, people: People) -> Iterator[tuple[int, Found]]:
    """Each value of each line, or what is wrong with the line, or why it is left out; not in the order of lines."""
    yield from ((error.line, error) for error in sheet.broken)
    reader = _Reader(sheet, mapping, people, order_of(sheet, mapping).order)
    for line, row in sheet.rows:
        try:
            yield from ((line, value) for value in reader.values(line, row))
        except BadCell as bad:
            yield line, RowError(line, bad.column, bad.message)
    yield from ((error.line, error) for error in reader.halves_left())


@dataclass
class _Reader:
    sheet: Sheet
    mapping: Mapping
    people: People
    order: str
    halves: dict[tuple, tuple[Half, dict]] = field(default_factory=dict)

    def __post_init__(self):
        widths = {len(row) for _, row in self.sheet.rows}
        # A separator behind the last cell of every line adds an empty one; of some lines alone it moves values about.
        self.wide = len(widths) == 1
        self.measures = [
            (place, column)
            for place, column in enumerate(self.mapping.columns)
            if column.meaning in m.MEASURES
        ]
        self.places = {
            column.meaning: place for place, column in reversed(list(enumerate(self.mapping.columns)))
        }
        # One that was chosen holds also beside a column of offsets, which then says where the patient was.
        self.zone = ZoneInfo(self.mapping.zone) if self.mapping.zone not in {"", BY_COLUMN} else None
        self.long = m.MEASURE in self.places

    def values(self, line: int, row: tuple[str, ...]) -> Iterator[Found]:
        row = self._fitting(row)
        if why := self._left_out(row):
            yield LeftOut(line, why)
            return
        serial, mrn = self._persons(row)
        source = self._source(row, serial)
        taken_at = self._moment(row, serial, mrn)
        about = {"taken_at": taken_at, "source": source, "serial": serial, "mrn": mrn}
        if self.long:
            yield from self._one(line, row, about)
            return
        yield from list(self._several(line, row, about))

    def _fitting(self, row: tuple[str, ...]) -> tuple[str, ...]:
        width = self.sheet.width
        if len(row) > width and (any(row[width:]) or not self.wide):
            raise BadCell("line", "Has more cells than the header. Put values with the separator in quotes")
        return row + ("",) * (width - len(row))

    def _cell(self, row: tuple[str, ...], meaning: str) -> str:
        place = self.places.get(meaning)
        return "" if place is None or cells.is_empty(row[place]) else row[place]

    def _called(self, meaning: str) -> str:
        place = self.places.get(meaning)
        return m.LABELS[meaning] if place is None else self.sheet.name(place)

    def _left_out(self, row: tuple[str, ...]) -> str:
        """Why the line holds no reading, or nothing."""
        kind = self._cell(row, m.KIND)
        if names.is_summary(next(filter(None, row), "")) and not self._says_when(row):
            return "a summary"
        if kind and names.is_reading(kind) is False:
            return f"of kind {quoted(kind)}"
        filled = self._filled(row)
        if not filled:
            return f"of kind {quoted(kind)}, without a value" if kind else "without a value"
        if kind and names.is_reading(kind) is None:
            raise BadCell(
                self._called(m.KIND),
                f"Is {quoted(kind)}, a kind of line not known here. If all lines are readings, leave this column out",
            )
        return ""

    def _says_when(self, row: tuple[str, ...]) -> bool:
        text = self._cell(row, m.MOMENT) or self._cell(row, m.DATE)
        return any(sign.isdigit() for sign in text)

    def _filled(self, row: tuple[str, ...]) -> bool:
        if not self.long:
            return any(not cells.is_empty(row[place]) for place, _ in self.measures)
        return bool(self._cell(row, m.VALUE))

    def _persons(self, row: tuple[str, ...]) -> tuple[str, str]:
        serial = self.mapping.serial or self._cell(row, m.SERIAL)
        mrn = self.mapping.mrn or self._cell(row, m.MRN)
        if unreadable((serial, mrn)):
            raise BadCell(self._called(m.SERIAL), "Holds an invisible sign. Type the number again")
        if not serial and not mrn:
            column = m.SERIAL if (m.SERIAL in self.places) else m.MRN
            raise BadCell(self._called(column), "Is empty, so nobody knows whose reading this is. Fill it in")
        return serial, mrn

    def _source(self, row: tuple[str, ...], serial: str) -> Source:
        if not serial:
            return Source.TYPED
        text = self._cell(row, m.SOURCE)
        if not text:
            return self.people.source(serial)
        if (source := names.source(text, self._called(m.SOURCE))) is None:
            raise BadCell(self._called(m.SOURCE), f"Is {quoted(text)}. Write automatic or manual")
        return source

    def _moment(self, row: tuple[str, ...], serial: str, mrn: str) -> datetime:
        column = self._called(m.MOMENT if (m.MOMENT in self.places) else m.DATE)
        when = self._when(row, column)
        zone = when.zone or self.zone or self._zone_of_line(row)
        if zone is None or isinstance(zone, ZoneInfo):
            zone = zone or self.people.zone(serial, mrn, when.day)
            return _on_the_clock(column, when, zone)
        return datetime.combine(when.day, when.clock, zone).astimezone(UTC)

    def _when(self, row: tuple[str, ...], column: str) -> moments.When:
        text = self._cell(row, m.MOMENT) or self._cell(row, m.DATE)
        if not text:
            raise BadCell(column, "Is empty. Every reading needs its date and time")
        try:
            when = moments.read(text, self.order)
        except moments.BadMoment as bad:
            raise BadCell(column, str(bad)) from None
        if m.MOMENT not in self.places:
            when = self._with_time(row, moments.without_clock(when))
        if not when.whole:
            lacks = "time of day" if when.day else "date"
            raise BadCell(column, f"Is {quoted(text)}, without the {lacks}. Every reading needs both")
        return when

    def _with_time(self, row: tuple[str, ...], day: moments.When) -> moments.When:
        column, text = self._called(m.TIME), self._cell(row, m.TIME)
        if not text:
            raise BadCell(column, "Is empty. Every reading needs its time")
        try:
            clock = moments.read_time(text, self.order)
        except moments.BadMoment as bad:
            raise BadCell(column, str(bad)) from None
        if clock.clock is None or clock.day is not None:
            raise BadCell(column, f"Is {quoted(text)}, which is no time of day. {moments.LIKE}")
        return day.beside(clock)

    def _zone_of_line(self, row: tuple[str, ...]) -> tzinfo | None:
        text = self._cell(row, m.ZONE)
        if not text:
            return None
        try:
            zone = moments.zone_named(text)
        except moments.BadMoment as bad:
            raise BadCell(self._called(m.ZONE), str(bad)) from None
        if zone is None:
            raise BadCell(
                self._called(m.ZONE), f"Is {quoted(text)}. Write an offset like -05:00, or America/New_York"
            )
        return zone

    def _several(self, line: int, row: tuple[str, ...], about: dict) -> Iterator[Found]:
        """A line with a column for each value."""
        unit = self._unit_of_line(row)
        halves: dict[str, Half] = {}
        found: dict[str, Incoming | None] = {}
        for place, column in self.measures:
            text, called = row[place], self.sheet.name(place)
            if cells.is_empty(text):
                continue
            measure = m.MEASURES[column.meaning]
            part = part_of(text, column.meaning, self._unit_for(measure, column, unit, called), called, line)
            if column.meaning in {m.SYSTOLIC, m.DIASTOLIC}:
                halves[column.meaning] = part
                found.setdefault(measure, None)
            else:
                self._put(found, incoming_of(measure, part, about), called)
        if halves:
            self._put(found, self._whole(halves, about), self._called(m.SYSTOLIC))
        yield from found.values()

    def _unit_for(self, measure: str, column: Column, of_line: str, called: str) -> str:
        """The column's own, else the line's where that is a unit of this measure, or there is no other measure."""
        if of_line not in units.OF[measure] and len(self.measures) > 1:
            return column.unit
        if column.unit and of_line and column.unit != of_line:
            raise BadCell(
                called,
                f"Is in {units.shown(column.unit)}, but the line says {units.shown(of_line)}. Correct one",
            )
        return column.unit or of_line

    def _put(self, found: dict[str, Incoming | None], value: Incoming, called: str) -> None:
        before = found.get(value.measure)
        if before is not None and before != value:
            raise BadCell(
                called, "Differs from the same measure in another column. Leave one of the columns out"
            )
        found[value.measure] = value

    def _whole(self, halves: dict[str, Half], about: dict) -> Incoming:
        for meaning in (m.SYSTOLIC, m.DIASTOLIC):
            if meaning not in halves:
                raise BadCell(self._called(meaning), "Is empty. A blood pressure has both values")
        return pressure_of(halves[m.SYSTOLIC], halves[m.DIASTOLIC], about)

    def _unit_of_line(self, row: tuple[str, ...]) -> str:
        text = self._cell(row, m.UNIT)
        unit = units.known(text) if text else ""
        if text and not unit:
            raise BadCell(
                self._called(m.UNIT),
                f"Is {quoted(text)}, a unit not known here. Leave the line out, or correct it",
            )
        return unit

    def _one(self, line: int, row: tuple[str, ...], about: dict) -> Iterator[Found]:
        """A line with one value and the name of its measure."""
        text, name = self._cell(row, m.VALUE), self._cell(row, m.MEASURE)
        named = names.measure(name)
        if not named.meaning:
            yield LeftOut(
                line,
                f"{quoted(name[:LONGEST_NAME])}, which is no measure here" if name else "without a measure",
            )
            return
        column = self.mapping.columns[self.places[m.VALUE]]
        unit = (
            named.unit
            or self._unit_of_line(row)
            or (column.unit if column.unit in units.OF[m.MEASURES[named.meaning]] else "")
        )
        called, meaning = self._called(m.VALUE), named.meaning
        if meaning == m.PRESSURE and (second := self._cell(row, m.SECOND)):
            upper = part_of(text, m.SYSTOLIC, unit, called, line)
            yield pressure_of(upper, part_of(second, m.DIASTOLIC, unit, self._called(m.SECOND), line), about)
            return
        part = part_of(text, meaning, unit, called, line)
        if meaning in {m.SYSTOLIC, m.DIASTOLIC}:
            yield from self._half(part, about)
            return
        yield incoming_of(meaning, part, about)

    def _half(self, part: Half, about: dict) -> Iterator[Found]:
        """Systolic and diastolic in lines of their own are one reading if they are of one device and moment.

        It is typed if one of them is.
        """
        key = (about["taken_at"], about["serial"], about["mrn"])
        if key not in self.halves:
            self.halves[key] = (part, about)
            return
        other, before = self.halves[key]
        if other.meaning == part.meaning:
            raise BadCell(
                part.column,
                f"Comes twice for this moment: in line {other.line} too. Leave one of the lines out",
            )
        del self.halves[key]
        upper, lower = (other, part) if other.meaning == m.SYSTOLIC else (part, other)
        typed = Source.TYPED in {about["source"], before["source"]}
        yield pressure_of(upper, lower, {**about, "source": Source.TYPED} if typed else about)

    def halves_left(self) -> Iterator[RowError]:
        for half, _ in self.halves.values():
            lacks = m.DIASTOLIC if half.meaning == m.SYSTOLIC else m.SYSTOLIC
            yield RowError(
                half.line,
                half.column,
                f"Has no {lacks} value of the same moment. A blood pressure has both values",
            )


def _on_the_clock(column: str, when: moments.When, zone: ZoneInfo) -> datetime:
    """The instant at which the clocks there showed this. An hour that was skipped, or came twice, is not guessed."""
    if (offset := _offset_of(when.day, zone)) is not None:
        return datetime.combine(when.day, when.clock, offset).astimezone(UTC)
    found = instants(when.day, when.clock, tz=zone)
    shown = f"{when.clock:%H:%M} on {when.day:%-d %b %Y}"
    if not found:
        raise BadCell(
            column, f"The clocks skipped {shown} there. Correct the time, or give it with its offset"
        )
    if len(found) > 1:
        raise BadCell(
            column,
            f"The clocks showed {shown} twice there. "
            f"Give it with its offset, like {found[0].astimezone(zone).isoformat()}",
        )
    return found[0]


@lru_cache(maxsize=4096)
def _offset_of(day: date, zone: ZoneInfo) -> timezone | None:
    """The offset of the whole day, from the evening before to the next morning; None where clocks change."""
    noon = datetime.combine(day, time(12), zone)
    offsets = {(noon + timedelta(hours=hours)).utcoffset() for hours in (-18, 0, 18)}
    return timezone(offsets.pop()) if len(offsets) == 1 else None
