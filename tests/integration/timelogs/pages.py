"""What tests of the session's pages send and read."""

from uuid import uuid4

from django.utils import timezone

from timelogs.clock import acts as clock
from timelogs.models import TimeEntry

GOOD_NOTE = {
    "data_reviewed": "on",
    "party": "patient",
    "method": "phone",
    "contact_seconds": "0:40",
    "topics": ["readings", "diet"],
    "said": "She forgets the evening dose about twice a week.",
    "action": "no_change",
    "action_detail": "Pressure is within goal on most days; the plan stays.",
}


def started(patient, by, at=None) -> TimeEntry:
    return clock.start_session(patient, by=by, at=at or timezone.now())


def form_of(entry: TimeEntry, **typed) -> dict:
    """The session's form as a page sends it: everything filled from the draft, then what was typed."""
    shown = {
        "data_from": f"{entry.data_from:%Y-%m-%d}",
        "data_until": f"{entry.data_until:%Y-%m-%d}",
        "said": entry.said,
        "action_detail": entry.action_detail,
        "minutes": "0 min",
        "minutes_shown": "0 min",
        "version": entry.version,
        "operation_id": str(uuid4()),
    }
    return {**shown, **typed}


def text_of(response) -> str:
    """The page's words with runs of white space as one blank."""
    return " ".join(response.content.decode().split())
