"""`manage.py close_month`: the same close from the shell."""

import io

import pytest
import time_machine
from django.core.management import CommandError, call_command

from billing.models import Claim, CloseRun
from tests.integration.billing.months import APRIL_5, guides_example


@pytest.fixture(autouse=True)
def in_april():
    """The day on which March is closed."""
    with time_machine.travel(APRIL_5, tick=True):
        yield


def run(*arguments) -> str:
    out = io.StringIO()
    call_command("close_month", *arguments, stdout=out)
    return out.getvalue()


def test_it_closes_and_says_what_came_out(cast):
    guides_example(cast)
    said = run("2026-03", "--practice", "maple")
    assert said.endswith("March 2026 is closed: 1 ready to review, 1 needs attention.\n")


def test_running_it_twice_changes_nothing(cast):
    guides_example(cast)
    first = run("2026-03", "--practice", "maple")
    before = list(Claim.objects.order_by("number").values())
    assert run("2026-03", "--practice", "maple").splitlines()[-1] == first.splitlines()[-1]
    assert list(Claim.objects.order_by("number").values()) == before
    assert CloseRun.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("2026-13", "--practice", "maple"), "Month must be a year and a month"),
        (("2026-03", "--practice", "nowhere"), "There is no practice 'nowhere'"),
        (("2035-01", "--practice", "maple"), "is not over yet"),
        (("2017-01", "--practice", "maple"), "no billing rules for January 2017"),
    ],
)
def test_a_wrong_argument_is_a_sentence(cast, arguments, words):
    with pytest.raises(CommandError, match=words):
        run(*arguments)
