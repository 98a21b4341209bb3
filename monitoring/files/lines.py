"""The lines of a file as values that come in, by what its columns mean. No database here.

A line is taken wholly or not at all: one cell that cannot be read keeps its other values out too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from itertools import product
from typing import Protocol
from zoneinfo import ZoneInfo

from foundation.local_time import moments as instants
from foundation.refusals import Refused
from monitoring.columns import RowError
from monitoring.files import cells, moments, names, units
from monitoring.files import meanings as m
from monitoring.files.mapping import Mapping, order_of
from monitoring.files.moments import quoted
from monitoring.files.sheet import Sheet, unreadable
from monitoring.models import Source
from monitoring.readings.incoming import Incoming
from monitoring.readings.units import as_sent, impossible, in_ours

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


class BadCell(Exception):
    def __init__(self, column: str, message: str):
        super().__init__(message)
        self.column, self.message = column, message


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


@dataclass(slots=True)
class _Half:
    line: int
    meaning: str
    numbers: tuple[Decimal, ...]
    unit: str
    column: str


@dataclass
class _Reader:
    sheet: Sheet
    mapping: Mapping
    people: People
    order: str
    halves: dict[tuple, _Half] = field(default_factory=dict)

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
        self.zone = ZoneInfo(self.mapping.zone) if self.mapping.zone else None
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
        if (source := names.source(text)) is None:
            raise BadCell(self._called(m.SOURCE), f"Is {quoted(text)}. Write automatic or manual")
        return source

    def _moment(self, row: tuple[str, ...], serial: str, mrn: str) -> datetime:
        column = self._called(m.MOMENT if (m.MOMENT in self.places) else m.DATE)
        when = self._when(row, column)
        zone = when.zone or self._zone_of_line(row) or self.zone
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
            clock = moments.read(text, self.order)
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
        halves: dict[str, _Half] = {}
        found: dict[str, Incoming] = {}
        for place, column in self.measures:
            text, called = row[place], self.sheet.name(place)
            if cells.is_empty(text):
                continue
            measure = m.MEASURES[column.meaning]
            of_line = unit if unit in units.OF[measure] or len(self.measures) == 1 else ""
            part = _part(text, column.meaning, column.unit or of_line, called, line)
            if column.meaning in {m.SYSTOLIC, m.DIASTOLIC}:
                halves[column.meaning] = part
                continue
            value = _incoming(measure, part, about)
            if found.setdefault(measure, value) != value:
                raise BadCell(
                    called, "Differs from the same measure in another column. Leave one of the columns out"
                )
        if halves:
            found[m.PRESSURE] = self._whole(halves, about)
        yield from found.values()

    def _whole(self, halves: dict[str, _Half], about: dict) -> Incoming:
        for meaning in (m.SYSTOLIC, m.DIASTOLIC):
            if meaning not in halves:
                raise BadCell(self._called(meaning), "Is empty. A blood pressure has both values")
        return _pressure(halves[m.SYSTOLIC], halves[m.DIASTOLIC], about)

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
            upper = _part(text, m.SYSTOLIC, unit, called, line)
            yield _pressure(upper, _part(second, m.DIASTOLIC, unit, self._called(m.SECOND), line), about)
            return
        part = _part(text, meaning, unit, called, line)
        if meaning in {m.SYSTOLIC, m.DIASTOLIC}:
            yield from self._half(part, about)
            return
        yield _incoming(meaning, part, about)

    def _half(self, part: _Half, about: dict) -> Iterator[Found]:
        """Systolic and diastolic in lines of their own are one reading if they are of one device and moment."""
        key = tuple(about.values())
        other = self.halves.get(key)
        if other is None:
            self.halves[key] = part
            return
        if other.meaning == part.meaning:
            raise BadCell(
                part.column,
                f"Comes twice for this moment: in line {other.line} too. Leave one of the lines out",
            )
        del self.halves[key]
        upper, lower = (other, part) if other.meaning == m.SYSTOLIC else (part, other)
        yield _pressure(upper, lower, about)

    def halves_left(self) -> Iterator[RowError]:
        for half in self.halves.values():
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


def _part(text: str, meaning: str, unit: str, column: str, line: int) -> _Half | tuple[_Half, _Half]:
    """One cell's figure with its unit: its own, else its column's."""
    try:
        if meaning == m.PRESSURE:
            upper, lower, own = cells.pair(text)
        else:
            upper, own = cells.figure(text)
    except cells.BadValue as bad:
        raise BadCell(column, str(bad)) from None
    if own and unit and own != unit:
        raise BadCell(
            column,
            f"Is in {units.shown(own)}, but the file says {units.shown(unit)}. Correct the one that is wrong",
        )
    unit, measure = own or unit, m.MEASURES[meaning]
    if not unit and measure in units.SAID:
        raise BadCell(column, "Has no unit. Write it behind the value, or choose it for the column")
    if meaning == m.PRESSURE:
        return (_Half(line, m.SYSTOLIC, upper, unit, column), _Half(line, m.DIASTOLIC, lower, unit, column))
    return _Half(line, meaning, upper, unit, column)


def _incoming(measure: str, part: _Half | tuple[_Half, _Half], about: dict) -> Incoming:
    if isinstance(part, tuple):
        return _pressure(*part, about)
    return _possible(
        measure, tuple((number, None) for number in part.numbers), part.unit, (part.column,) * 2, about
    )


def _pressure(upper: _Half, lower: _Half, about: dict) -> Incoming:
    if upper.unit != lower.unit and upper.unit and lower.unit:
        raise BadCell(
            lower.column, f"Is in {units.shown(lower.unit)}, and systolic in {units.shown(upper.unit)}"
        )
    columns = (upper.column, lower.column)
    return _possible(
        m.PRESSURE, tuple(product(upper.numbers, lower.numbers)), upper.unit or lower.unit, columns, about
    )


def _possible(measure: str, meant: tuple, unit: str, columns: tuple[str, str], about: dict) -> Incoming:
    value, second, original, problem = _in_ours(measure, meant, unit)
    if problem:
        raise BadCell(columns[problem[0] == "second_value"], problem[1])
    return Incoming(measure=measure, value=value, second_value=second, original=original, **about)


@lru_cache(maxsize=16384)
def _in_ours(measure: str, meant: tuple, unit: str) -> tuple:
    """Of what the cells can mean, what a person can show; at most one of them is. Else what is wrong with the first."""
    wrong: tuple[str, str] | None = None
    for value, second in meant:
        try:
            ours = in_ours(measure, value, unit)
            ours_second = None if second is None else in_ours(measure, second, unit)
        except Refused as refusal:
            wrong = wrong or ("value", refusal.message)
            continue
        if (problem := impossible(measure, ours, ours_second)) is None:
            return ours, ours_second, as_sent(measure, value, unit, second), None
        wrong = wrong or problem
    return None, None, "", wrong
