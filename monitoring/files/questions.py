"""What has to be answered before a file can be read. What can mean two things is asked, never guessed. No database."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitoring.files import cells, headings, moments, units
from monitoring.files import meanings as m
from monitoring.files.mapping import AS_COLUMN, BY_COLUMN, SAMPLE, UTC_ZONE, Mapping, distinct, order_of
from monitoring.files.sheet import Sheet

_OFFSET = re.compile(r"(?i)(?:utc|gmt)?\s?[+-]\s?\d.*")


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be answered before the file can be read: at which field of the page, and the sentence."""

    field: str
    sentence: str


def of(sheet: Sheet, mapping: Mapping) -> list[Question]:
    return [
        *_of_time(sheet, mapping),
        *_of_values(sheet, mapping),
        *_of_two_units(sheet, mapping),
        *_of_units(sheet, mapping),
        *_of_person(mapping),
        *_of_several_people(sheet, mapping),
    ]


def _of_time(sheet: Sheet, mapping: Mapping) -> Iterator[Question]:
    yield from _twice(sheet, mapping, (m.MOMENT, m.DATE, m.TIME, m.ZONE))
    if not mapping.has(m.MOMENT) and not (mapping.has(m.DATE) and mapping.has(m.TIME)):
        lacks = (
            "the time of day"
            if mapping.has(m.DATE)
            else "the date"
            if mapping.has(m.TIME)
            else "date and time"
        )
        yield Question("", f"No column gives {lacks}. Every reading needs both")
    elif (settled := order_of(sheet, mapping)).asked:
        yield Question("order", f"{settled.why}. Choose in which order the file writes dates")
    yield from _of_zone(sheet, mapping)


def _of_zone(sheet: Sheet, mapping: Mapping) -> Iterator[Question]:
    """Beside a column of offsets a time without one is local there, or in UTC: vendors do both."""
    place, when = mapping.place(m.ZONE), mapping.when
    for each in () if mapping.zone else mapping.places(m.MOMENT, m.DATE, m.TIME):
        if said := headings.understood(sheet.header[each]).zone:
            yield Question("zone", f"“{sheet.name(each)}” names the zone {said}. Choose it")
    if mapping.zone == BY_COLUMN and place is None:
        yield Question("zone", "No column gives the zone. Choose another one")
    if place is None or when is None or mapping.zone in {UTC_ZONE, BY_COLUMN}:
        return
    called, time = sheet.name(place), sheet.name(when)
    if mapping.zone:
        yield Question(
            "zone",
            f"“{called}” says a zone for each line too. Leave that column out, or choose “{AS_COLUMN}”",
        )
    elif _may_be_utc(sheet, mapping, place, when):
        yield Question(
            "zone",
            f"“{time}” can be the local time at the offset of “{called}”, or UTC. Choose “{AS_COLUMN}” or UTC",
        )


def _may_be_utc(sheet: Sheet, mapping: Mapping, place: int, when: int) -> bool:
    if "local" in headings.key(sheet.name(when)) or not any(map(_OFFSET.fullmatch, distinct(sheet, place))):
        return False
    times = [when, *mapping.places(m.TIME)]
    return not any(all(map(moments.says_zone, sheet.samples(each, SAMPLE))) for each in times)


def _twice(sheet: Sheet, mapping: Mapping, meanings: Iterable[str]) -> Iterator[Question]:
    for meaning in meanings:
        first, *more = mapping.places(meaning) or [None]
        for place in more:
            yield Question(
                f"column_{place}",
                f"{m.LABELS[meaning]} is given by “{sheet.name(first)}” too. Choose one of them",
            )


def _of_values(sheet: Sheet, mapping: Mapping) -> Iterator[Question]:
    yield from _twice(
        sheet,
        mapping,
        (m.SYSTOLIC, m.DIASTOLIC, m.MEASURE, m.VALUE, m.SECOND, m.UNIT, m.SERIAL, m.MRN, m.KIND, m.SOURCE),
    )
    if mapping.has(m.SYSTOLIC) != mapping.has(m.DIASTOLIC):
        lacks = m.DIASTOLIC if mapping.has(m.SYSTOLIC) else m.SYSTOLIC
        yield Question("", f"No column gives {lacks}. A blood pressure has both values")
    if mapping.long != mapping.has(m.VALUE):
        there, lacks = (m.MEASURE, m.VALUE) if mapping.long else (m.VALUE, m.MEASURE)
        yield Question(
            f"column_{mapping.place(there)}",
            "No column gives its value. Choose one" if lacks == m.VALUE else "Say what it measures",
        )
    elif not mapping.long and not mapping.places(*m.MEASURES):
        yield Question("", "No column gives a value, like systolic, glucose or weight. Choose one")


def _of_two_units(sheet: Sheet, mapping: Mapping) -> Iterator[Question]:
    """The same weight in kilograms and in pounds: rounded, the two differ."""
    first: dict[str, int] = {}
    for place, column in enumerate(mapping.columns):
        if not column.unit or column.meaning not in m.MEASURES or not sheet.samples(place, 1):
            continue
        before = first.setdefault(column.meaning, place)
        if mapping.columns[before].unit != column.unit:
            yield Question(
                f"column_{place}",
                f"{m.LABELS[column.meaning]} is given by “{sheet.name(before)}” too, in another unit. Leave one out",
            )


def _of_units(sheet: Sheet, mapping: Mapping) -> Iterator[Question]:
    """A weight of 85 can be kilograms or pounds: where the file does not say its unit, it is asked."""
    if mapping.has(m.UNIT):
        return
    for place, column in enumerate(mapping.columns):
        if (
            m.MEASURES.get(column.meaning) in units.SAID
            and not column.unit
            and not _each_has_unit(sheet, place)
        ):
            label = m.LABELS[column.meaning]
            yield Question(f"unit_{place}", f"Choose the unit of {label}. The file does not say it")


def _each_has_unit(sheet: Sheet, place: int) -> bool:
    """So it is of an empty column, of which nothing has to be known."""
    return all(_has_unit(text) for text in sheet.samples(place, SAMPLE))


def _has_unit(text: str) -> bool:
    try:
        return bool(cells.figure(text)[1])
    except cells.BadValue:
        return True


def _of_person(mapping: Mapping) -> Iterator[Question]:
    for field, said in ((m.SERIAL, mapping.serial), (m.MRN, mapping.mrn)):
        if said and mapping.has(field):
            yield Question(field, f"{m.LABELS[field]} is given by a column too. Choose one of them")
    if not (mapping.has(m.SERIAL) or mapping.has(m.MRN) or mapping.serial or mapping.mrn):
        yield Question(
            "serial",
            "No column says whose readings these are. Give the device’s serial number, or the patient’s MRN",
        )


def _of_several_people(sheet: Sheet, mapping: Mapping) -> Iterator[Question]:
    """A cuff at home has a button for each user: the readings of two people are not one patient's."""
    if mapping.has(m.SERIAL) or mapping.has(m.MRN):
        return
    for place, name in enumerate(sheet.header):
        people = sorted(distinct(sheet, place)) if headings.key(name) in headings.PEOPLE else []
        if len(people) > 1 and not mapping.columns[place].meaning:
            shown = ", ".join(moments.quoted(each) for each in people[:3])
            yield Question(
                f"column_{place}",
                f"“{name}” tells {len(people)} people apart: {shown}. Keep the patient’s lines alone in the file",
            )
