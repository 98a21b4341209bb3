"""Notes and sessions for tests."""

from datetime import datetime, timedelta

from timelogs.models import TimeEntry
from timelogs.note import drafts
from timelogs.signing.sign import sign

REVIEW = {
    "data_reviewed": True,
    "no_data_reason": "The cuff sent nothing in these days.",
    "party": "none",
    "action": "no_change",
    "action_detail": "Pressure is steady within goal; plan continues unchanged.",
}
CALL = {
    **REVIEW,
    "party": "patient",
    "method": "phone",
    "contact_seconds": 240,
    "topics": ["readings", "diet"],
    "said": "She eats less salt at dinner and takes the evening dose at eight.",
}
NO_ANSWER = {"party": "patient", "method": "no_answer", "action": "try_again"}


def signed_session(
    patient, *, by, starts_at: datetime, seconds: int, at: datetime | None = None, **note
) -> TimeEntry:
    """A session logged by date and minutes and signed right after its end (or at `at`)."""
    moment = at or starts_at + timedelta(seconds=seconds)
    entry = drafts.log_past(
        patient, starts_at=starts_at, seconds=seconds, reason="Logged after the fact.", by=by, at=moment
    )
    entry = drafts.save_draft(entry, note=note, version=entry.version, by=by, at=moment)
    return sign(entry, version=entry.version, by=by, at=moment)
