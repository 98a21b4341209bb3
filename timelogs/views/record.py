"""A session to read: what was recorded, by whom, whether it counts, what it was before."""

from datetime import datetime
from uuid import uuid4

from django.shortcuts import render

from accounts.permissions import Permission, may
from foundation.months import months_between
from timelogs.counting.evidence import mix_of_segments
from timelogs.counting.totals import EntryShare, explained
from timelogs.intervals import clip, seconds, span_of
from timelogs.labels import contact_in_words, measures_in_words, topics_in_words
from timelogs.models import AdditionKind, Evidence, Gap, GapAnswer, Status, TimeEntry, TimeSegment
from timelogs.note.entry_kinds import Kind, kinds_of
from timelogs.note.handovers import open_handovers
from timelogs.pages.reviewed import lines
from timelogs.pages.session import Sheet, plans_of, plans_waiting_of
from timelogs.policies import why_not_add, why_not_approve, why_not_attest, why_not_correct
from timelogs.signing.addenda import additions_of, why_attested
from timelogs.signing.left_drafts import is_left
from timelogs.signing.shared_minutes import why_not_let, why_not_take_back


def record_page(request, entry: TimeEntry, *, at: datetime, status: int = 200, **more):
    """Everything field by field, in the order of the documentation template; buttons only for who may use them."""
    by, chain, segments = request.membership, versions(entry), _segments(entry)
    context = {
        "entry": entry,
        "patient": entry.patient,
        "sheet": Sheet(entry, at=at),
        "reviewed": lines(entry) if entry.data_reviewed and entry.signed_at else [],
        "left_out": measures_in_words(entry.data_left_out),
        "contact": contact_in_words(entry),
        "topics": topics_in_words(entry.topics),
        "pieces": [(s, seconds([span_of(s)]) if s.during.upper else None) for s in segments],
        "known_by": mix_of_segments(segments),
        "gaps": _gaps(entry, segments),
        "newer": next((e for e in chain if e.supersedes_id == entry.pk), None),
        "kind_tone": _tone(entry),
        "operation_id": uuid4(),
        "shares": _shares(entry, segments, at),
        "versions": chain,
        "plans": plans_of(chain),
        "plans_waiting": plans_waiting_of(chain),
        "corrects": may(by, Permission.TIME_LOG) and why_not_correct(entry, by=by) is None,
        **_may_review(entry, by, at),
        **_left(entry, by, at),
        **_additions(entry, chain),
        **_may_add(entry, by),
        **more,
    }
    return render(request, "timelogs/record.html", context, status=status)


# An original entry is the usual case, in plain words.
_TONES = {Kind.VOID: "hold", Kind.CORRECTION: "info", Kind.LATE: "attention"}


def _tone(entry: TimeEntry) -> str:
    return next((_TONES[kind] for kind in kinds_of(entry) if kind in _TONES), "")


def _additions(entry: TimeEntry, chain: list[TimeEntry]) -> dict:
    """Addenda to any version, each with its version's number and whether the author wrote it; the attestation."""
    rows = additions_of(chain)
    number = {version.pk: place for place, version in enumerate(chain, 1)}
    return {
        "addenda": [
            (row, number[row.entry_id], row.author.user_id == entry.author.user_id)
            for row in rows
            if row.kind == AdditionKind.ADDENDUM
        ],
        "attestation": next(
            (r for r in rows if r.kind == AdditionKind.ATTESTATION and r.entry_id == entry.pk), None
        ),
    }


def _left(entry: TimeEntry, by, at: datetime) -> dict:
    """For a draft whose author signs it no more: who looks after it, and what this reader may do with it."""
    if not is_left(entry, at=at):
        return {}
    held = open_handovers([entry]).get(entry.pk)
    holder = held.given_to.user_id if held else None
    approves = may(by, Permission.TIME_APPROVE)
    return {
        "left": True,
        "held": held,
        "hands_over": approves,
        "closes": approves or (may(by, Permission.TIME_LOG) and by.user_id == holder),
    }


def _may_add(entry: TimeEntry, by) -> dict:
    """Which of the two this reader may still write."""
    writes = may(by, Permission.TIME_LOG)
    return {
        "adds": writes and why_not_add(entry) is None,
        "attests": writes and why_not_attest(entry, by=by) is None and why_attested(entry) is None,
    }


def _may_review(entry: TimeEntry, by, at: datetime) -> dict:
    """What this reader may decide about somebody else's time."""
    reviews = may(by, Permission.TIME_APPROVE)
    return {
        "approves": why_not_approve(entry, by=by) is None,
        "lets_both": reviews and why_not_let(entry, by=by, at=at) is None,
        "takes_back": reviews and why_not_take_back(entry, by=by) is None,
    }


def _segments(entry: TimeEntry) -> list[TimeSegment]:
    """Its time, in order: what stands, or for an ended session what stood until then."""
    rows = TimeSegment.objects.filter(entry=entry).order_by("during")
    ended = entry.history.filter(status__in=[Status.AMENDED, Status.VOIDED]).last()
    if ended is not None:
        # Not what went before, when less was recorded than measured.
        off = TimeSegment.history.filter(entry=entry, standing=False, recorded_at__gt=ended.recorded_at)
        return list(rows.filter(pk__in=off.values("id")))
    return list(rows if entry.status == Status.DISCARDED else rows.filter(standing=True))


def _gaps(entry: TimeEntry, segments: list[TimeSegment]) -> list[tuple]:
    """(what was left out, seconds of it that were added)."""
    attested = [s for s in segments if s.evidence == Evidence.ATTESTED]
    return [(gap, _added(gap, attested)) for gap in entry.gaps.order_by("during")]


def _added(gap: Gap, attested: list[TimeSegment]) -> int:
    parts = (
        (clip(span_of(segment), span_of(gap)) for segment in attested)
        if gap.answer == GapAnswer.ADDED
        else ()
    )
    return seconds(filter(None, parts))


def _shares(entry: TimeEntry, segments: list[TimeSegment], at: datetime) -> list[tuple]:
    """(month, what it holds of this session) for each month that its time touches."""
    spans = [(s.during.lower, s.during.upper or at) for s in segments]
    months = sorted(
        {month for start, end in spans for month in months_between(start, end, tz=entry.practice.tz)}
    )
    return [(month, _share(entry, month)) for month in months]


def _share(entry: TimeEntry, month) -> EntryShare | None:
    return next(iter(explained(entry.patient, month, [entry.pk])), None)


def versions(entry: TimeEntry) -> list[TimeEntry]:
    """The chain that this entry belongs to, first version first; itself alone when it was never amended."""
    chain = [entry]
    while chain[0].supersedes:
        chain.insert(0, chain[0].supersedes)
    while newer := TimeEntry.objects.filter(supersedes=chain[-1]).first():
        chain.append(newer)
    return chain
