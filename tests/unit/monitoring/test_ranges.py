"""How a reading lies to a range, and how urgent that is: on each bound, just inside and just outside."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from monitoring.findings import Severity
from monitoring.ranges import Judged, Standing, judge, says_what_broke
from patients.models import Measure, TargetRange

IN, NONE = Judged(Standing.IN), Judged(Standing.NO_RANGE)
HIGH = Judged(Standing.ABOVE, Severity.WARNING)
LOW = Judged(Standing.BELOW, Severity.WARNING)
VERY_HIGH = Judged(Standing.ABOVE, Severity.CRITICAL)
VERY_LOW = Judged(Standing.BELOW, Severity.CRITICAL)
PRESSURE = TargetRange(
    measure=Measure.BLOOD_PRESSURE,
    low=Decimal(95),
    high=Decimal(135),
    second_high=Decimal(85),
    critical_low=Decimal(85),
    critical_high=Decimal(180),
    second_critical_high=Decimal(110),
    starts_on=date(2026, 1, 1),
)
# Everything under 88 is critical: the two bounds are one.
SATURATION = TargetRange(
    measure=Measure.SPO2, low=Decimal(88), critical_low=Decimal(88), starts_on=date(2026, 1, 1)
)


def pressure(systolic, diastolic="80"):
    return SimpleNamespace(
        measure=Measure.BLOOD_PRESSURE, value=Decimal(systolic), second_value=Decimal(diastolic)
    )


def saturation(value):
    return SimpleNamespace(measure=Measure.SPO2, value=Decimal(value), second_value=None)


@pytest.mark.parametrize(
    ("reading", "judged"),
    [
        (pressure("135"), IN),
        (pressure("135.01"), HIGH),
        (pressure("180"), HIGH),
        (pressure("180.01"), VERY_HIGH),
        (pressure("95"), IN),
        (pressure("94.99"), LOW),
        (pressure("85"), LOW),
        (pressure("84.99"), VERY_LOW),
        (pressure("120", "85"), IN),
        (pressure("120", "85.01"), HIGH),
        (pressure("120", "110.01"), VERY_HIGH),
        # Nothing is too low for the diastolic value here.
        (pressure("120", "1"), IN),
        # High over low is called above, and one critical value makes the reading critical.
        (pressure("90", "111"), VERY_HIGH),
        (pressure("84", "90"), Judged(Standing.ABOVE, Severity.CRITICAL)),
    ],
)
def test_each_bound_is_still_inside(reading, judged):
    assert judge(reading, PRESSURE) == judged


@pytest.mark.parametrize(("value", "judged"), [("88", IN), ("87.99", VERY_LOW), ("84", VERY_LOW)])
def test_a_critical_bound_may_lie_on_the_other(value, judged):
    assert judge(saturation(value), SATURATION) == judged


def test_without_a_range_nothing_is_judged():
    assert judge(saturation("50"), None) == NONE


@pytest.mark.parametrize(
    ("reading", "range_", "words"),
    [
        (
            pressure("158", "96"),
            PRESSURE,
            "Blood pressure 158/96 mmHg: systolic above 135, diastolic above 85",
        ),
        (pressure("190", "80"), PRESSURE, "Blood pressure 190/80 mmHg: systolic above critical 180"),
        (saturation("84"), SATURATION, "SpO₂ 84 %: below critical 88"),
    ],
)
def test_the_sentence_names_the_limit_that_was_broken(reading, range_, words):
    assert says_what_broke(reading, range_) == words


@pytest.mark.parametrize(
    ("judged", "words"),
    [(IN, "In range"), (HIGH, "Above range"), (VERY_LOW, "Critical, below range"), (NONE, "No range set")],
)
def test_in_words(judged, words):
    assert judged.words == words
