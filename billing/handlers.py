"""What billing does when the floors below say that something changed."""

from uuid import UUID

from django.utils import timezone

from billing import alerts
from billing.close import acts as close
from dispatch import outbox
from timelogs.models import PatientMonth
from timelogs.signing.months import TIME_CHANGED


@outbox.handles(TIME_CHANGED)
def time_changed(*, practice, patient_month: str) -> None:
    """Time of a patient-month was signed, amended, voided, approved, or let count beside another's."""
    rows = PatientMonth.objects.for_practice(practice).select_related("patient__practice")
    alerts.reconcile(rows.get(pk=UUID(patient_month)), at=timezone.now())


@outbox.handles("patients.permission_changed")
def permission_changed(*, practice, patient: str) -> None:
    """Consent, order, enrollment or an office visit changed: any month of the patient may hold more or less."""
    rows = PatientMonth.objects.for_practice(practice).filter(patient=UUID(patient))
    for month in rows.select_related("patient__practice").order_by("month"):
        alerts.reconcile(month, at=timezone.now())


@outbox.handles(alerts.REOPENED)
def month_reopened(*, practice, period: str, after: str = "") -> None:
    """A decided month takes time again: the next of its patients may be near a line, or lack a contact."""
    alerts.ask_for_chunk(practice, UUID(period), after=UUID(after) if after else None)


@outbox.handles("billing.close_chunk")
def close_chunk(*, practice, run: str) -> None:
    """The next patients of a close."""
    close.work_chunk(practice, UUID(run), at=timezone.now())
