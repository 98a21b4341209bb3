"""The forecast's chances are as good as they say, on a year it has not seen; what it calls impossible never happens."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.forecast.curve import ENOUGH, Curve, days_chance, days_learned, learned
from reports.forecast.minutes import MOST, Stood, curve_of
from tests.unit.reports import simulated

LINES = (10, 20, 40, 60, 80)
CALIBRATED = 0.05


def error(pairs: list[tuple[float, bool]]) -> float:
    """The expected calibration error: how far shares are from chances, in tenths, by how many lie there."""
    bins = defaultdict(list)
    for chance, got_there in pairs:
        bins[min(int(chance * 10), 9)].append((chance, got_there))
    return sum(
        abs(sum(chance for chance, _ in each) - sum(there for _, there in each)) for each in bins.values()
    ) / len(pairs)


@pytest.fixture(scope="module")
def year():
    by_month = defaultdict(list)
    for each in simulated.months(11, 600):
        by_month[each.month].append(each)
    return by_month


def stood(months, left: int) -> list[Stood]:
    """As the database would count them, so many days before the end of each."""
    cases = Counter()
    for each in months:
        day = simulated.days_of(each.month) - left + 1
        cases[min(each.until(day) // 60, MOST), min(each.whole // 60, MOST)] += 1
    return [Stood(before, whole, count, 0) for (before, whole), count in cases.items()]


@pytest.mark.parametrize("line", LINES)
def test_chances_of_minutes_are_calibrated(year, line):
    pairs, by_day = [], defaultdict(list)
    for month in range(7, 13):
        for left in (26, 21, 16, 11, 6, 3):
            curve = curve_of(stood([m for past in range(month - 6, month) for m in year[past]], left), line)
            for each in stood(year[month], left):
                if each.before < line:
                    chance = curve.chance(each.before)
                    by_day[left] += [(chance, each.whole >= line)] * each.count
    pairs = [pair for each in by_day.values() for pair in each]
    assert error(pairs) <= CALIBRATED
    assert max(map(error, by_day.values())) <= CALIBRATED
    assert len({round(chance, 1) for chance, _ in pairs}) > 3


def test_chances_of_days_are_calibrated_and_certainties_are_certain():
    windows = simulated.windows(5, 400)
    pairs = []
    for number in range(4, 12):
        curves = days_learned(each for window in windows[number - 4 : number] for each in window)
        for days in windows[number]:
            for gone in (3, 8, 13, 18, 22, 26, 29):
                chance = days_chance(curves, sum(day <= gone for day in days), 30 - gone)
                if chance in (0.0, 1.0):
                    assert (len(days) >= 16) == bool(chance)
                else:
                    pairs.append((chance, len(days) >= 16))
    assert error(pairs) <= CALIBRATED
    assert len({round(chance, 1) for chance, _ in pairs}) > 8


@given(
    had=st.integers(0, 30),
    left=st.integers(0, 30),
    windows=st.lists(st.sets(st.integers(1, 30)), max_size=60),
)
def test_impossible_is_what_no_reading_of_the_days_left_could_mend(had, left, windows):
    chance = days_chance(days_learned(map(sorted, windows)), had, left)
    assert (chance == 0.0) == (had + left < 16)
    assert (chance == 1.0) == (had >= 16)


@given(st.dictionaries(st.integers(0, 80), st.tuples(st.integers(1, 50), st.integers(0, 50)), min_size=1))
def test_more_so_far_is_no_smaller_chance(found):
    curve = learned((value, n, min(reached, n)) for value, (n, reached) in found.items())
    chances = [curve.chance(value) for value in range(90)]
    assert (chances[0] is None) == (curve.cases < ENOUGH)
    if chances[0] is not None:
        assert chances == sorted(chances)
        assert all(0 < chance < 1 for chance in chances)


@pytest.mark.parametrize(("cases", "known"), [(ENOUGH - 1, False), (ENOUGH, True)])
def test_of_too_few_cases_nothing_is_said(cases, known):
    assert (learned([(0, cases, 0)]).chance(0) is not None) == known
    assert Curve((), (), 0).chance(5) is None
