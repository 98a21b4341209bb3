"""A contact begun from the chart: it starts the session or goes on with today's, and stamps itself into the note."""

from datetime import datetime
from enum import StrEnum

from django.db import transaction

from accounts.models import Membership
from foundation.months import midnight
from patients.models import Patient
from patients.selectors import enrollment_on
from timelogs.clock.acts import resume, set_on_call, start_session
from timelogs.locks import hold_person
from timelogs.models import Method, Status, TimeEntry


class Channel(StrEnum):
    PHONE = "phone"
    VIDEO = "video"
    MESSAGE = "message"


_METHODS = {
    Channel.PHONE: Method.PHONE,
    Channel.VIDEO: Method.VIDEO,
    Channel.MESSAGE: Method.SECURE_MESSAGE,
}


@transaction.atomic
def start_contact(
    patient: Patient, channel: Channel, *, by: Membership, at: datetime, switch: bool = False
) -> TimeEntry:
    """The draft with its clock running, on call for phone and video, the contact's way and start in the note.

    Who was reached stays empty: that is for the nurse to say. Raises as `start_session`.
    """
    hold_person(by.user_id)
    draft = draft_of_today(patient, by=by, at=at)
    if draft is None:
        draft = start_session(patient, by=by, at=at, switch=switch)
    else:
        draft = resume(draft, by=by, at=at, switch=switch)
    if channel != Channel.MESSAGE:
        draft = set_on_call(draft, on=True, by=by, at=at)
    return _stamp(draft, _METHODS[channel], at)


def draft_of_today(patient: Patient, *, by: Membership, at: datetime) -> TimeEntry | None:
    """The one to go on with: timed by a clock, of the enrollment that holds now; the one that runs, else the latest."""
    episode = enrollment_on(patient, patient.practice.today(at))
    rows = drafts_of_today(patient, by=by, at=at).filter(clock__isnull=False, enrollment=episode)
    drafts = rows.select_related("clock", "author__user", "patient").order_by("-started_at")
    return min(drafts, key=lambda entry: entry.clock.state == "paused", default=None)


def drafts_of_today(patient: Patient, *, by: Membership, at: datetime):
    """Her unsigned sessions of today with this patient, however they were begun."""
    since = midnight(patient.practice.today(at), tz=patient.practice.tz)
    return TimeEntry.objects.for_practice(patient.practice).filter(
        patient=patient, author__user=by.user, status=Status.DRAFT, started_at__gte=since
    )


def _stamp(entry: TimeEntry, method: Method, at: datetime) -> TimeEntry:
    if not entry.method or entry.contact_started_at is None:
        entry.method = entry.method or method
        entry.contact_started_at = entry.contact_started_at or at
        entry.save()
    return entry
