"""Who looks after a draft of somebody who left, and when that is over."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from dispatch import notices
from timelogs.models import Handover, TimeEntry


def open_handovers(entries: Iterable[TimeEntry]) -> dict[UUID, Handover]:
    """Who looks after each of these drafts, by the draft's id."""
    rows = Handover.objects.filter(entry__in=list(entries), ended_at=None)
    return {row.entry_id: row for row in rows.select_related("given_to__user", "given_by__user")}


def end_of(entry: TimeEntry, at: datetime) -> None:
    """The draft is none any more: signed by its author who came back, or discarded."""
    if (held := open_handovers([entry]).get(entry.pk)) is not None:
        end_handover(held, at)


def end_handover(row: Handover, at: datetime) -> None:
    row.ended_at = max(at, row.given_at)
    row.save()
    notices.withdraw(f"handover:{row.pk}", at=at)
