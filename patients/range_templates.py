"""A practice's templates of ranges: kept by condition, and given to a patient as a range of her own."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Membership, Practice
from foundation.context import because
from foundation.refusals import Refused, StaleRow, refuse_if
from foundation.tracked import lock
from patients import policies
from patients.models import BOUNDS, Diagnosis, Measure, Patient, RangeTemplate, TargetRange
from patients.selectors import in_force
from patients.services import GoalGiven, save_unless_taken, set_range


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateGiven:
    """`diagnosis`: the beginning of the codes for which it is offered first; empty for everybody."""

    name: str
    measure: str
    review_days: int
    diagnosis: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    second_low: Decimal | None = None
    second_high: Decimal | None = None
    critical_low: Decimal | None = None
    critical_high: Decimal | None = None
    second_critical_low: Decimal | None = None
    second_critical_high: Decimal | None = None


def templates_of(practice) -> QuerySet[RangeTemplate]:
    """Those in use first, by name."""
    return RangeTemplate.objects.for_practice(practice).order_by("retired", "name", "measure", "pk")


def offered(patient: Patient, on: date) -> list[RangeTemplate]:
    """Templates in use: those that name one of her diagnoses first, then those for everybody, then the others."""
    codes = _diagnoses(patient, on)
    rows = list(templates_of(patient.practice).filter(retired=False))
    for row in rows:
        row.fits = fits(row, codes)
    return sorted(rows, key=lambda row: (not row.fits, bool(row.diagnosis), row.name, row.measure))


def fits(template: RangeTemplate, codes: Iterable[str]) -> bool:
    return bool(template.diagnosis) and any(code.startswith(template.diagnosis) for code in codes)


def _diagnoses(patient: Patient, on: date) -> list[str]:
    rows = Diagnosis.objects.for_practice(patient.practice).filter(
        in_force(on, "enrollment__started_on", "enrollment__ended_on"),
        enrollment__patient=patient,
        withdrawn=False,
    )
    return list(rows.values_list("code", flat=True))


@transaction.atomic
def add_template(practice: Practice, given: TemplateGiven) -> RangeTemplate:
    return _write(RangeTemplate(practice=practice), given)


@transaction.atomic
def change_template(
    template: RangeTemplate, given: TemplateGiven, *, reason: str, version: int | None
) -> RangeTemplate:
    """Ranges that were made by it stay as they are: they are the patients' own."""
    row = _current(template, version)
    with because(reason):
        return _write(row, given)


@transaction.atomic
def retire_template(template: RangeTemplate, *, reason: str, version: int | None) -> RangeTemplate:
    """It is offered no longer. Ranges that were made by it stay."""
    row = _current(template, version)
    with because(reason):
        row.retired = True
        row.save()
    return row


def _write(row: RangeTemplate, given: TemplateGiven) -> RangeTemplate:
    refuse_if(policies.why_not_range(given), field="low")
    for name, value in asdict(given).items():
        setattr(row, name, value)
    measure = Measure(given.measure).label.lower()
    message = (
        f"There is a template {given.name} for {measure} already. Change that one, or choose another name"
    )
    save_unless_taken(row, message, field="name")
    return row


def _current(template: RangeTemplate, version: int | None) -> RangeTemplate:
    row = lock(template)
    if version is not None and version != row.version:
        raise StaleRow("Somebody changed this template while you had it open. Look again, then decide.")
    refuse_if("This template is retired already." if row.retired else None)
    return row


@transaction.atomic
def range_by(template: RangeTemplate, patient: Patient, *, by: Membership, at: datetime) -> TargetRange:
    """From today on the patient's range is as the template says; from then on it is hers to change."""
    row = lock(template)
    refuse_if(
        "This template was retired. Set the range by hand, or take another one." if row.retired else None
    )
    today = patient.practice.today(at)
    bounds = {name: getattr(row, name) for name in BOUNDS}
    now = TargetRange.objects.for_practice(patient.practice).filter(
        in_force(today), patient=patient, measure=row.measure, **bounds
    )
    if same := now.first():
        raise Refused(
            f"{row.get_measure_display()}: the range is as the template says already, since {same.starts_on:%d-%b-%Y}."
        )
    goal = GoalGiven(measure=row.measure, review_by=today + timedelta(days=row.review_days), **bounds)
    return set_range(patient, goal, starts_on=today, by=by, at=at, reason=f"By the template {row.name}")
