"""What comes by itself: the sweeper after a while, silence, days; and what an office does with whole months."""

from hypothesis import strategies as st

from tests.model import strategies
from tests.model.operations import move
from tests.model.steps import TimeKeeping
from tests.model.strategies import WAITS, WHICH


class Days(TimeKeeping):
    @move(1, later=st.one_of(WAITS, strategies.LONG_WAITS))
    def time_passes(self, later):
        self.wait(later)
        self.sweep()

    @move(2, edge=WHICH, beside=strategies.BESIDE)
    def silence_until_something_is_due(self, edge, beside):
        edges = strategies.edges_ahead(self.model)
        self.wait(max(0, edges[edge % len(edges)] + beside - self.model.now))
        self.sweep()

    def sweep(self) -> None:
        self.step("sweeper", self.model.sweep, self.real.sweep)

    @move(2, practice=strategies.PRACTICES, back=WHICH, opens=st.booleans(), later=WAITS)
    def the_office(self, practice, back, opens, later):
        """Closes one of the last months, or opens one, shut if any is."""
        self.wait(later)
        month = strategies.months_back(self.model, practice, min(2, back // 4))
        if not opens:
            self.close(practice, month)
        elif shut := sorted(self.model.shut):
            self.reopen(*shut[back % len(shut)])
        else:
            self.reopen(practice, month)

    def close(self, practice, month) -> None:
        model, real = self.model, self.real
        self.step("close", lambda: model.close(practice, month), lambda: real.close(practice, month))

    def reopen(self, practice, month) -> None:
        model, real = self.model, self.real
        self.step("reopen", lambda: model.reopen(practice, month), lambda: real.reopen(practice, month))
