"""Drafts of people who log no time here any more: found, handed to a colleague, closed. Nobody signs for another."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import LOGS_TIME, Membership
from dispatch import notices
from foundation.context import because
from foundation.refusals import refuse_if
from timelogs.clock.acts import end_clock
from timelogs.intervals import seconds, span_of
from timelogs.locks import hold_entry, hold_person
from timelogs.models import Handover, Status, TimeEntry, TimeSegment
from timelogs.note.handovers import end_handover, open_handovers
from timelogs.policies import why_no_reason, why_not_close_left, why_not_hand_over
from timelogs.signing.void import end


def logs_time(practice, at: datetime) -> QuerySet[Membership]:
    """Who can sign a draft of her own here at that moment."""
    return Membership.objects.for_practice(practice).filter(role__in=LOGS_TIME).at(at)


def left_drafts(practice, *, at: datetime) -> QuerySet[TimeEntry]:
    """Drafts that their authors can sign no more, oldest first."""
    rows = TimeEntry.objects.for_practice(practice).filter(status=Status.DRAFT)
    rows = rows.exclude(author__user__in=logs_time(practice, at).values("user"))
    return rows.select_related("patient", "author__user").order_by("started_at", "pk")


def is_left(entry: TimeEntry, *, at: datetime) -> bool:
    return entry.status == Status.DRAFT and not _signs(entry, at)


def _signs(entry: TimeEntry, at: datetime) -> bool:
    return logs_time(entry.practice, at).filter(user=entry.author.user_id).exists()


def handed_to(by: Membership, *, at: datetime) -> list[Handover]:
    """What this person was given and has not closed, oldest first; not what its author came back to."""
    rows = Handover.objects.for_practice(by.practice).filter(given_to__user=by.user_id, ended_at=None)
    left = rows.filter(entry__in=left_drafts(by.practice, at=at))
    return list(
        left.select_related("entry__patient", "entry__author__user", "given_by__user").order_by("given_at")
    )


def looked_after_by(user, practice, *, at: datetime) -> int:
    """How many left drafts were given to this person, who logs no time here any more."""
    rows = Handover.objects.for_practice(practice).filter(given_to__user=user, ended_at=None)
    if logs_time(practice, at).filter(user=user).exists():
        return 0
    return rows.filter(entry__in=left_drafts(practice, at=at)).count()


def seconds_of(entries: Iterable[TimeEntry]) -> dict[UUID, int]:
    """The measured length of each of these drafts, in one query."""
    spans: dict[UUID, list] = {}
    for segment in TimeSegment.objects.filter(entry__in=list(entries), standing=True):
        if segment.during.upper:
            spans.setdefault(segment.entry_id, []).append(span_of(segment))
    return {pk: seconds(found) for pk, found in spans.items()}


@transaction.atomic
def hand_over(entry: TimeEntry, *, to: Membership, why: str, by: Membership, at: datetime) -> Handover:
    """Give a left draft to a colleague, who finds it in her inbox. Given to another before, it is hers from now on."""
    entry = hold_entry(entry)
    refuse_if(why_not_hand_over(entry, to=to, signs=_signs(entry, at)))
    refuse_if(why_no_reason(why), field="why")
    before = open_handovers([entry]).get(entry.pk)
    if before is not None:
        refuse_if(
            "It was handed to her already." if before.given_to.user_id == to.user_id else None, field="to"
        )
        end_handover(before, at)
    row = Handover(
        practice=entry.practice, entry=entry, given_to=to, given_by=by, given_at=at, why=why.strip()
    )
    row.save()
    notices.notify(
        entry.practice,
        [to.user],
        kind="handover",
        cause=f"handover:{row.pk}",
        text=f"{by.label} handed you a draft of {entry.author.label}.",
        url=reverse("timelogs:session", args=[entry.pk]),
        patient_id=entry.patient_id,
    )
    return row


@transaction.atomic
def close_left(entry: TimeEntry, *, reason: str, by: Membership, at: datetime) -> TimeEntry:
    """Discard a left draft, with what became of it. It stays in the record; its time never counted."""
    # Her clock may be pausing at this moment, because her role ended.
    hold_person(entry.author.user_id)
    entry = hold_entry(entry)
    held = open_handovers([entry]).get(entry.pk)
    holder = held.given_to.user_id if held else None
    refuse_if(why_not_close_left(entry, by=by, holder=holder, signs=_signs(entry, at)))
    refuse_if(why_no_reason(reason), field="reason")
    with because(reason):
        end_clock(entry, at)
    end(entry, Status.DISCARDED, reason)
    if held is not None:
        end_handover(held, at)
    return entry
