"""The days of a window towards sixteen, and when these can no longer be reached."""

from datetime import date, timedelta

import pytest

from monitoring.days import of_days

START, END = date(2026, 3, 1), date(2026, 3, 30)


def strip(today: int, *devices: set[int], end: date = END):
    """The window on its day number `today`, each device with readings on the days numbered."""
    counted = [{START + timedelta(days=n - 1) for n in numbers} for numbers in devices]
    every = set().union(*counted)
    return of_days(START, end, START + timedelta(days=today - 1), every, counted)


def first(count: int) -> set[int]:
    return set(range(1, count + 1))


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (15, "15 of 16 days with readings, 10 days left until 30 Mar"),
        (16, "16 days with readings: 16 reached"),
        (17, "17 days with readings: 16 reached"),
    ],
)
def test_fifteen_are_not_enough_and_sixteen_are(count, words):
    assert strip(21, first(count)).words == words


@pytest.mark.parametrize(("today", "out"), [(15, False), (16, True)])
def test_without_a_reading_the_sixteenth_last_day_is_the_last_that_reaches(today, out):
    shown = strip(today, set())
    assert (shown.within_reach, shown.out_of_reach) == (31 - today, out)


@pytest.mark.parametrize(("count", "out"), [(15, False), (14, True)])
def test_on_the_last_day_one_may_be_missing(count, out):
    shown = strip(30, first(count))
    assert shown.out_of_reach is out
    assert ("can no longer be reached" in shown.words) is out


def test_todays_reading_is_counted_once():
    assert strip(30, first(14) | {30}).out_of_reach
    assert strip(30, first(15) | {30}).reached


def test_the_last_day_is_named():
    assert strip(29, first(15)).words.endswith("2 days left until 30 Mar")
    assert strip(30, first(15)).words.endswith("1 day left until 30 Mar")


def test_days_of_two_devices_are_not_put_together():
    shown = strip(25, first(10), set(range(11, 21)))
    assert (shown.count, shown.within_reach) == (10, 16)
    assert sum(day.heard for day in shown.days) == 20


def test_a_window_that_stops_early_is_out_of_reach_early():
    assert strip(2, {1}, end=START + timedelta(days=14)).out_of_reach
    assert not strip(2, {1}, end=START + timedelta(days=15)).out_of_reach


def test_each_day_says_its_state():
    states = [day.state for day in strip(3, {1}).days]
    assert states[:4] == ["reading", "no reading", "to come", "to come"]
    assert len(states) == 30
