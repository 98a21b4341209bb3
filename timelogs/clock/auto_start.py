"""Opening a chart starts the clock, for a person who switched that on; after a grace, visibly, and to be undone."""

from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from accounts.preferences import preferences_of
from foundation.context import because
from patients.models import Patient
from patients.selectors import enrollment_on
from timelogs.clock.acts import running_clock, start_session
from timelogs.clock.contacts import drafts_of_today
from timelogs.locks import hold_person
from timelogs.models import TimeEntry

GRACE_SECONDS = 5
OPENED = "the chart was opened"
UNDONE = "Started by opening the chart, and undone."


def starts_by_itself(patient: Patient, *, by: Membership, at: datetime) -> bool:
    """Whether opening this chart starts her clock: never beside another clock, nor beside an unsigned session."""
    return (
        preferences_of(by.user).clock_on_chart
        and enrollment_on(patient, patient.practice.today(at)) is not None
        and running_clock(by.user_id) is None
        and not drafts_of_today(patient, by=by, at=at).exists()
    )


@transaction.atomic
def start_by_opening(patient: Patient, *, by: Membership, at: datetime) -> TimeEntry | None:
    """The session that the opened chart starts now; None where it starts none."""
    hold_person(by.user_id)
    if not starts_by_itself(patient, by=by, at=at):
        return None
    with because(OPENED):
        return start_session(patient, by=by, at=at)
