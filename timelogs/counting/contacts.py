"""Which talks of a month are live contacts, and which notes tell of the same conversation."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from timelogs.counting.counted import counts
from timelogs.counting.eligibility import Eligibility
from timelogs.intervals import Span
from timelogs.models import LIVE_METHODS, NOT_CARE, Method, Party, TimeEntry


def contact_moment(entry: TimeEntry):
    return entry.contact_started_at or entry.started_at


def is_live_contact(entry: TimeEntry) -> bool:
    """A real-time two-way exchange with patient or caregiver about readings or treatment."""
    return entry.method in LIVE_METHODS and _is_about_care(entry)


def is_live_chat(entry: TimeEntry) -> bool:
    """The same in writing, which counts where the payer's policy says so."""
    return entry.method == Method.LIVE_CHAT and _is_about_care(entry)


def _is_about_care(entry: TimeEntry) -> bool:
    """With patient or named caregiver, and not about the device or an appointment alone."""
    return (
        entry.party in {Party.PATIENT, Party.CAREGIVER}
        and (entry.party != Party.CAREGIVER or bool(entry.party_name.strip()))
        and bool(set(entry.topics) - NOT_CARE)
    )


def contacts(entries: Iterable[TimeEntry], allowed: Eligibility, window: Span) -> dict:
    """Contacts of signed sessions that began in the month, inside consent and order, not on an excluded day."""
    signed = [e for e in entries if counts(e) and window[0] <= contact_moment(e) < window[1]]
    valid = sorted((e for e in signed if _may_hold(e, allowed)), key=contact_moment)
    talks = _conversations(e for e in valid if is_live_contact(e))
    chats = _conversations(e for e in valid if is_live_chat(e))
    return {
        "live_contact_on": contact_moment(talks[-1]).astimezone(allowed.tz).date() if talks else None,
        "live_contact_entries": tuple(e.pk for e in talks),
        "live_chat_entries": tuple(e.pk for e in chats),
        "attempted": any(e.method == Method.NO_ANSWER for e in signed),
    }


def _may_hold(entry: TimeEntry, allowed: Eligibility) -> bool:
    return may_hold(entry.method, contact_moment(entry), allowed)


def may_hold(method: str, moment: datetime, allowed: Eligibility) -> bool:
    """Whether a contact of then may count. In person on the day of an office visit it is part of the visit."""
    return allowed.holds(moment) and not (method == Method.IN_PERSON and allowed.on_visit(moment))


def _conversations(talks: Iterable[TimeEntry]) -> list[TimeEntry]:
    """Each conversation once, as the first of its notes tells it: two colleagues in one call had one contact."""
    found: list[TimeEntry] = []
    for talk in talks:
        if not any(_goes_on(earlier, talk) for earlier in found):
            found.append(talk)
    return found


def _goes_on(earlier: TimeEntry, talk: TimeEntry) -> bool:
    """Whether one began while a colleague's still went on. Who has the patient on the line calls nobody twice."""
    ends = contact_moment(earlier) + timedelta(seconds=earlier.contact_seconds or 0)
    return earlier.author.user_id != talk.author.user_id and contact_moment(talk) < ends
