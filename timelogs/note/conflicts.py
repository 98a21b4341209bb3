"""A note typed on an older version of a draft: what of it can still be kept, and what two screens both changed."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from foundation.refusals import StaleRow
from timelogs.locks import hold_entry, hold_person
from timelogs.models import TimeEntry
from timelogs.note.drafts import save_draft
from timelogs.note.fields import NOTE_FIELDS


@dataclass(frozen=True, slots=True)
class Merge:
    """`keep`: changed on this screen alone; `there`: on the other alone; `clashes`: on both, differently."""

    keep: dict
    there: tuple[str, ...]
    clashes: tuple[str, ...]


class Conflict(StaleRow):
    """Two screens changed the same field of a draft. Neither text is overwritten until the author chooses."""

    def __init__(self, entry: TimeEntry, clashes: tuple[str, ...], *, changed_at: datetime):
        self.entry, self.clashes = entry, clashes
        when = changed_at.astimezone(entry.practice.tz)
        super().__init__(
            f"This draft was changed at {when:%H:%M} on another screen. Compare the two and choose."
        )


def merge(entry: TimeEntry, note: dict, *, version: int | None) -> Merge:
    """Compare a note typed on `version` with the draft as it is now, field by field, by way of the history."""
    base = entry.history.filter(version=version).first()
    before = {name: getattr(base, name) for name in NOTE_FIELDS} if base else {}
    here = {name for name, value in note.items() if name not in before or before[name] != value}
    there = {name for name in NOTE_FIELDS if name not in before or before[name] != getattr(entry, name)}
    clashes = {name for name in here & there if note[name] != getattr(entry, name)}
    return Merge(
        {name: note[name] for name in NOTE_FIELDS if name in here - clashes},
        tuple(name for name in NOTE_FIELDS if name in there - here),
        tuple(name for name in NOTE_FIELDS if name in clashes),
    )


@transaction.atomic
def save_note(
    entry: TimeEntry,
    *,
    note: dict,
    version: int | None,
    by: Membership,
    at: datetime,
    keep_mine: bool = False,
) -> tuple[TimeEntry, tuple[str, ...]]:
    """Save what was typed; what another screen changed beside it stays. Returns the entry and those other fields.

    Raises `Conflict` where both changed the same field, unless `keep_mine` says which text is wanted.
    """
    # In the one lock order, because a button of the clock saves the note and then acts in the same transaction.
    hold_person(by.user_id)
    entry = hold_entry(entry)
    if version == entry.version:
        return save_draft(entry, note=note, version=version, by=by, at=at), ()
    found = merge(entry, note, version=version)
    if found.clashes and not keep_mine:
        raise Conflict(entry, found.clashes, changed_at=entry.history.first().recorded_at)
    kept = found.keep | {name: note[name] for name in found.clashes}
    return save_draft(entry, note=kept, version=entry.version, by=by, at=at), found.there
