"""Messages that wait for a decision: one at a time for a practice, and one notice as long as any waits."""

from datetime import datetime

from django.db import connection
from django.urls import reverse

from accounts.models import Membership
from accounts.permissions import Permission, roles_that_may
from dispatch import notices
from intake.models import PatientImport
from intake.selectors import waiting_arrivals

KIND = "arrivals"


def one_at_a_time(found: PatientImport) -> None:
    """Where messages are at issue. Two about one new patient would both find her missing."""
    if not found.is_file:
        hold(found.practice_id)


def hold(practice_id) -> None:
    """Until the transaction ends no other message of the practice is taken in, decided or ended. Before any row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 22))", [f"arrivals:{practice_id}"])


def tell(found: PatientImport, *, at: datetime) -> None:
    """Who decides gets one line when the first begins to wait, not one a message; it is withdrawn with the last."""
    if found.is_file:
        return
    standing = notices.standing(found.practice, KIND)
    if not waiting_arrivals(found.practice).exists():
        standing.update(withdrawn_at=at)
    elif not standing.exists():
        _notify(found, at=at)


def _notify(found: PatientImport, *, at: datetime) -> None:
    rows = Membership.objects.for_practice(found.practice).filter(
        role__in=roles_that_may(Permission.PATIENT_ENROLL, Permission.INBOX), user__is_active=True
    )
    notices.notify(
        found.practice,
        [member.user for member in rows.on(found.practice.today(at)).select_related("user")],
        kind=KIND,
        cause=f"arrivals:{found.pk}",
        text="Patients from another system wait for your decision.",
        url=reverse("intake:arrivals"),
    )
