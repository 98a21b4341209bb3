"""What follows a signature without touching it: addenda, and the author's attestation. Rows that are only added.

No gate is passed, no month is locked and nothing is counted again: words cannot change minutes, contacts or claims.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import transaction

from accounts.models import Membership
from foundation.context import because
from foundation.refusals import StaleRow, refuse_if
from timelogs.locks import hold_entry
from timelogs.models import Addition, AdditionKind, TimeEntry
from timelogs.policies import why_not_add, why_not_attest, why_not_text

# A new wording is a new version under a new name; what was signed keeps its own.
WORDING = "2026-01"
_STATEMENT = (
    "I, {name}, attest that the entry of {day} for {patient}, MRN {mrn}, signed on {signed} as {label}, accurately "
    "reflects the notes and the signature that I made in that capacity when I cared for this patient. "
    "This is true, accurate and complete to the best of my knowledge. I understand that any falsification, omission "
    "or concealment of a material fact may make me liable."
)
_CHANGED = (
    "This session was changed on another screen. Look at it again, then sign. What you typed is still here."
)


def statement(entry: TimeEntry, *, by: Membership) -> str:
    """What the author would sign, in full: who, of which day, for whom."""
    tz = entry.practice.tz
    return _STATEMENT.format(
        name=by.label,
        day=f"{entry.started_at.astimezone(tz):%d-%b-%Y, %H:%M}",
        patient=entry.patient,
        mrn=entry.patient.mrn,
        signed=f"{entry.signed_at.astimezone(tz):%d-%b-%Y, %H:%M}" if entry.signed_at else "",
        label=entry.signed_label,
    )


@transaction.atomic
def add_addendum(
    entry: TimeEntry, *, text: str, version: int | None = None, by: Membership, at: datetime
) -> Addition:
    """Words under a signed session, by whoever may log time here, under her own name. Open months or closed."""
    entry = hold_entry(entry)
    refuse_if(why_not_add(entry))
    refuse_if(why_not_text(text), field="text")
    refuse_if(_why_again(entry, text.strip(), by=by), field="text")
    if version is not None and entry.version != version:
        raise StaleRow(_CHANGED)
    with because("addendum to a signed session"):
        return _sign(Addition(entry=entry, kind=AdditionKind.ADDENDUM, text=text.strip()), by=by, at=at)


def _why_again(entry: TimeEntry, text: str, *, by: Membership) -> str | None:
    """Two screens, or a form sent again from another window: the same words once."""
    if entry.additions.filter(author__user_id=by.user_id, text=text).exists():
        return "You added the same words to this session before. Nothing was added twice."
    return None


@transaction.atomic
def attest(entry: TimeEntry, *, seen: str, by: Membership, at: datetime) -> Addition:
    """The author confirms notes and signature, today and not as of then. `seen` is the wording that was shown."""
    entry = hold_entry(entry)
    refuse_if(why_not_attest(entry, by=by))
    refuse_if(why_attested(entry))
    if seen != (text := statement(entry, by=by)):
        raise StaleRow("The statement is not the one you read. Read it again, then sign.")
    row = Addition(entry=entry, kind=AdditionKind.ATTESTATION, text=text, wording=WORDING)
    with because("attestation of authorship"):
        return _sign(row, by=by, at=at)


def why_attested(entry: TimeEntry) -> str | None:
    """Why there is nothing left to attest."""
    row = entry.additions.filter(kind=AdditionKind.ATTESTATION).first()
    if row is None:
        return None
    return f"You attested this session on {row.signed_at.astimezone(entry.practice.tz):%d-%b-%Y}. Once is enough."


def _sign(row: Addition, *, by: Membership, at: datetime) -> Addition:
    row.practice, row.author, row.signed_label = row.entry.practice, by, by.label
    row.signed_at = _after_the_last(row.entry, at)
    row.signature = digest(row)
    row.save()
    return row


def _after_the_last(entry: TimeEntry, at: datetime) -> datetime:
    """The moment of the act in the order of the lock; never before the signature it follows."""
    last = entry.additions.order_by("-signed_at").first()
    return max(at, (last.signed_at if last else entry.signed_at) + timedelta(microseconds=1))


def digest(row: Addition) -> str:
    """SHA-256 of what is signed."""
    return hashlib.sha256(signed_text(row).encode()).hexdigest()


def signed_text(row: Addition) -> str:
    """As JSON: the words, their author and moment, and the session's own signature beneath."""
    signed = {
        "entry": row.entry_id,
        "beneath": row.entry.signature,
        "kind": str(row.kind),
        "text": row.text,
        "wording": row.wording,
        "author": row.author_id,
        "label": row.signed_label,
        "at": row.signed_at.astimezone(UTC).isoformat(),
    }
    return json.dumps(signed, sort_keys=True, default=str, ensure_ascii=False)


def additions_of(versions: Iterable[TimeEntry]) -> list[Addition]:
    """What was added to any version of a session, in the order of signing."""
    rows = Addition.objects.filter(entry__in=list(versions)).select_related("author", "entry__author")
    return list(rows.order_by("signed_at"))
