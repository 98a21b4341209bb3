"""Rows against the practice's patients, by MRN: new, the same, different, or likely somebody who is here already."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from intake import covering, similar
from intake.models import Candidate, ImportedPatient, Standing, What
from patients.merges import by_mrn, in_use
from patients.models import Coverage, Patient, Sex

OWN = ("family_name", "given_name", "born_on", "sex", "mrn", "phone", "language", "time_zone")
# Two of these that differ are likely another person, however alike the family names are.
WHO = ("family_name", "given_name", "born_on")
# Up to so many patients are shown beside a row that may be one of them.
DOUBLES = 5


@dataclass
class _Known:
    """What the practice has on everybody whom the rows may mean; five queries, whatever their number."""

    practice: object
    by_mrn: dict[str, Patient] = field(default_factory=dict)
    coverages: dict[UUID, list[Coverage]] = field(default_factory=lambda: defaultdict(list))
    by_likeness: dict[tuple[date, str], list[Patient]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, practice, rows: list[Candidate]) -> "_Known":
        known = cls(practice)
        people = in_use(Patient.objects.for_practice(practice))
        known.by_mrn = by_mrn(practice, (row.values["mrn"] for row in rows))
        ids = [person.pk for person in known.by_mrn.values()]
        for covered in Coverage.objects.for_practice(practice).filter(patient__in=ids):
            known.coverages[covered.patient_id].append(covered)
        days = {row.values["born_on"] for row in rows if row.values["mrn"] not in known.by_mrn}
        for person in people.filter(born_on__in=days).order_by("family_name", "given_name", "pk"):
            for key in similar.keys(person.family_name):
                known.by_likeness[person.born_on, key].append(person)
        return known


def match(rows: Iterable[Candidate], practice, *, today: date, own: Iterable[UUID] = ()) -> None:
    """Say of each row without problems how it stands. Nothing is saved.

    `own`: patients whom this import brought already; whether its rows resemble each other was asked before.
    """
    good = [row for row in rows if not row.problems]
    known, brought = _Known.of(practice, good), set(own)
    for row in good:
        row.patient = known.by_mrn.get(row.values["mrn"])
        if row.patient is None:
            _match_new(row, known, brought)
        else:
            _match_here(row, row.patient, known.coverages[row.patient.pk], today)


def _digest(people: Iterable[UUID]) -> str:
    """Another one if one more or another person is likely the same, shown or not."""
    return hashlib.sha256(" ".join(sorted(map(str, people))).encode()).hexdigest()


def match_again(row: Candidate, patient: Patient, *, today: date) -> None:
    """One row against its patient, who is locked: what it is compared with stays so until it is written over."""
    held = Coverage.objects.for_practice(patient.practice).filter(patient=patient)
    _match_here(row, patient, list(held), today)


def _match_new(row: Candidate, known: _Known, brought: set[UUID]) -> None:
    born_on = date.fromisoformat(row.values["born_on"])
    found: dict[UUID, None] = {}
    for key in sorted(similar.keys(row.values["family_name"])):
        for person in known.by_likeness.get((born_on, key), ()):
            if person.pk not in brought:
                found[person.pk] = None
    row.doubles, row.differs = [str(pk) for pk in list(found)[:DOUBLES]], {}
    row.everybody = _digest(found) if len(found) > DOUBLES else ""
    row.standing = Standing.DOUBLE if row.doubles or row.twin else Standing.NEW


def _match_here(row: Candidate, patient: Patient, held: list[Coverage], today: date) -> None:
    row.doubles, row.everybody, row.twin = [], "", None
    row.differs = dict(_differences(row.values, patient)) | dict(
        covering.differences(row.values, held, today)
    )
    if not row.differs:
        row.standing = Standing.SAME
    elif _same_person(row, patient):
        row.standing = Standing.CHANGED
    else:
        row.standing = Standing.OTHER_NAME


def _same_person(row: Candidate, patient: Patient) -> bool:
    """Whether at most one of family name, given name and date of birth is another, and the family name is like it."""
    others = sum(name in row.differs for name in WHO)
    return others < 2 and similar.alike(row.values["family_name"], patient.family_name)


def _differences(values: dict, patient: Patient) -> Iterator[tuple[str, list]]:
    """(field, [here, in the file]); what the row does not say, or calls unknown, is none."""
    # Found by its MRN, or by one that was merged into hers: that is no difference.
    for name in (name for name in OWN if name != "mrn"):
        here = getattr(patient, name)
        here = here.isoformat() if isinstance(here, date) else str(here)
        if name in values and not _unknown(name, values) and not _equal(name, here, values[name], patient):
            yield name, [here, values[name]]


def _unknown(name: str, values: dict) -> bool:
    return name == "sex" and values[name] == Sex.UNKNOWN


def _equal(name: str, here: str, there: str, patient: Patient) -> bool:
    """Spelled with other capitals, blanks or signs between digits it is still the same."""
    if name == "phone":
        return _digits(here) == _digits(there)
    if name == "time_zone" and not here:
        return there == patient.practice.time_zone
    return " ".join(here.casefold().split()) == " ".join(there.casefold().split())


def _digits(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdigit())


def compare_rows(rows: Iterable[Candidate]) -> None:
    """What the file says twice is an error of the later row; who resembles an earlier row gets its number as `twin`."""
    by_mrn: dict[str, Candidate] = {}
    by_likeness: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.problems:
            continue
        first = by_mrn.setdefault(row.values["mrn"], row)
        if first is not row:
            row.problems = [["The row", _says_twice(first, row)]]
            continue
        alike = [(row.values["born_on"], key) for key in similar.keys(row.values["family_name"])]
        row.twin = min((by_likeness[key] for key in alike if key in by_likeness), default=None)
        for key in alike:
            by_likeness.setdefault(key, row.number)


def _says_twice(first: Candidate, row: Candidate) -> str:
    if first.values == row.values:
        return f"Says the same as row {first.number}. Leave one of them out"
    return f"Has the MRN of row {first.number} with other values. Leave one of them out, or correct the MRN"


def rows_of(patient_import, patients: Iterable[UUID | None]) -> dict[UUID, int]:
    """The row of this import that each of these patients came from or was decided by, where there is one."""
    rows = ImportedPatient.objects.for_practice(patient_import.practice_id)
    rows = rows.filter(patient_import=patient_import, patient__in=[pk for pk in patients if pk])
    return dict(rows.values_list("patient_id", "row"))


def patients_brought(patient_import) -> set[UUID]:
    rows = ImportedPatient.objects.for_practice(patient_import.practice_id)
    return set(
        rows.filter(patient_import=patient_import, what=What.CREATED).values_list("patient_id", flat=True)
    )
