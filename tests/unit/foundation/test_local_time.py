"""The hour that is skipped and the hour that comes twice: never guessed, in no zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.local_time import moment_of, moments, on_clock, which_choices
from foundation.refusals import Refused

NEW_YORK, HAVANA, LORD_HOWE = (
    ZoneInfo(name) for name in ("America/New_York", "America/Havana", "Australia/Lord_Howe")
)
SPRING, FALL = date(2026, 3, 8), date(2026, 11, 1)


@pytest.mark.parametrize(
    ("day", "clock", "tz", "count"),
    [
        (SPRING, time(1, 59), NEW_YORK, 1),
        (SPRING, time(2, 0), NEW_YORK, 0),
        (SPRING, time(2, 59), NEW_YORK, 0),
        (SPRING, time(3, 0), NEW_YORK, 1),
        (FALL, time(0, 59), NEW_YORK, 1),
        (FALL, time(1, 0), NEW_YORK, 2),
        (FALL, time(1, 59), NEW_YORK, 2),
        (FALL, time(2, 0), NEW_YORK, 1),
        (SPRING, time(0, 0), HAVANA, 0),
        (FALL, time(0, 30), HAVANA, 2),
        (date(2026, 10, 4), time(2, 15), LORD_HOWE, 0),
        (date(2026, 4, 5), time(1, 45), LORD_HOWE, 2),
    ],
)
def test_at_the_edges_of_the_change(day, clock, tz, count):
    assert len(moments(day, clock, tz=tz)) == count


def test_a_skipped_time_is_said():
    with pytest.raises(
        Refused, match=r"The clocks skipped 02:30 on 8 Mar 2026\. Enter the time that they showed\."
    ):
        moment_of(SPRING, time(2, 30), tz=NEW_YORK)


def test_of_two_the_person_says_which():
    with pytest.raises(Refused, match=r"showed 01:30 twice on 1 Nov 2026\. Choose which is meant\."):
        moment_of(FALL, time(1, 30), tz=NEW_YORK)
    first = moment_of(FALL, time(1, 30), tz=NEW_YORK, which="first")
    assert first == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert moment_of(FALL, time(1, 30), tz=NEW_YORK, which="second") == first + timedelta(hours=1)
    assert which_choices(FALL, time(1, 30), tz=NEW_YORK) == [
        ("first", "01:30 EDT, the first"),
        ("second", "01:30 EST, the second"),
    ]
    assert which_choices(FALL, time(2, 30), tz=NEW_YORK) == []


def test_a_time_that_comes_twice_is_shown_with_its_zone():
    first = datetime(2026, 11, 1, 5, 50, tzinfo=UTC)
    assert on_clock(first, tz=NEW_YORK) == "01:50 EDT"
    assert on_clock(first + timedelta(minutes=30), tz=NEW_YORK) == "01:20 EST"
    assert on_clock(first + timedelta(hours=2), tz=NEW_YORK) == "02:50"


@given(
    st.datetimes(datetime(2019, 1, 1), datetime(2030, 1, 1)), st.sampled_from([NEW_YORK, HAVANA, LORD_HOWE])
)
def test_every_instant_is_among_those_at_which_the_clocks_showed_it(instant, tz):
    local = instant.replace(tzinfo=UTC).astimezone(tz)
    assert instant.replace(tzinfo=UTC) in moments(local.date(), local.time(), tz=tz)
