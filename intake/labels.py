"""Rows and their values in words, as the pages print them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from uuid import UUID

from django.db.models import Q

from intake import selectors
from intake.covering import SINCE, choosable
from intake.fields import COVERAGE, FIELDS
from intake.matching import OWN
from intake.models import Candidate, PatientImport, Standing
from patients import selectors as people_selectors
from patients.forms.fields import ZONES
from patients.models import Patient, Sex
from payers.selectors import payer_names

_SHOWN = (*OWN, *COVERAGE, SINCE)


class Tab(Enum):
    """The lists of an import's page, in the order in which they are looked at."""

    DOUBLES = "doubles"
    DIFFERENT = "different"
    ERRORS = "errors"
    NEW = "new"
    SAME = "same"

    @property
    def label(self) -> str:
        return _TABS[self][0]

    @property
    def standings(self) -> tuple[Standing, ...]:
        return _TABS[self][1]

    @property
    def rows(self) -> Q:
        return Q(standing__in=self.standings)

    @property
    def is_decided(self) -> bool:
        """Whether its rows need a decision."""
        return self in {Tab.DOUBLES, Tab.DIFFERENT}

    def count(self, counts: dict[str, int]) -> int:
        return sum(counts[str(standing)] for standing in self.standings)

    @classmethod
    def of(cls, row: Candidate) -> "Tab":
        return next(tab for tab in cls if row.standing in tab.standings)

    @classmethod
    def asked_for(cls, word: str, counts: dict[str, int]) -> "Tab":
        """The one of the address, else the first that has rows."""
        asked = next((tab for tab in cls if tab.value == word), None)
        return asked or next((tab for tab in cls if tab.count(counts)), cls.NEW)


_TABS = {
    Tab.DOUBLES: ("Likely doubles", (Standing.DOUBLE, Standing.OTHER_NAME)),
    Tab.DIFFERENT: ("Different", (Standing.CHANGED,)),
    Tab.ERRORS: ("With errors", (Standing.WRONG,)),
    Tab.NEW: ("New", (Standing.NEW,)),
    Tab.SAME: ("Already here", (Standing.SAME,)),
}


def in_words(field: str, value: str, payers: Mapping[str, str]) -> str:
    """A stored value as a person reads it. `payers`: the practice's, by slug."""
    if not value:
        return ""
    if field in {"born_on", "coverage_on"}:
        return f"{date.fromisoformat(value):%d-%b-%Y}"
    if field == "sex":
        return Sex(value).label
    if field == "payer":
        return payers.get(value, value)
    return ZONES.get(value, value) if field == "time_zone" else value


@dataclass(frozen=True, slots=True)
class Printed:
    """A row of a list: `differs` as (label, here, what the file says); `twin`: whom the row like it became."""

    row: Candidate
    name: str
    born_on: str
    mrn: str
    differs: list[tuple[str, str, str]]
    patient: Patient | None
    twin: Patient | None

    @property
    def decision(self) -> str:
        return self.row.get_decision_display() if self.row.decision else ""


def rows_to_print(found: PatientImport, rows: Iterable[Candidate]) -> list[Printed]:
    """With the patients whose values they show, and those whom their twins became, in two queries."""
    rows = list(rows)
    people = _people(found.practice, rows)
    twins = selectors.came_in(found, [row.twin for row in rows if row.twin])
    payers = payer_names(found.practice)
    return [
        _printed(row, people.get(row.patient_id), twins.get(row.twin or 0), "file", payers) for row in rows
    ]


def arrivals_to_print(practice, rows: Iterable[Candidate]) -> list[Printed]:
    """As rows of a file are, of messages."""
    rows = list(rows)
    people = _people(practice, rows)
    payers = payer_names(practice)
    return [_printed(row, people.get(row.patient_id), None, "message", payers) for row in rows]


def _people(practice, rows: list[Candidate]) -> dict[UUID, Patient]:
    ids = {row.patient_id for row in rows if row.patient_id}
    return {person.pk: person for person in Patient.objects.for_practice(practice).filter(pk__in=ids)}


def _printed(
    row: Candidate, patient: Patient | None, twin: Patient | None, holder: str, payers: Mapping[str, str]
) -> Printed:
    return Printed(
        row=row,
        name=name_of(row),
        born_on=in_words("born_on", row.values.get("born_on", ""), payers),
        mrn=row.values.get("mrn", ""),
        differs=[
            (FIELDS[f].label, in_words(f, a, payers), _said(f, b, holder, payers))
            for f, (a, b) in row.differs.items()
        ],
        patient=patient,
        twin=twin,
    )


def _said(field: str, value: str, holder: str, payers: Mapping[str, str]) -> str:
    if field == SINCE:
        return f"would hold from {_day(value)}"
    return f"in the {holder} {in_words(field, value, payers) or 'empty'}"


def _day(value: str) -> str:
    return in_words(SINCE, value, {}) or "the day it is taken in"


def name_of(row: Candidate) -> str:
    """As a chart prints it, as far as the row gives it."""
    family, given = row.values.get("family_name", ""), row.values.get("given_name", "")
    return ", ".join(filter(None, [family.upper(), given]))


@dataclass(frozen=True, slots=True)
class Line:
    """One field of the row and of each patient beside it. `choice` is its field where it can be taken over."""

    label: str
    file: str
    here: list[str]
    choice: str

    @property
    def differs(self) -> bool:
        return any(value.casefold() != self.file.casefold() for value in self.here)


def side_by_side(row: Candidate, people: list[Patient]) -> list[Line]:
    """Every field that one of them has."""
    stored, payers = [_stored(person) for person in people], payer_names(row.practice)
    lines = []
    for field in _SHOWN:
        here = [in_words(field, values[field], payers) for values in stored]
        file = _in_file(row, field, payers)
        if file or any(here):
            lines.append(
                Line(FIELDS[field].label, file, here, field if field in choosable(row.differs) else "")
            )
    return lines


def _in_file(row: Candidate, field: str, payers: Mapping[str, str]) -> str:
    """What the file says; of the day of coverage, what would come of it."""
    said = in_words(field, row.values.get(field, ""), payers)
    if field != SINCE or SINCE not in row.differs:
        return said
    holds = f"Would hold from {_day(row.differs[SINCE][1])}"
    return f"{said}. {holds}" if said and not row.differs[SINCE][1] else holds


def _stored(person: Patient) -> dict[str, str]:
    """What is here of a patient, as text, with today's coverage."""
    coverage = people_selectors.coverage_on(person, person.practice.today())
    own = {name: str(getattr(person, name)) for name in OWN}
    since = coverage.starts_on.isoformat() if coverage else ""
    return own | {name: getattr(coverage, name, "") for name in COVERAGE} | {SINCE: since}
