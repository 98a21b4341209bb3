"""Summaries, reading days and the 30-day windows."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from foundation.months import last_day
from monitoring import selectors
from monitoring.models import Reading, Source
from monitoring.windows import WINDOW, WINDOWS, anchored, reading_days
from patients.models import Enrollment, Measure
from tests import factories

MARCH = date(2026, 3, 1)


def pressure(person, day, systolic, diastolic, **more):
    taken = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
    fields = {
        "practice": person.practice,
        "patient": person,
        "device": factories.cuff_of(person),
        "measure": Measure.BLOOD_PRESSURE,
        "value": Decimal(systolic),
        "second_value": Decimal(diastolic),
        "source": Source.AUTOMATIC,
        "taken_at": taken,
        "received_at": taken,
        "day": day,
    }
    return factories.saved(Reading(**{**fields, **more}))


def summary(person, since, until):
    (only,) = selectors.summaries(person, since, until)
    return only


def test_a_summary_says_what_the_note_needs(cast):
    for offset, (systolic, diastolic) in enumerate([(132, 82), (128, 78), (158, 96)], start=1):
        pressure(cast.jane, date(2026, 3, offset), systolic, diastolic)
    found = summary(cast.jane, MARCH, date(2026, 3, 20))
    assert found.text == "3 readings on 3 days, 128–158/78–96 mmHg, 2 days above range"
    assert (found.count, found.days, found.days_out_of_range, found.days_above) == (3, 3, 2, 2)
    assert found.as_json()["low"] == "128"
    assert found.as_json()["since"] == "2026-03-01"


def test_the_bound_itself_is_in_range(cast):
    pressure(cast.jane, MARCH, 130, 80)
    assert summary(cast.jane, MARCH, MARCH).days_out_of_range == 0


def test_both_days_of_a_summary_are_included(cast):
    factories.readings(cast.jane, MARCH, 3)
    assert summary(cast.jane, MARCH, date(2026, 3, 2)).count == 2


def test_a_silent_device_is_named_with_no_readings(cast):
    found = summary(cast.jane, MARCH, date(2026, 3, 31))
    assert (found.count, found.low, found.text) == (0, None, "no readings")


def test_an_excluded_reading_is_not_summed_up(cast):
    pressure(cast.jane, MARCH, 210, 120, excluded_reason="Her son's reading")
    assert summary(cast.jane, MARCH, MARCH).count == 0


def test_only_automatic_readings_make_reading_days(cast):
    pressure(cast.jane, MARCH, 130, 80)
    pressure(cast.jane, date(2026, 3, 2), 130, 80, source=Source.TYPED, device=None)
    pressure(cast.jane, date(2026, 3, 3), 130, 80, excluded_reason="Not hers")
    days_of = reading_days(cast.practice, MARCH, date(2026, 3, 31), [cast.jane.pk])
    assert days_of(cast.jane.pk) == {factories.cuff_of(cast.jane).pk: {MARCH}}
    assert selectors.auto_days_in_month(cast.practice, MARCH, [cast.jane.pk, cast.max.pk]) == {
        cast.jane.pk: 1
    }


def test_reading_days_of_another_practice_are_not_seen(cast):
    factories.readings(cast.nora, MARCH, 3)
    for among in ([cast.nora.pk], None):
        assert reading_days(cast.practice, MARCH, date(2026, 3, 31), among)(cast.nora.pk) == {}


def windows_of(person, month, kind="rolling_30"):
    days = reading_days(person.practice, month - WINDOW, last_day(month), [person.pk])(person.pk)
    episodes = anchored(Enrollment.objects.filter(patient=person), person.practice).order_by("started_on")
    return WINDOWS[kind](episodes, days, month, [(date.min, date.max)])


def windows(person, month, kind="rolling_30"):
    return [(w.starts_on, w.ends_on, w.best_days) for w in windows_of(person, month, kind)]


def test_windows_run_on_from_the_first_reading_day(cast):
    factories.readings(cast.jane, date(2026, 1, 10), 45)
    assert windows(cast.jane, date(2026, 1, 1)) == []
    assert windows(cast.jane, date(2026, 2, 1)) == [(date(2026, 1, 10), date(2026, 2, 8), 30)]
    assert windows(cast.jane, MARCH) == [(date(2026, 2, 9), date(2026, 3, 10), 15)]
    assert windows(cast.jane, date(2026, 4, 1)) == [(date(2026, 3, 11), date(2026, 4, 9), 0)]


def test_a_month_of_31_days_can_end_two_windows(cast):
    factories.readings(cast.jane, date(2026, 1, 31), 1)
    assert windows(cast.jane, MARCH) == [
        (date(2026, 1, 31), date(2026, 3, 1), 1),
        (date(2026, 3, 2), date(2026, 3, 31), 0),
    ]


def test_a_february_can_end_none(cast):
    factories.readings(cast.jane, date(2026, 1, 1), 1)
    assert windows(cast.jane, date(2026, 1, 1)) == [(date(2026, 1, 1), date(2026, 1, 30), 1)]
    assert windows(cast.jane, date(2026, 2, 1)) == []


def test_readings_before_the_enrollment_do_not_anchor(cast):
    factories.readings(cast.jane, date(2025, 10, 20), 5)
    factories.readings(cast.jane, date(2025, 11, 10), 2)
    assert windows(cast.jane, date(2025, 12, 1)) == [(date(2025, 11, 10), date(2025, 12, 9), 2)]


def end(episode, ended_on):
    episode.ended_on, episode.end_reason = ended_on, "Moved away"
    episode.save()


@pytest.mark.parametrize(
    ("ended_on", "february", "march"),
    [
        (date(2026, 2, 8), [(date(2026, 1, 10), date(2026, 2, 7), 29)], []),
        (date(2026, 2, 9), [(date(2026, 1, 10), date(2026, 2, 8), 30)], []),
        (
            date(2026, 2, 10),
            [(date(2026, 1, 10), date(2026, 2, 8), 30), (date(2026, 2, 9), date(2026, 2, 9), 1)],
            [],
        ),
        (
            date(2026, 3, 1),
            [(date(2026, 1, 10), date(2026, 2, 8), 30), (date(2026, 2, 9), date(2026, 2, 28), 20)],
            [],
        ),
        (
            date(2026, 3, 2),
            [(date(2026, 1, 10), date(2026, 2, 8), 30)],
            [(date(2026, 2, 9), date(2026, 3, 1), 21)],
        ),
    ],
)
def test_a_window_stops_with_the_last_monitored_day(cast, ended_on, february, march):
    factories.readings(cast.jane, date(2026, 1, 10), 60)
    end(cast.jane_enrolled, ended_on)
    assert windows(cast.jane, date(2026, 2, 1)) == february
    assert windows(cast.jane, MARCH) == march


def test_the_other_reading_takes_the_last_thirty_days_of_each_month(cast):
    factories.readings(cast.jane, date(2026, 1, 1), 60)
    found = {m: windows(cast.jane, date(2026, m, 1), "calendar_month") for m in (1, 2, 3)}
    assert found[1] == [(date(2026, 1, 2), date(2026, 1, 31), 30)]
    assert found[2] == [(date(2026, 2, 1), date(2026, 2, 28), 28)]
    assert found[3] == [(date(2026, 3, 2), date(2026, 3, 31), 0)]
    end(cast.jane_enrolled, date(2026, 2, 10))
    assert windows(cast.jane, date(2026, 2, 1), "calendar_month") == [(date(2026, 2, 1), date(2026, 2, 9), 9)]


def test_a_leap_day_is_a_day(cast):
    cast.jane_enrolled.started_on = date(2024, 1, 2)
    cast.jane_enrolled.save()
    factories.readings(cast.jane, date(2024, 2, 1), 30)
    assert windows(cast.jane, date(2024, 3, 1)) == [
        (date(2024, 2, 1), date(2024, 3, 1), 30),
        (date(2024, 3, 2), date(2024, 3, 31), 0),
    ]
    assert windows(cast.jane, date(2024, 2, 1), "calendar_month") == [
        (date(2024, 2, 1), date(2024, 2, 29), 29)
    ]


def test_best_days_are_of_one_device_and_any_days_of_all(cast):
    factories.readings(cast.jane, date(2026, 1, 10), 3)
    scale = factories.saved(factories.Device(practice=cast.practice, serial="S-1", kind="scale"))
    for day in (12, 13, 14, 15):
        weight = {"device": scale, "measure": Measure.WEIGHT, "value": Decimal(80), "second_value": None}
        pressure(cast.jane, date(2026, 1, day), 0, 0, **weight)
    (window,) = windows_of(cast.jane, date(2026, 2, 1))
    assert (window.best_days, window.any_days) == (4, 6)
    assert window.devices[scale.pk] == tuple(date(2026, 1, day) for day in (12, 13, 14, 15))


def test_the_latest_reading_is_the_newest_that_was_not_excluded(cast):
    pressure(cast.jane, MARCH, 130, 80)
    pressure(cast.jane, date(2026, 3, 2), 199, 80, excluded_reason="Not hers")
    assert selectors.latest_readings(cast.practice, [cast.jane.pk])[cast.jane.pk].day == MARCH
    assert selectors.last_automatic_days(cast.practice, [cast.jane.pk]) == {cast.jane.pk: MARCH}
