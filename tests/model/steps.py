"""How a step is made: on the model and by the services, and both compared after it."""

from collections import Counter

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from audit.invariants import broken
from foundation.refusals import Refused
from tests.databases import invariants_prepared
from tests.model import strategies
from tests.model.calendars import BEGINNINGS, at
from tests.model.comparison import Memory, Rows, always, compare_measured, compare_months, compare_sessions
from tests.model.operations import Move, moves_of
from tests.model.services import Real
from tests.model.sessions import No, Session
from tests.model.signing_model import Ledger


class TimeKeeping(RuleBasedStateMachine):
    """One example is one stretch of days, rolled back at its end."""

    real: Real
    tally: Counter
    moves: dict[str, Move]

    def __init_subclass__(cls):
        cls.moves = moves_of(cls)

    def __init__(self):
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.sound, self.memory = True, Memory()

    def teardown(self):
        try:
            if self.sound:
                assert broken(invariants_prepared()) == {}
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    @initialize(begins=st.sampled_from(BEGINNINGS), fraction=st.sampled_from((0, 321_000)))
    def a_day_begins(self, begins, fraction):
        self.began = begins + fraction
        self.model, self.real.rows = Ledger(self.began), {}
        self.wait(0)

    @rule(data=st.data())
    def something_happens(self, data):
        possible = {name: each for name, each in self.moves.items() if each.when(self.model)}
        names = [name for name, each in possible.items() for _ in range(each.weight)]
        name = data.draw(st.sampled_from(names), label="move")
        getattr(self, name)(**data.draw(possible[name].drawn, label=name))

    # How a step is made.

    def wait(self, micros: int) -> None:
        self.model.now += micros
        self.real.now = at(self.model.now)

    def step(self, name: str, promised, really) -> None:
        """The same on both: done by both, or refused by both; then everything is compared."""
        self.sound = False
        session, row = self.agree(promised, really)
        self.tally[name, "refused" if session is None else "done"] += 1
        if isinstance(session, Session):
            self.real.rows[session.number] = row
        self.compare()
        self.sound = True

    def agree(self, promised, really):
        """What each gave back, if both did it or both refused."""
        session, row = self.promise(promised), attempt(really)
        assert not isinstance(row, Refused) or session is None, f"refused without need: {row}"
        assert isinstance(row, Refused) or session is not None, "done though it must be refused"
        return session, row

    def promise(self, promised):
        """What the model gives back; None if it refuses."""
        try:
            with self.model.all_or_nothing():
                return promised() or True
        except No:
            return None

    def compare(self) -> None:
        rows = Rows(self.real)
        compare_sessions(self.model, rows)
        compare_measured(self.model, self.real, rows, self.memory)
        compare_months(self.model, self.real, rows, self.memory)
        always(rows, self.model.now, self.began)

    def clocked(self, which: int) -> Session:
        """A draft with a clock, mostly one that runs."""
        found = which % 4 and strategies.running(self.model) or strategies.with_clock(self.model)[::-1]
        return found[which % len(found)]

    def one(self, which_ones, which: int) -> Session:
        """The newest first."""
        found = which_ones(self.model)[::-1]
        return found[which % len(found)]


def attempt(really):
    """What the service gives back, or its refusal."""
    try:
        return really()
    except Refused as refusal:
        return refusal
