"""The model of the running clock: what is promised of every press of its buttons, and of silence."""

import copy
from contextlib import contextmanager

from tests.model.calendars import MINUTE, SECOND
from tests.model.intervals import Span, meet
from tests.model.sessions import LIMIT, LIVE, No, Piece, Session, Watch, no_if
from timelogs.models import Activity, ClockState, Evidence, Status

IDLE, CALL_IDLE, ANSWER_WITHIN, LOST = 5 * MINUTE, 45 * MINUTE, 10 * MINUTE, 3 * MINUTE
LONG, FEW_BEATS = 60 * MINUTE, 15 * SECOND


class Watches:
    """Everybody's sessions, and now."""

    def __init__(self, now: int):
        self.now, self.sessions, self.shut = now, [], set()

    @contextmanager
    def all_or_nothing(self):
        kept = copy.deepcopy((self.sessions, self.shut))
        try:
            yield
        except No:
            self.sessions, self.shut = kept
            raise

    def new(self, **what) -> Session:
        self.sessions.append(Session(number=len(self.sessions), **what))
        return self.sessions[-1]

    # What is asked of it.

    def of(self, nurse: str) -> list[Session]:
        return [s for s in self.sessions if s.nurse == nurse]

    def free(self, nurse: str, span: Span) -> bool:
        return not any(meet(span, taken) for s in self.of(nurse) for taken in s.taken())

    def running(self, nurse: str) -> Session | None:
        return next((s for s in self.of(nurse) if s.watch and s.watch.lives), None)

    def own(self, number: int) -> Session:
        """Her own draft with a clock, looked at."""
        session = self.sessions[number]
        no_if(session.status != Status.DRAFT or session.watch is None)
        self.look(session, alive=True)
        return session

    # Silence.

    def look(self, s: Session, *, alive: bool = False) -> None:
        """What silence, questions and the limit mean by now. Asked before every act, and by the sweeper."""
        if s.watch is None or not s.watch.lives:
            return
        lost, full = s.watch.heard + LOST, self.now + LIMIT - s.worked(self.now)
        seen = self.now if alive and self.now < lost else min(s.watch.heard, self.now)
        if s.watch.asked is None:
            self.ask(s, seen=seen, before=full)
        if s.watch.asked is not None and self.now - s.watch.asked >= ANSWER_WITHIN or self.now >= lost:
            self.stop(s, s.watch.proven(s.watch.heard), leaves_gap=True)
        elif full <= seen:
            proven = s.watch.proven(full)
            self.stop(s, proven)
            self.doubted(s.watch, proven, full)

    def ask(self, s: Session, *, seen: int, before: int) -> None:
        """The earliest question that is due, unless nobody could see it or the limit came first."""
        due = [question for question in self.questions(s) if question[0] <= min(seen, self.now)]
        if due and min(due)[0] < before:
            s.watch.asked, s.watch.doubt = min(due)
            s.watch.state = ClockState.ASKING

    def questions(self, s: Session) -> list[tuple[int, int]]:
        """(when it is asked, from when on the time is in doubt)."""
        began = s.runs().start
        long = max(began, self.now + LONG - (s.worked(self.now) - s.watch.vouched))
        if s.in_call():
            return [(began + CALL_IDLE, began + CALL_IDLE), (long, long)]
        return [(s.watch.felt + IDLE, s.watch.felt), (long, long)]

    def stop(self, s: Session, moment: int, *, leaves_gap: bool = False) -> None:
        if piece := s.runs():
            piece.end = moment
            if moment <= piece.start:
                s.pieces.remove(piece)
        s.watch.state, s.watch.asked, s.watch.doubt = ClockState.PAUSED, None, None
        if leaves_gap:
            s.watch.gaps.append((moment, None))

    def stop_asked(self, s: Session) -> None:
        """At her wish: what a question leaves in doubt waits for its own answer."""
        proven = s.watch.proven(self.now)
        self.stop(s, proven)
        self.doubted(s.watch, proven, self.now)

    def doubted(self, watch: Watch, start: int, until: int) -> None:
        if start < until:
            watch.gaps.append((start, until))

    def is_back(self, watch: Watch) -> None:
        """An open gap ends now; one without length was none."""
        ended = [(start, self.now if until is None else until) for start, until in watch.gaps]
        watch.gaps = [(start, until) for start, until in ended if start < until]

    def go_on(self, s: Session, activity: str = Activity.DATA_REVIEW) -> None:
        s.pieces.append(Piece(self.now, None, activity))
        s.watch.heard = s.watch.felt = self.now
        if s.worked(self.now) - s.watch.vouched >= LONG:
            s.watch.vouched = s.worked(self.now)
        called = activity == Activity.CONTACT
        s.watch.state = ClockState.ON_CALL if called else ClockState.RUNNING

    def attest(self, s: Session, span: Span, activity: str = Activity.DATA_REVIEW) -> None:
        no_if(not self.free(s.nurse, span))
        s.pieces.append(Piece(*span, activity, Evidence.ATTESTED))

    # Her buttons.

    def start(self, nurse: str, patient: str, *, switch: bool) -> Session:
        running = self.live(nurse)
        if running and running.patient == patient:
            return running
        self.make_way(running, switch=switch)
        s = self.new(nurse=nurse, patient=patient, began=self.now, watch=Watch(self.now, self.now))
        self.go_on(s)
        return s

    def live(self, nurse: str) -> Session | None:
        if running := self.running(nurse):
            self.look(running)
        return self.running(nurse)

    def make_way(self, running: Session | None, *, switch: bool) -> None:
        no_if(running and not switch)
        if running:
            is_there = running.in_call() or self.now - running.watch.heard <= FEW_BEATS
            proven = running.watch.proven(self.now if is_there else running.watch.heard)
            self.stop(running, proven)
            self.doubted(running.watch, proven, self.now)

    def pause(self, number: int) -> None:
        s = self.own(number)
        if s.watch.lives:
            self.stop_asked(s)

    def resume(self, number: int, *, switch: bool) -> None:
        s = self.own(number)
        if s.watch.lives:
            return
        self.make_way(self.live(s.nurse), switch=switch)
        self.is_back(s.watch)
        self.go_on(s)

    def on_call(self, number: int, *, on: bool) -> None:
        s = self.own(number)
        no_if(s.watch.state not in LIVE)
        if on == s.in_call() and s.watch.asked is None:
            return
        self.stop_asked(s)
        self.go_on(s, Activity.CONTACT if on else Activity.DOCUMENTATION)

    def heartbeat(self, number: int, *, had_input: bool) -> None:
        s = self.own(number)
        if s.watch.lives:
            s.watch.heard = self.now
            if had_input and s.watch.state != ClockState.ASKING:
                s.watch.felt = self.now

    def answer(self, number: int, answer: str) -> None:
        """`keep` attests what was in doubt, `leave_out` drops it and goes on, `stop` drops it."""
        s = self.own(number)
        if s.watch.state != ClockState.ASKING:
            return
        doubt = s.watch.doubt
        activity = Activity.CONTACT if s.in_call() else Activity.DATA_REVIEW
        self.stop(s, doubt)
        if answer == "keep" and doubt < self.now:
            self.attest(s, (doubt, self.now), activity)
        if answer != "stop":
            self.go_on(s, activity)

    def claim(self, number: int, gap: int, seconds: int | None) -> None:
        """All of it, or its first seconds; what is not claimed is left out with the answer."""
        s = self.own(number)
        start, until = self.answered(s, gap)
        end = until if seconds is None else start + seconds * SECOND
        no_if(not start < end <= until)
        self.attest(s, (start, end))
        s.watch.vouched += end - start
        no_if(s.worked(self.now) > LIMIT)

    def leave(self, number: int, gap: int) -> None:
        self.answered(self.own(number), gap)

    def answered(self, s: Session, gap: int) -> Span:
        no_if(gap >= len(s.watch.gaps))
        start, until = s.watch.gaps.pop(gap)
        until = self.now if until is None else until
        no_if(until <= start)
        return start, until

    def sweep(self) -> None:
        for s in self.sessions:
            self.look(s)

    def leave_work(self, nurse: str) -> None:
        """She signs out."""
        if s := self.live(nurse):
            self.stop(s, s.watch.proven(self.now), leaves_gap=True)
