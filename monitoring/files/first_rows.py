"""The first readings of a file in words, as they were understood, for somebody who compares them with the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from foundation.refusals import Refused
from monitoring.files import lines, questions
from monitoring.files import mapping as mappings
from monitoring.files.lines import People
from monitoring.files.people import PracticePeople
from monitoring.files.understood import Understood
from monitoring.models import Source
from monitoring.readings.incoming import Incoming
from patients.labels import as_sent
from patients.models import UNITS, Measure

MOST, LOOKED_AT = 8, 20
NOBODY = "Not said yet"


@dataclass(frozen=True, slots=True)
class FirstRow:
    line: int
    whose: str
    when: str
    what: str
    value: str
    sent: str


def of_values(values: Sequence[tuple[int, Incoming]], practice) -> list[FirstRow]:
    some = values[:MOST]
    people = PracticePeople(practice, (value.serial for _, value in some), (value.mrn for _, value in some))
    return [_row(line, value, people) for line, value in some]


def of_file(found: Understood, practice) -> list[FirstRow]:
    """Before all is answered: as far as the file can be read by now. Whose readings they are may be open."""
    mapping = found.mapping
    if any(question.field == "serial" for question in found.questions):
        mapping = replace(mapping, serial=NOBODY)
    sheet = replace(found.sheet, rows=found.sheet.rows[:LOOKED_AT], broken=())
    if questions.of(found.sheet, mapping):
        return []
    people = PracticePeople.of(practice, sheet, mapping)
    order = mappings.order_of(found.sheet, mapping).order
    try:
        return list(islice(_rows(sheet, replace(mapping, order=order), people), MOST))
    except Refused:
        return []


def _rows(sheet, mapping, people: People) -> Iterator[FirstRow]:
    for line, value in lines.read(sheet, mapping, people):
        if isinstance(value, Incoming):
            yield _row(line, value, people)


def _row(line: int, value: Incoming, people: People) -> FirstRow:
    rough = value.taken_at.date()
    tz = people.zone(value.serial, value.mrn, rough)
    second = "" if value.second_value is None else f"/{_plain(value.second_value)}"
    whose = value.serial if value.serial else f"MRN {value.mrn}"
    return FirstRow(
        line=line,
        whose=f"{whose}, typed" if value.source == Source.TYPED and value.serial else whose,
        when=f"{value.taken_at.astimezone(tz):%d-%b-%Y %H:%M %Z}",
        what=Measure(value.measure).label,
        value=f"{_plain(value.value)}{second} {UNITS[Measure(value.measure)]}",
        sent=as_sent(value.original),
    )


def _plain(number) -> str:
    return f"{number.normalize():f}"
