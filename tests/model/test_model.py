"""Ten thousand steps of two nurses' work by the services and by a model in whole numbers: no divergence."""

from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.trials import SOAK, trials
from tests.model.background_operations import Days
from tests.model.clock_operations import Buttons
from tests.model.services import Real
from tests.model.signing_operations import Papers

# A story that draws too much is given up by Hypothesis: half as many again make up for it.
STEPS, EACH = trials(10_000), 100
STORIES = settings(
    max_examples=STEPS // EACH * 3 // 2,
    # The day's beginning is one more.
    stateful_step_count=EACH + 1,
    deadline=None,
    derandomize=not SOAK,
    print_blob=True,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


class Work(Buttons, Papers, Days):
    """Everything that can be done with time."""


def test_the_seconds_are_those_of_the_model(cast):
    Work.real, Work.tally = Real(cast), Counter()
    run_state_machine_as_test(Work, settings=STORIES)
    print(tell(Work.tally))
    assert Work.tally.total() >= STEPS
    assert {"start", "pause", "resume", "void", "close", "reopen", "claim a gap", "both count"} <= done(
        Work.tally
    )


def done(tally: Counter) -> set[str]:
    return {name for name, how in tally if how == "done"}


def tell(tally: Counter) -> str:
    rows = "\n".join(f"{n:6} {name}, {how}" for (name, how), n in sorted(tally.items()))
    return f"{tally.total()} steps\n{rows}"
