"""Months in every zone of the world: no instant in two of them, none in between, whatever the clocks there do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from foundation.months import bounds, last_day, month_of, months_between, next_month
from timelogs.intervals import clip, microseconds

FIRST, LAST = date(2019, 1, 1), date(2030, 12, 1)
TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
# What a session may look like beside a month's edge: it ends on it, begins on it, lies across it.
BESIDE = ((-HOUR, timedelta(0)), (timedelta(0), HOUR), (-HOUR, HOUR), (-TICK, TICK), (-TICK, timedelta(0)))


def months() -> list[date]:
    found = [FIRST]
    while found[-1] < LAST:
        found.append(next_month(found[-1]))
    return found


MONTHS = months()


@pytest.mark.parametrize("zone", sorted(available_timezones()))
def test_months_follow_one_another_and_split_what_lies_across_to_the_last_bit(zone):
    tz = ZoneInfo(zone)
    for month in MONTHS:
        starts, ends = bounds(month, tz=tz)
        assert ends == bounds(next_month(month), tz=tz)[0]
        assert (month_of(starts, tz=tz), month_of(ends - TICK, tz=tz)) == (month, month)
        assert month_of(starts - TICK, tz=tz) < month
        assert abs((ends - starts) - timedelta(days=last_day(month).day)) <= 3 * HOUR
        for before, after in BESIDE:
            span = (ends + before, ends + after)
            touched = months_between(*span, tz=tz)
            parts = [clip(span, bounds(each, tz=tz)) for each in touched]
            assert all(parts)
            assert microseconds(parts) == microseconds([span])


@pytest.mark.parametrize(
    ("zone", "month", "hours"),
    [
        ("America/New_York", date(2026, 2, 1), 672),
        ("America/New_York", date(2028, 2, 1), 696),
        ("America/New_York", date(2026, 3, 1), 743),
        ("America/New_York", date(2026, 11, 1), 721),
        ("America/Phoenix", date(2026, 3, 1), 744),
        # Its November of 2026 begins with an hour that comes twice: both belong to it.
        ("America/Havana", date(2026, 11, 1), 721),
        ("America/Havana", date(2026, 10, 1), 744),
        # Its October of 2023 began at one o'clock.
        ("America/Asuncion", date(2023, 10, 1), 743),
    ],
)
def test_months_are_as_long_as_the_clocks_make_them(zone, month, hours):
    starts, ends = bounds(month, tz=ZoneInfo(zone))
    assert ends - starts == timedelta(hours=hours)


def test_the_hour_that_comes_twice_belongs_to_the_day_both_times():
    tz = ZoneInfo("America/Havana")
    starts = bounds(date(2026, 11, 1), tz=tz)[0]
    assert starts == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert [month_of(starts + hours * HOUR, tz=tz) for hours in (0, 1)] == [date(2026, 11, 1)] * 2
