"""Target ranges whose review is over, and the review of one."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Membership
from foundation.context import because
from foundation.refusals import StaleRow, refuse_if
from foundation.tracked import lock
from patients import policies
from patients.models import Enrollment, Patient, TargetRange
from patients.selectors import in_force

SOON = timedelta(days=14)


def to_review(practice, on: date, *, ahead: timedelta = timedelta(0)) -> QuerySet[TargetRange]:
    """Ranges in effect of enrolled patients that are to be reviewed by the day or so long after it, the first first."""
    enrolled = Enrollment.objects.for_practice(practice).filter(in_force(on, "started_on", "ended_on"))
    rows = TargetRange.objects.for_practice(practice).filter(
        in_force(on), patient__in=enrolled.values("patient"), review_by__lte=on + ahead
    )
    return rows.select_related("patient").order_by("review_by", "patient", "measure")


def of_patient(patient: Patient, on: date) -> list[TargetRange]:
    """Hers in effect whose review is due or over."""
    rows = TargetRange.objects.for_practice(patient.practice).filter(in_force(on), patient=patient)
    return list(rows.filter(review_by__lte=on).order_by("review_by", "measure"))


@transaction.atomic
def keep(
    range_: TargetRange, *, review_by: date, reason: str, version: int | None, by: Membership, at: datetime
) -> TargetRange:
    """Somebody looked at it and it stays as it is, until the next review."""
    row = lock(range_)
    if version is not None and version != row.version:
        raise StaleRow("This range was changed while you looked. See what holds now, then review it.")
    today = row.practice.today(at)
    refuse_if(_why_not(row, today))
    refuse_if(policies.why_not_range_review(max(today, row.starts_on), review_by), field="review_by")
    with because(reason):
        row.review_by = review_by
        row.save()
    return row


def _why_not(row: TargetRange, today: date) -> str | None:
    if row.ends_on is not None and row.ends_on <= today:
        return "This range is no longer in effect, so there is nothing to review."
    return None
