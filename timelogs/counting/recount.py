"""When a policy of time changes behind months that are still open: what they count is corrected, month by month."""

from datetime import date, datetime

from dispatch import outbox
from foundation.months import bounds, last_day
from patients.models import OfficeVisit, Order, Patient, SignatureKind
from timelogs.counting.counted import recount
from timelogs.locks import hold_patient_months
from timelogs.models import Activity, PatientMonth, TimeSegment


def with_attempts(practice, month: date):
    """Patients with a call that nobody answered in the month."""
    window = bounds(month, tz=practice.tz)
    tried = TimeSegment.objects.for_practice(practice).filter(
        activity=Activity.ATTEMPT, standing=True, during__overlap=window
    )
    return tried.values("entry__patient")


def with_visits(practice, month: date):
    """Patients with an office visit in the month."""
    seen = (month, last_day(month))
    visits = OfficeVisit.objects.for_practice(practice).filter(withdrawn=False, visited_on__range=seen)
    return visits.values("patient")


def with_transcripts(practice):
    """Patients with an order that is on record as a transcript."""
    transcripts = Order.objects.for_practice(practice).filter(signature=SignatureKind.TRANSCRIPT)
    return transcripts.values("enrollment__patient")


def recount_attempts(practice, month: date, *, at: datetime) -> None:
    """Count unanswered calls of a month anew. The caller holds the month's gate alone, so nobody is signing in it."""
    patients = Patient.objects.for_practice(practice).filter(pk__in=with_attempts(practice, month))
    for patient in patients.select_related("practice").order_by("pk"):
        (held,) = hold_patient_months(patient, [month])
        recount(held, at=at)
        _tell(held)


def tell_of_visits(practice, month: date) -> None:
    """Office visits are looked at whenever time is added up: whoever announces lines need only look again."""
    _tell_of(practice, month, with_visits(practice, month))


def tell_of_orders(practice, month: date) -> None:
    """Whether a transcribed order releases is looked at whenever time is added up, as visits are."""
    _tell_of(practice, month, with_transcripts(practice))


def _tell_of(practice, month: date, patients) -> None:
    rows = PatientMonth.objects.for_practice(practice).filter(month=month, patient__in=patients)
    for patient_month in rows.order_by("patient"):
        _tell(patient_month)


def _tell(month: PatientMonth) -> None:
    outbox.send(month.practice, "timelogs.time_changed", patient_month=str(month.pk))
