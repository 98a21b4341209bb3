"""The drawn figure: shapes by range, gaps, limits over their days."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from monitoring.chart import DayOfReadings, draw, draw_days
from monitoring.models import Reading
from monitoring.ranges import Ranges, Standing, judge
from patients.labels import range_in_words
from patients.models import TargetRange

NEW_YORK = ZoneInfo("America/New_York")
DAYS = {"since": date(2026, 1, 1), "until": date(2026, 1, 30), "tz": NEW_YORK}
GOAL = TargetRange(
    measure="blood_pressure", high=Decimal(130), second_high=Decimal(80), starts_on=date(2026, 1, 1)
)


def pressure(day, systolic, diastolic, source="automatic"):
    moment = datetime(2026, 1, day, 13, tzinfo=UTC)
    values = {"value": Decimal(systolic), "second_value": Decimal(diastolic)}
    return Reading(measure="blood_pressure", taken_at=moment, day=moment.date(), source=source, **values)


def figure(*rows, ranges=(GOAL,)):
    return draw(rows, ranges, **DAYS)


def shapes(series):
    return [shape for shape in series.marks.split("z") if shape]


def test_without_readings_nothing_is_drawn():
    assert figure() is None


def test_shape_tells_in_range_from_out_of_range():
    systolic, diastolic = figure(pressure(2, 128, 90), pressure(3, 150, 70)).series
    assert [shape.endswith("l4.8 8.5h-9.6") for shape in shapes(systolic)] == [False, True]
    assert [shape.endswith("l4.8 8.5h-9.6") for shape in shapes(diastolic)] == [True, False]


@pytest.mark.parametrize(("systolic", "sides"), [(180, 3), (181, 6), (90, 3), (89, 6)])
def test_past_a_critical_bound_it_has_six_sides(systolic, sides):
    goal = TargetRange(
        measure="blood_pressure",
        **{
            name: Decimal(value)
            for name, value in {"low": 100, "high": 130, "critical_low": 90, "critical_high": 180}.items()
        },
        starts_on=date(2026, 1, 1),
    )
    drawn = figure(pressure(2, systolic, 70), ranges=(goal,))
    assert (shapes(drawn.series[0])[0].count("l3 ") == 1) is (sides == 6)


def day(number, low, high):
    return DayOfReadings(date(2026, 1, number), 288, Decimal(low), Decimal(high), None, None, "glucose")


def test_many_readings_are_drawn_as_a_stroke_a_day_with_a_shape_where_it_left_the_range():
    goal = TargetRange(measure="glucose", low=Decimal(70), high=Decimal(180), starts_on=date(2026, 1, 1))
    drawn = draw_days([day(2, 70, 180), day(3, 69, 181), day(4, 71, 181)], (goal,), **DAYS)
    (series,) = drawn.series
    assert series.bands.count("M") == len(drawn.points) == 3
    assert len(shapes(series)) == 3
    assert series.lines == ()


@pytest.mark.parametrize("number", [date(2026, 3, 8), date(2026, 11, 1)])
def test_a_day_of_23_or_25_hours_has_its_noon_in_its_middle(number):
    days = {"since": number, "until": number, "tz": NEW_YORK}
    drawn = draw_days([DayOfReadings(number, 1, Decimal(5), Decimal(6), None, None, "glucose")], (), **days)
    assert drawn.points == ((drawn.left + drawn.right) / 2,)


def test_a_gap_of_days_breaks_the_line():
    systolic, _ = figure(
        pressure(2, 128, 70), pressure(3, 128, 70), pressure(9, 128, 70), pressure(10, 128, 70)
    ).series
    assert len(systolic.lines) == 2


def test_typed_values_are_hollow():
    systolic, _ = figure(pressure(2, 128, 70, source="typed")).series
    assert systolic.marks == ""
    assert systolic.hollow


def test_later_is_further_right_and_higher_is_further_up():
    marks = figure(pressure(2, 120, 70), pressure(20, 125, 70), ranges=()).series[0].marks
    (x1, y1), (x2, y2) = (map(float, m.split("a")[0].split()) for m in marks.split("M")[1:])
    assert x2 > x1
    assert y2 < y1


def test_everything_lies_inside_the_frame():
    drawn = figure(pressure(1, 300, 20), pressure(30, 40, 30))
    assert all(0 <= tick.at <= drawn.height for tick in drawn.y_ticks)
    assert all(drawn.left <= limit.x1 <= limit.x2 <= drawn.right for limit in drawn.limits)


def test_a_limit_is_drawn_over_the_days_it_was_in_force():
    ended = TargetRange(
        measure="blood_pressure", high=140, starts_on=date(2026, 1, 1), ends_on=date(2026, 1, 15)
    )
    (limit,) = figure(pressure(2, 128, 70), ranges=(ended,)).limits
    assert limit.x2 < figure(pressure(2, 128, 70)).limits[0].x2


def test_a_limit_ends_where_the_next_range_begins():
    """The day on which a range ends is the next one's."""
    change = date(2026, 1, 15)
    before = TargetRange(measure="blood_pressure", high=140, starts_on=date(2026, 1, 1), ends_on=change)
    after = TargetRange(measure="blood_pressure", high=130, starts_on=change)
    first, second = figure(pressure(2, 128, 70), ranges=(before, after)).limits
    assert first.x2 == second.x1


def test_a_reading_is_judged_by_the_range_of_its_day():
    patient = GOAL.patient_id
    later = TargetRange(measure="blood_pressure", high=Decimal(120), starts_on=date(2026, 1, 10))
    first = TargetRange(
        measure="blood_pressure", high=Decimal(130), starts_on=date(2026, 1, 1), ends_on=date(2026, 1, 10)
    )
    ranges = Ranges((first, later))
    found = [ranges.on(patient, "blood_pressure", date(2026, 1, day)) for day in (9, 10)]
    assert found == [first, later]


def test_one_value_out_of_range_is_enough():
    assert judge(pressure(2, 128, 81), GOAL).standing is Standing.ABOVE
    assert judge(pressure(2, 130, 80), GOAL).standing is Standing.IN
    assert judge(pressure(2, 128, 81), None).standing is Standing.NO_RANGE


def test_ranges_in_words():
    assert range_in_words(GOAL) == "at most 130/80"
    assert (
        range_in_words(TargetRange(measure="glucose", low=Decimal(70), high=Decimal("180.00"))) == "70 to 180"
    )
    assert range_in_words(TargetRange(measure="spo2", low=Decimal("92.50"))) == "at least 92.5"
    assert range_in_words(None) == ""
