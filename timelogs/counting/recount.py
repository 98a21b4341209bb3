"""When a policy of time changes behind months that are still open: what they count is corrected, month by month."""

from datetime import date, datetime

from dispatch import outbox
from foundation.months import bounds, last_day
from patients.models import OfficeVisit, Order, Patient, SignatureKind
from timelogs.counting.counted import recount
from timelogs.locks import hold_patient_months
from timelogs.models import Activity, PatientMonth, TimeSegment


def recount_attempts(practice, month: date, *, at: datetime) -> None:
    """Count unanswered calls of a month anew. The caller holds the month's gate alone, so nobody is signing in it."""
    window = bounds(month, tz=practice.tz)
    tried = TimeSegment.objects.for_practice(practice).filter(
        activity=Activity.ATTEMPT, standing=True, during__overlap=window
    )
    patients = Patient.objects.for_practice(practice).filter(pk__in=tried.values("entry__patient"))
    for patient in patients.select_related("practice").order_by("pk"):
        (held,) = hold_patient_months(patient, [month])
        recount(held, at=at)
        _tell(held)


def tell_of_visits(practice, month: date) -> None:
    """Office visits are looked at whenever time is added up: whoever announces lines need only look again."""
    visits = OfficeVisit.objects.for_practice(practice).filter(
        withdrawn=False, visited_on__range=(month, last_day(month))
    )
    rows = PatientMonth.objects.for_practice(practice).filter(month=month)
    for patient_month in rows.filter(patient__in=visits.values("patient")).order_by("patient"):
        _tell(patient_month)


def tell_of_orders(practice, month: date) -> None:
    """Whether a transcribed order releases is looked at whenever time is added up, as visits are."""
    transcripts = Order.objects.for_practice(practice).filter(signature=SignatureKind.TRANSCRIPT)
    rows = PatientMonth.objects.for_practice(practice).filter(month=month)
    for patient_month in rows.filter(patient__in=transcripts.values("enrollment__patient")).order_by(
        "patient"
    ):
        _tell(patient_month)


def _tell(month: PatientMonth) -> None:
    outbox.send(month.practice, "timelogs.time_changed", patient_month=str(month.pk))
