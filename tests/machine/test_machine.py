"""Ten thousand steps of two nurses' work by the services and by a model in whole numbers: no divergence."""

from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.trials import SOAK
from tests.machine.buttons import Buttons
from tests.machine.days import Days
from tests.machine.papers import Papers
from tests.machine.real import Real

STEPS, EACH = (10_000 if SOAK else 1_000), 100


class Work(Buttons, Papers, Days):
    """Everything that can be done with time."""


def test_the_seconds_are_those_of_the_model(cast):
    Work.real, Work.tally = Real(cast), Counter()
    run_state_machine_as_test(
        Work,
        settings=settings(
            max_examples=STEPS // EACH,
            stateful_step_count=EACH,
            deadline=None,
            report_multiple_bugs=False,
            print_blob=True,
            derandomize=not SOAK,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Work.tally.total() >= STEPS, tell(Work.tally)
    print(tell(Work.tally))


def tell(tally: Counter) -> str:
    rows = "\n".join(f"{n:6} {name}, {how}" for (name, how), n in sorted(tally.items()))
    return f"{tally.total()} steps\n{rows}"
