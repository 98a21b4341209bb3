"""Two records of one person side by side: what differs, what of it is asked about, and how a value is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from foundation.refusals import Refused
from patients.models import Coverage, Patient
from patients.selectors import coverage_on
from patients.services import PayerGiven
from payers.selectors import payer_name

KEEP, TAKE = "keep", "take"
COVERAGE = "coverage"
# Everything that a record says of who the patient is. The MRN is not chosen: that of the other leads here.
NOT_COMPARED = {"id", "version", "practice", "mrn"}
FIELDS = tuple(field for field in Patient._meta.local_concrete_fields if field.name not in NOT_COMPARED)
PAYER = tuple(field.name for field in fields(PayerGiven) if field.name != "starts_on")


@dataclass(frozen=True, slots=True)
class Line:
    """One field of both records. `asked`: it differs, and there is something to take over."""

    name: str
    label: str
    duplicate: str
    remaining: str
    asked: bool

    @property
    def usual(self) -> str:
        """What is chosen beforehand: nothing where the two contradict each other."""
        return "" if self.remaining else TAKE


def label_of(name: str) -> str:
    if name == COVERAGE:
        return "Coverage"
    words = str(Patient._meta.get_field(name).verbose_name)
    return words[:1].upper() + words[1:]


def compare(duplicate: Patient, remaining: Patient, *, at: datetime) -> list[Line]:
    """Every field, in the model's order, and the coverage in effect today."""
    lines = []
    for field in FIELDS:
        theirs, ours = shown(field, duplicate), shown(field, remaining)
        asked = bool(theirs) and _plain(field.name, theirs) != _plain(field.name, ours)
        lines.append(Line(field.name, label_of(field.name), theirs, ours, asked))
    return [*lines, _coverages(duplicate, remaining, at=at)]


def _plain(name: str, text: str) -> str:
    """Written with other capitals, blanks or signs between digits it is still the same."""
    if name == "phone":
        return "".join(sign for sign in text if sign.isdigit())
    return " ".join(text.casefold().split())


def _coverages(duplicate: Patient, remaining: Patient, *, at: datetime) -> Line:
    today = duplicate.practice.today(at)
    theirs, ours = coverage_on(duplicate, today), coverage_on(remaining, today)
    same = bool(theirs and ours) and coverage_values(theirs) == coverage_values(ours)
    words = [_now_and_later(theirs, duplicate, today), _now_and_later(ours, remaining, today)]
    return Line(COVERAGE, "Coverage today", *words, asked=theirs is not None and not same)


def _now_and_later(row: Coverage | None, patient: Patient, today: date) -> str:
    """Those that begin after today are not taken over, and shown so that somebody does it."""
    rows = Coverage.objects.for_practice(patient.practice_id).filter(patient=patient, starts_on__gt=today)
    later = [f"from {each.starts_on:%d-%b-%Y}: {covered(each)}" for each in rows.order_by("starts_on")]
    now = covered(row)
    if row and row.ends_on:
        now += f" (until {row.ends_on:%d-%b-%Y})"
    return "; ".join(filter(None, [now, *later]))


def covered(row: Coverage | None) -> str:
    if row is None:
        return ""
    return " · ".join(filter(None, [payer_name(row.practice_id, row.payer), row.plan_name, row.member_id]))


def coverage_values(row) -> dict:
    """What a coverage says, of the row itself or of a version in its history."""
    return {name: getattr(row, name) for name in PAYER}


def shown(field, patient: Patient) -> str:
    value = getattr(patient, field.name)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, date):
        return f"{value:%d-%b-%Y}"
    return "" if value is None else str(value)


def stored(field, patient: Patient) -> str | None:
    """The value as text, to be compared and put back later."""
    value = getattr(patient, field.attname)
    return None if value is None else field.value_to_string(patient)


def from_stored(field, text: str | None):
    return None if text is None else field.to_python(text)


def chosen(lines: Sequence[Line], choices: Mapping[str, str]) -> list[str]:
    """The fields to take over. Raises `Refused` at the first difference that nobody decided."""
    asked = {line.name: line for line in lines if line.asked}
    for name, line in asked.items():
        if choices.get(name) not in {KEEP, TAKE}:
            raise Refused(f"Choose what the remaining record says: {line.label}", field=name)
    return [name for name in asked if choices[name] == TAKE]
