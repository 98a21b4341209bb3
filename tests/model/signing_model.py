"""The model of what is written and signed: past sessions, other lengths, corrections, approval, shut months."""

from dataclasses import replace
from datetime import date

from tests.model.calendars import SECOND
from tests.model.clock_model import Watches
from tests.model.counting_model import total
from tests.model.intervals import FOR_EVER, Span, common, joined, length, meet, without
from tests.model.sessions import CALENDARS, LIMIT, SECOND_PERSON, Piece, Session, no_if
from timelogs.models import ClockState, Evidence, Status

LATE_AFTER, APPROVED_AFTER = 3, 14


class Ledger(Watches):
    # Time by hand.

    def by_hand(self, nurse: str, patient: str, span: Span, *, fix: str) -> Session:
        start, end = self.fitted(nurse, span, fix=fix)
        no_if(end > self.now or not self.free(nurse, (start, end)))
        s = self.new(nurse=nurse, patient=patient, began=start, says_why_late=True)
        s.pieces.append(Piece(start, end, evidence=Evidence.MANUAL))
        return s

    def fitted(self, nurse: str, span: Span, *, fix: str) -> Span:
        """What a fix makes of it: its longest free part, or as long from where the last one in the way ends."""
        clashes = [each for s in self.of(nurse) for each in s.taken() if meet(each, span)]
        if not clashes or not fix:
            return span
        last = max(end for _, end in clashes)
        no_if(last == FOR_EVER)
        if fix == "start_after":
            return last, last + length([span])
        left = joined(without([span], clashes))
        no_if(not left)
        return max(left, key=lambda part: part[1] - part[0])

    def set_seconds(self, s: Session, seconds: int, *, why: str) -> None:
        no_if(seconds <= 0)
        if seconds > s.seconds():
            no_if(not why)
            place = self.room(s, (seconds - s.seconds()) * SECOND)
            s.pieces.append(Piece(*place, evidence=Evidence.MANUAL))
        elif seconds < s.seconds():
            s.pieces = first(s.pieces, seconds * SECOND)

    def room(self, s: Session, more: int) -> Span:
        """Right after one of its spans, else right before the first; never in what is still to come."""
        spans = s.documented() or [(s.began, s.began)]
        places = [(end, end + more) for _, end in spans] + [(spans[0][0] - more, spans[0][0])]
        fit = [place for place in places if place[1] <= self.now and self.free(s.nurse, place)]
        no_if(not fit)
        return fit[0]

    # Signing and what may follow.

    def sign(self, number: int, *, seconds: int | None, why: str) -> Session:
        s = self.sessions[number]
        no_if(s.status != Status.DRAFT)
        self.pass_gate(s)
        self.end_watch(s)
        if seconds is not None:
            self.set_seconds(s, seconds, why=why)
            self.pass_gate(s)
        return self.finish(s)

    def pass_gate(self, s: Session) -> None:
        no_if(any((s.practice, month) in self.shut for month in s.months(self.now)))

    def end_watch(self, s: Session) -> None:
        if s.watch is None:
            return
        self.look(s, alive=True)
        if s.watch.lives:
            self.stop_asked(s)
        self.is_back(s.watch)
        s.watch.state = ClockState.ENDED

    def finish(self, s: Session) -> Session:
        """Final from now on. What was signed first counts first."""
        no_if(not SECOND <= length(s.documented()) <= LIMIT)
        self.mark_late(s)
        s.status, s.signed = Status.SIGNED, s.seconds()
        s.order = 1 + max((other.order for other in self.sessions if other.order), default=0)
        s.shown = self.shown_at_signing(s)
        return s

    def shown_at_signing(self, s: Session) -> int:
        """The month's total with it, of the month it began in; has it no time left there, of its first month."""
        months = sorted(s.months(self.now))
        began = s.calendar.month(s.began)
        return total(self.sessions, s.patient, began if began in months else months[0]).seconds

    def mark_late(self, s: Session) -> None:
        old = None if s.corrects is None else self.sessions[s.corrects]
        if old and s.seconds() <= old.signed:
            s.late, s.waits, s.approved = old.late, old.waits, old.approved
            return
        days = s.calendar.day(self.now) - s.calendar.day(s.began)
        s.late = days > LATE_AFTER
        s.waits = days > APPROVED_AFTER or (s.by_hand and s.practice in SECOND_PERSON)
        no_if(s.late and not old and not s.says_why_late)

    def amend(self, number: int, *, note: str, seconds: int | None) -> Session:
        old = self.signed(number)
        new = self.new(nurse=old.nurse, patient=old.patient, began=old.began, corrects=number, note=note)
        worked, others = old.countable(), self.part(old)
        new.pieces, old.pieces, old.status = [replace(p) for p in old.pieces], [], Status.AMENDED
        new.says_why_late = old.says_why_late
        if seconds is not None:
            self.set_seconds(new, seconds, why="a correction")
        for other in others:
            shared = common(worked, other.countable())
            if not without(common(new.countable(), other.countable()), shared):
                self.pair(new, other)
        self.pass_gate(new)
        return self.finish(new)

    def signed(self, number: int) -> Session:
        s = self.sessions[number]
        no_if(s.status != Status.SIGNED)
        self.pass_gate(s)
        return s

    def void(self, number: int) -> None:
        s = self.signed(number)
        self.part(s)
        s.status, s.pieces = Status.VOIDED, []

    def discard(self, number: int) -> None:
        s = self.sessions[number]
        no_if(s.status != Status.DRAFT)
        self.end_watch(s)
        s.status, s.pieces = Status.DISCARDED, []

    def approve(self, number: int) -> None:
        s = self.signed(number)
        no_if(not s.waits or s.approved)
        s.approved = True

    def undecided(self, s: Session) -> list[Session]:
        return [other for other in self.sessions if s.shared_with(other) and other.number not in s.beside]

    def let_both_count(self, number: int) -> None:
        s = self.signed(number)
        others = self.undecided(s)
        no_if(not others)
        for other in others:
            self.pair(s, other)

    def count_once(self, number: int) -> None:
        s = self.signed(number)
        no_if(not s.beside)
        self.part(s)

    def pair(self, one: Session, other: Session) -> None:
        one.beside.add(other.number)
        other.beside.add(one.number)

    def part(self, s: Session) -> list[Session]:
        """From all with which it was paired."""
        others = [self.sessions[number] for number in sorted(s.beside)]
        s.beside.clear()
        for other in others:
            other.beside.remove(s.number)
        return others

    # Months.

    def close(self, practice: str, month: date) -> None:
        no_if(self.now < CALENDARS[practice].window(month)[1])
        self.shut.add((practice, month))

    def reopen(self, practice: str, month: date) -> None:
        no_if((practice, month) not in self.shut)
        self.shut.remove((practice, month))


def first(pieces: list[Piece], left: int) -> list[Piece]:
    """The pieces up to so much time in all."""
    kept = []
    for piece in sorted(pieces, key=lambda p: p.start):
        if left > 0:
            kept.append(replace(piece, end=min(piece.end, piece.start + left)))
        left -= piece.end - piece.start
    return kept
