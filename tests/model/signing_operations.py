"""What is written and signed: past sessions, other lengths, corrections, approvals."""

from hypothesis import strategies as st

from tests.model import strategies
from tests.model.calendars import SECOND
from tests.model.operations import move
from tests.model.sessions import LIMIT, PATIENTS_OF, Session
from tests.model.steps import TimeKeeping
from tests.model.strategies import WAITS, WHICH
from timelogs.counting.overlaps import FIXES


class Papers(TimeKeeping):
    # Signing.

    @move(
        3,
        when=strategies.drafts,
        which=WHICH,
        note=strategies.NOTE,
        length=strategies.LENGTHS,
        why=strategies.REASONS,
        later=WAITS,
    )
    def sign(self, which, note, length, why, later):
        self.wait(later)
        s = self.one(strategies.drafts, which)
        self.write(s, note, says_why_late=s.says_why_late or bool(why))
        before = strategies.measured(s, self.model.now)
        self.finish(s, strategies.wanted(length, before), before, why)

    @move(2, when=strategies.drafts, later=WAITS)
    def sign_the_longest(self, later):
        """As it is, so that there is something signed to go on with."""
        self.wait(later)
        drafts = strategies.drafts(self.model)
        s = max(drafts, key=lambda each: min(LIMIT // SECOND, strategies.measured(each, self.model.now)))
        self.write(s, "reviewed", says_why_late=True)
        self.finish(s, None, 0, "")

    def write(self, s: Session, note: str, *, says_why_late: bool) -> None:
        s.note = note
        self.real.write(s, note=note, says_why_late=says_why_late and not s.says_why_late)
        s.says_why_late = says_why_late

    def finish(self, s: Session, seconds: int | None, before: int, why: str) -> None:
        said = f" {compared(seconds, before)}, reason given" if why else f" {compared(seconds, before)}"
        self.step(
            "sign" + said,
            lambda: self.model.sign(s.number, seconds=seconds, why=why),
            lambda: self.real.sign(s, seconds=seconds, why=why),
        )

    @move(
        3, when=strategies.signed, which=WHICH, note=strategies.NOTE, length=strategies.LENGTHS, later=WAITS
    )
    def amend(self, which, note, length, later):
        self.wait(later)
        s = self.one(strategies.signed, which)
        seconds = strategies.wanted(length, s.signed)
        self.step(
            f"amend {compared(seconds, s.signed)}",
            lambda: self.model.amend(s.number, note=note, seconds=seconds),
            lambda: self.real.amend(s, note=note, seconds=seconds),
        )

    @move(1, when=strategies.some_signed, which=WHICH, later=WAITS)
    def void(self, which, later):
        self.wait(later)
        s = self.one(strategies.signed, which)
        self.step("void", lambda: self.model.void(s.number), lambda: self.real.void(s))

    @move(1, when=strategies.many_drafts, later=WAITS)
    def discard(self, later):
        self.wait(later)
        s = strategies.drafts(self.model)[0]
        self.step("discard", lambda: self.model.discard(s.number), lambda: self.real.discard(s))

    @move(1, when=strategies.signed, which=WHICH, later=WAITS)
    def approve(self, which, later):
        """What waits for it, if anything does."""
        self.wait(later)
        found = strategies.waiting(self.model) or strategies.signed(self.model)
        s = found[which % len(found)]
        self.step("approve", lambda: self.model.approve(s.number), lambda: self.real.approve(s))

    @move(2, when=strategies.shared, which=WHICH, later=WAITS)
    def both_count(self, which, later):
        """Of two nurses with one patient at once; or it was said before."""
        self.wait(later)
        s = self.one(strategies.shared, which)
        self.step(
            "both count", lambda: self.model.let_both_count(s.number), lambda: self.real.let_both_count(s)
        )

    @move(1, when=strategies.some_signed, which=WHICH, later=WAITS)
    def count_once(self, which, later):
        self.wait(later)
        found = strategies.beside(self.model) or strategies.signed(self.model)
        s = found[which % len(found)]
        self.step("count once", lambda: self.model.count_once(s.number), lambda: self.real.count_once(s))

    # By hand.

    @move(
        1,
        nurse=strategies.NURSES,
        patient=WHICH,
        ago=strategies.PAST,
        length=strategies.HANDWRITTEN,
        fix=st.sampled_from(("", *FIXES)),
    )
    def by_hand(self, nurse, patient, ago, length, fix):
        start = self.model.now - ago - length
        self.log(nurse, patient, (start, start + length), fix)

    @move(
        2,
        nurse=strategies.NURSES,
        patient=WHICH,
        landmark=WHICH,
        shift=strategies.SHIFTS,
        length=strategies.HANDWRITTEN,
        fix=st.sampled_from(("", *FIXES)),
    )
    def by_hand_beside_another(self, nurse, patient, landmark, shift, length, fix):
        """Before, after or over time that is already there, hers or a colleague's."""
        marks = strategies.landmarks(self.model)
        start = marks[-1 - landmark % len(marks)] + shift
        self.log(nurse, patient, (start, start + length), fix)

    def log(self, nurse: str, patient: int, span, fix: str) -> None:
        name = PATIENTS_OF[nurse][patient % len(PATIENTS_OF[nurse])]
        self.step(
            f"past session, {fix or 'as typed'}",
            lambda: self.model.by_hand(nurse, name, span, fix=fix),
            lambda: self.real.by_hand(nurse, name, span, fix=fix),
        )


def compared(seconds: int | None, before: int) -> str:
    if seconds is None or seconds == before:
        return "as measured"
    return "less" if seconds < before else "more"
