"""What silence left out of a session: each gap is offered until it is added with a reason or left out for good."""

from datetime import datetime, timedelta
from uuid import UUID

from foundation.context import because
from foundation.refusals import Refused
from timelogs.counting.segments import attest
from timelogs.intervals import Span
from timelogs.models import Gap, GapAnswer, TimeEntry


def leave_gap_open(entry: TimeEntry, since: datetime, *, why: str) -> None:
    """From this moment on nothing is counted, although nobody asked for that."""
    Gap(practice=entry.practice, entry=entry, during=(since, None), why=why).save()


def note_gap(entry: TimeEntry, span: Span, *, why: str) -> None:
    """A gap of which both ends are known. One without length is none."""
    if span[0] < span[1]:
        Gap(practice=entry.practice, entry=entry, during=span, why=why).save()


def end_open_gap(entry: TimeEntry, at: datetime) -> None:
    """She is back."""
    if gap := Gap.objects.filter(entry=entry, during__upper_inf=True).first():
        _end(gap, at)


def _end(gap: Gap, at: datetime) -> None:
    """A gap without length asks nothing."""
    start = gap.during.lower
    if at <= start:
        at, gap.answer = start + timedelta(microseconds=1), GapAnswer.LEFT_OUT
    gap.during = (start, at)
    gap.save()


def unanswered(entry: TimeEntry) -> list[Gap]:
    """The gaps that still wait for an answer, earliest first."""
    return list(Gap.objects.filter(entry=entry, answer="").order_by("during"))


def take_gap(entry: TimeEntry, gap_id: UUID, at: datetime) -> Gap:
    """One gap that waits, with its end now if it is still open. Raises `Refused` when it was answered before."""
    gap = Gap.objects.filter(entry=entry, pk=gap_id, answer="").first()
    if gap is not None and gap.during.upper is None:
        _end(gap, at)
        gap.refresh_from_db()
    if gap is None or gap.answer:
        raise Refused("These minutes were answered for already. Nothing was added.")
    return gap


def add(gap: Gap, *, seconds: int | None, reason: str) -> timedelta:
    """Attest the gap, or its first seconds: how much. Raises `Refused` for no reason, or more than was left out."""
    if not reason.strip():
        raise Refused("Say what you did in that time. It stays in the record.", field="gap_reason")
    start, end = gap.during.lower, gap.during.upper
    until = end if seconds is None else start + timedelta(seconds=seconds)
    if not start < until <= end:
        raise Refused("Add at most the time that was left out.", field="gap_length")
    attest(gap.entry, (start, until), reason=reason.strip())
    _answer(gap, GapAnswer.ADDED, reason.strip())
    return until - start


def leave_out(gap: Gap) -> None:
    """It was no work: it stays uncounted, and nobody asks again."""
    _answer(gap, GapAnswer.LEFT_OUT, "")


def _answer(gap: Gap, answer: GapAnswer, reason: str) -> None:
    gap.answer, gap.reason = answer, reason
    with because(reason or "left out"):
        gap.save()
