"""A policy set around the month's last midnight: which months it counts anew, by the practice's clock."""

from datetime import UTC, date, datetime, timedelta

import pytest

from billing.practice_policies.changes import PolicyGiven, lay_down
from foundation.refusals import Refused
from tests.factories import saved
from tests.integration.timelogs.notes import NO_ANSWER, signed_session
from timelogs.counting.totals import month_total
from timelogs.models import Period

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
# By New York's clock; in UTC it is four o'clock already.
MIDNIGHT = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
NOTE = {**NO_ANSWER, "action_detail": "Call again tomorrow morning.", "follow_up_on": date(2026, 4, 2)}


def called(cast) -> datetime:
    """Ten minutes on either side of midnight in which nobody answered. Returns when they were signed."""
    start = MIDNIGHT - timedelta(minutes=10)
    entry = signed_session(cast.jane, by=cast.rosa, starts_at=start, seconds=1200, **NOTE)
    return entry.signed_at


def counts_attempts(cast, starts_on: date, *, at: datetime) -> None:
    lay_down(cast.practice, PolicyGiven("attempts_counted", True, starts_on, "As agreed."), at=at)


def seconds(cast) -> tuple[int, int]:
    return month_total(cast.jane, MARCH).seconds, month_total(cast.jane, APRIL).seconds


@pytest.mark.parametrize(
    ("starts_on", "counted"),
    [
        (date(2026, 2, 28), (600, 600)),
        (date(2026, 3, 1), (600, 600)),
        (date(2026, 3, 2), (0, 600)),
        (date(2026, 3, 31), (0, 600)),
        (date(2026, 4, 1), (0, 600)),
        (date(2026, 4, 2), (0, 0)),
    ],
)
def test_months_that_begin_on_its_day_or_later_are_counted_anew(cast, starts_on, counted):
    at = called(cast)
    assert seconds(cast) == (0, 0)
    counts_attempts(cast, starts_on, at=at)
    assert seconds(cast) == counted


@pytest.mark.parametrize(
    ("moment", "gates"),
    [
        (MIDNIGHT - timedelta(seconds=1), [MARCH]),
        (MIDNIGHT, [MARCH, APRIL]),
        (MIDNIGHT + timedelta(1), [MARCH, APRIL]),
    ],
    ids=["a second before", "at midnight", "a day after"],
)
def test_gates_are_held_up_to_the_month_of_the_practices_today(cast, moment, gates):
    saved(Period(practice=cast.practice, month=MARCH))
    counts_attempts(cast, date(2026, 3, 31), at=moment)
    made = Period.objects.for_practice(cast.practice).order_by("month")
    assert list(made.values_list("month", flat=True)) == gates


@pytest.mark.parametrize("starts_on", [date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1)])
def test_a_decided_month_keeps_what_it_was_decided_by(cast, starts_on):
    at = called(cast)
    period = Period.objects.get(practice=cast.practice, month=MARCH)
    period.state, period.cut_off_at = "closed", at
    period.save()
    if starts_on < APRIL:
        with pytest.raises(Refused, match="March 2026 is closed.*Choose 01-Apr-2026 or a later day"):
            counts_attempts(cast, starts_on, at=at)
    else:
        counts_attempts(cast, starts_on, at=at)
    assert seconds(cast) == (0, 600 if starts_on == APRIL else 0)
