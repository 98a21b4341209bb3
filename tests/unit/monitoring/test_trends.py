"""Trends at their edges: exactly 2 kg, exactly 3 days, the fifth reading and the seventh day."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest

from monitoring.ranges import Standing
from monitoring.watching.trends import REPEATED_ABOVE, REPEATED_BELOW, WEIGHT_GAIN, trends
from patients.models import Measure

MONDAY = date(2026, 1, 5)
USUAL = {"weight_gain_grams": 2000, "weight_gain_days": 3, "repeated_readings": 5, "repeated_days": 7}


def row(measure, day: int, value, hour: int = 8):
    on = MONDAY + timedelta(days=day)
    at = datetime(on.year, on.month, on.day, hour, tzinfo=UTC)
    return SimpleNamespace(
        pk=uuid4(), measure=measure, value=Decimal(value), second_value=None, taken_at=at, day=on
    )


def weights(*pairs):
    return [row(Measure.WEIGHT, day, value) for day, value in pairs]


def found(rows, standing=Standing.IN, **policies):
    values = USUAL | policies
    return [
        (t.rule, [r.pk for r in t.readings]) for t in trends(rows, [standing] * len(rows), lambda _: values)
    ]


@pytest.mark.parametrize(
    ("first", "last", "is_one"),
    [
        ((0, "80.00"), (3, "82.00"), True),
        ((0, "80.00"), (3, "81.99"), False),
        ((0, "80.00"), (4, "84.00"), False),
        ((0, "80.00"), (0, "82.00"), True),
        ((0, "82.00"), (3, "80.00"), False),
    ],
)
def test_two_kilograms_in_three_days(first, last, is_one):
    rows = weights(first, last)
    assert found(rows) == ([(WEIGHT_GAIN, [row.pk for row in rows])] if is_one else [])


def test_three_days_are_days_of_the_calendar():
    """From Monday morning to Thursday evening, more than 72 hours: nobody weighs at the same minute."""
    rows = [row(Measure.WEIGHT, 0, 80, hour=6), row(Measure.WEIGHT, 3, 82, hour=20)]
    assert [rule for rule, _ in found(rows)] == [WEIGHT_GAIN]


def test_the_gain_is_from_the_lowest_of_the_days():
    rows = weights((0, "81"), (1, "80.5"), (2, "81.5"), (3, "82.6"))
    assert found(rows) == [(WEIGHT_GAIN, [rows[1].pk, rows[3].pk])]
    (trend,) = trends(rows, [Standing.IN] * 4, lambda _: USUAL)
    assert trend.says == "Weight 82.6 kg, 2.1 kg more in 2 days (80.5 kg on 06-Jan-2026)"


def test_another_measure_gains_no_weight():
    assert found([row(Measure.GLUCOSE, 0, 80), row(Measure.GLUCOSE, 1, 190)]) == []


@pytest.mark.parametrize("policy", ["weight_gain_grams", "repeated_readings"])
def test_zero_is_off(policy):
    rows = weights(*((day, 80 + day) for day in range(6)))
    rules = {rule for rule, _ in found(rows, Standing.ABOVE)}
    assert rules == {WEIGHT_GAIN, REPEATED_ABOVE}
    assert len({rule for rule, _ in found(rows, Standing.ABOVE, **{policy: 0})}) == 1


@pytest.mark.parametrize(
    ("days", "is_one"),
    [
        ((0, 1, 2, 6), False),
        ((0, 1, 2, 3, 6), True),
        ((0, 1, 2, 3, 7), False),
        ((0, 0, 0, 0, 0), True),
    ],
)
@pytest.mark.parametrize(
    ("side", "rule"), [(Standing.ABOVE, REPEATED_ABOVE), (Standing.BELOW, REPEATED_BELOW)]
)
def test_five_readings_on_one_side_in_seven_days(days, is_one, side, rule):
    rows = [row(Measure.GLUCOSE, day, 190, hour=hour) for hour, day in enumerate(days)]
    assert found(rows, side) == ([(rule, [row.pk for row in rows])] if is_one else [])


@pytest.mark.parametrize("side", [Standing.IN, Standing.NO_RANGE])
def test_what_is_in_range_or_has_none_is_no_trend(side):
    assert found([row(Measure.GLUCOSE, 0, 190, hour=hour) for hour in range(9)], side) == []


def test_readings_on_both_sides_are_not_put_together():
    rows = [row(Measure.GLUCOSE, 0, 190, hour=hour) for hour in range(8)]
    sides = [Standing.ABOVE, Standing.BELOW] * 4
    assert list(trends(rows, sides, lambda _: USUAL)) == []


def test_each_reading_is_looked_at_by_the_policies_of_its_day():
    rows = weights((0, "80"), (3, "81"), (10, "80"), (13, "81"))
    later = MONDAY + timedelta(days=10)
    by_day = lambda day: USUAL | {"weight_gain_grams": 1000 if day >= later else 2000}  # noqa: E731
    assert [t.readings[1] for t in trends(rows, [Standing.IN] * 4, by_day)] == [rows[3]]
