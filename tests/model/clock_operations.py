"""What a nurse presses: the buttons of the clock, and what the page presses for her."""

from hypothesis import strategies as st

from tests.model import strategies
from tests.model.calendars import SECOND
from tests.model.clock_model import ANSWER_WITHIN
from tests.model.operations import move
from tests.model.sessions import PATIENTS_OF, Session
from tests.model.steps import TimeKeeping
from tests.model.strategies import WAITS, WHICH, part_of

BEATS_EVERY = 150 * SECOND
ANSWERS = ("keep", "leave_out", "stop")


class Buttons(TimeKeeping):
    @move(2, nurse=strategies.NURSES, patient=WHICH, switch=st.booleans(), later=WAITS)
    def start(self, nurse, patient, switch, later):
        self.wait(later)
        name = PATIENTS_OF[nurse][patient % len(PATIENTS_OF[nurse])]
        self.step(
            "start" + " with switch" * switch,
            lambda: self.model.start(nurse, name, switch=switch),
            lambda: self.real.start(nurse, name, switch=switch),
        )

    @move(1, when=strategies.running, which=WHICH, later=WAITS)
    def pause(self, which, later):
        self.wait(later)
        s = self.clocked(which)
        self.step("pause", lambda: self.model.pause(s.number), lambda: self.real.pause(s))

    @move(3, when=strategies.with_clock, which=WHICH, switch=st.booleans(), later=WAITS)
    def resume(self, which, switch, later):
        self.wait(later)
        paused = strategies.paused(self.model)
        s = paused[which % len(paused)] if paused else self.clocked(which)
        self.step(
            "resume" + " with switch" * switch,
            lambda: self.model.resume(s.number, switch=switch),
            lambda: self.real.resume(s, switch=switch),
        )

    @move(2, when=strategies.running, which=WHICH, turns=st.booleans(), later=WAITS)
    def call(self, which, turns, later):
        self.wait(later)
        s = self.clocked(which)
        on = s.in_call() != turns
        self.step(
            "on call" if on else "off call",
            lambda: self.model.on_call(s.number, on=on),
            lambda: self.real.on_call(s, on=on),
        )

    @move(2, when=strategies.running, which=WHICH, had_input=st.booleans(), later=WAITS)
    def heartbeat(self, which, had_input, later):
        self.wait(later)
        self.beat(self.clocked(which), had_input=had_input)

    def beat(self, s: Session, *, had_input: bool) -> None:
        name = "heartbeat with input" if had_input else "heartbeat without"
        self.step(name, *self.one_beat(s, had_input=had_input))

    def one_beat(self, s: Session, *, had_input: bool):
        return (
            lambda: self.model.heartbeat(s.number, had_input=had_input),
            lambda: self.real.heartbeat(s, had_input=had_input),
        )

    @move(
        3,
        when=strategies.asking,
        which=WHICH,
        answer=st.sampled_from(ANSWERS),
        later=WAITS,
    )
    def answer(self, which, answer, later):
        self.wait(later)
        s = (strategies.asking(self.model) or [self.clocked(which)])[0]
        self.answers(s, answer)

    def answers(self, s: Session, answer: str) -> None:
        asked = "" if s.watch.asked is None else ", asked"
        self.step(
            f"answer {answer}{asked}",
            lambda: self.model.answer(s.number, answer),
            lambda: self.real.answer(s, answer),
        )

    @move(
        3, when=strategies.running, which=WHICH, edge=WHICH, beside=strategies.BESIDE, had_input=st.booleans()
    )
    def keeps_the_page_open(self, which, edge, beside, had_input):
        """Heartbeats up to a moment at which something is due, or just beside it."""
        found, edges = strategies.running(self.model), strategies.edges_ahead(self.model)
        self.page_open_until(
            found[which % len(found)], edges[edge % len(edges)] + beside, had_input=had_input
        )

    @move(
        6,
        when=strategies.running,
        which=WHICH,
        beside=strategies.BESIDE,
        had_input=st.booleans(),
        answer=st.sampled_from((*ANSWERS, None)),
        later=WAITS,
    )
    def is_asked(self, which, beside, had_input, answer, later):
        """Without input until the next question, or the end of its time; with input until the long session's."""
        found = strategies.running(self.model)
        s = found[which % len(found)]
        questions = [asked for asked, _ in self.model.questions(s)]
        due = s.watch.asked + ANSWER_WITHIN if s.watch.asked is not None else min(questions)
        self.page_open_until(s, (questions[-1] if had_input else due) + beside, had_input=had_input)
        if answer:
            self.wait(later)
            self.answers(s, answer)

    def page_open_until(self, s: Session, until: int, *, had_input: bool) -> None:
        while s.watch.lives and self.model.now + BEATS_EVERY < until:
            self.wait(BEATS_EVERY)
            self.agree(*self.one_beat(s, had_input=had_input))
        self.wait(max(0, until - self.model.now))
        self.beat(s, had_input=had_input)

    @move(2, when=strategies.with_gap, which=WHICH, part=strategies.PARTS, later=WAITS)
    def gap(self, which, part, later):
        """Claimed, in part or past its ends, or left."""
        found = strategies.with_gap(self.model)[::-1]
        s = found[which % len(found)]
        gap = which % len(s.watch.gaps)
        seconds = part and part_of(s.watch.gaps[gap], part, self.model.now)
        self.wait(later)
        if part:
            self.claim(s, gap, seconds)
        else:
            self.leave(s, gap)

    def claim(self, s: Session, gap: int, seconds: int | None) -> None:
        self.step(
            "claim a gap",
            lambda: self.model.claim(s.number, gap, seconds),
            lambda: self.real.claim(s, gap, seconds),
        )

    def leave(self, s: Session, gap: int) -> None:
        self.step("leave a gap", lambda: self.model.leave(s.number, gap), lambda: self.real.leave(s, gap))

    @move(1, nurse=strategies.NURSES, later=WAITS)
    def sign_out(self, nurse, later):
        self.wait(later)
        self.step("sign out", lambda: self.model.leave_work(nurse), lambda: self.real.leave_work(nurse))
