"""What readings show that came in: by the range of their day, with their neighbors, asked once or twice."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.models import PolicySetting
from foundation.tracked import bulk_create_tracked
from monitoring.findings import Cause, Finding, Severity
from monitoring.models import Measure, Reading, Source
from monitoring.services import exclude
from monitoring.watching.findings import of_readings
from patients.models import TargetRange
from tests.factories import saved

MONDAY = date(2026, 1, 5)
NOON = datetime(2026, 1, 5, 17, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def readings(
    patient, measure, *values, since: int = 0, hours: int = 24, source=Source.TYPED
) -> list[Reading]:
    rows = []
    for number, value in enumerate(values):
        at = NOON + timedelta(days=since, hours=number * hours)
        first, _, second = str(value).partition("/")
        rows.append(
            Reading(
                practice=patient.practice,
                patient=patient,
                measure=measure,
                value=Decimal(first),
                second_value=Decimal(second) if second else None,
                source=source,
                taken_at=at,
                received_at=at,
                day=at.astimezone(patient.tz).date(),
            )
        )
    return bulk_create_tracked(rows)


def found(patient, rows) -> list[Finding]:
    return of_readings(patient.practice, [row.pk for row in rows])


def range_of(patient, measure, starts_on=date(2025, 11, 2), **bounds) -> TargetRange:
    review_by = starts_on + timedelta(days=90)
    own = {"practice": patient.practice, "patient": patient, "measure": measure}
    return saved(TargetRange(**own, starts_on=starts_on, review_by=review_by, **bounds))


def test_a_reading_out_of_its_range(cast):
    rows = readings(cast.jane, Measure.BLOOD_PRESSURE, "130/80", "158/96")
    said = "Blood pressure 158/96 mmHg: systolic above 130, diastolic above 80"
    (finding,) = found(cast.jane, rows)
    assert finding == Finding(
        cast.jane.pk,
        Cause.READING,
        Severity.WARNING,
        said,
        rows[1].taken_at,
        measure=Measure.BLOOD_PRESSURE,
        reading_ids=(rows[1].pk,),
    )


def came(rows, *, after: timedelta) -> None:
    """So long after they were taken they came in."""
    for row in rows:
        row.received_at = row.taken_at + after
        row.save()


@pytest.mark.parametrize(
    ("after", "severity"),
    [
        (timedelta(days=7) - timedelta(seconds=1), "critical"),
        (timedelta(days=7), "critical"),
        (timedelta(days=7, seconds=1), "warning"),
        (timedelta(days=90), "warning"),
    ],
)
def test_what_is_old_when_it_comes_is_a_warning_that_says_of_when_it_is(cast, after, severity):
    range_of(cast.jane, Measure.SPO2, low=Decimal(92), critical_low=Decimal(88))
    rows = readings(cast.jane, Measure.SPO2, 84)
    came(rows, after=after)
    (finding,) = found(cast.jane, rows)
    assert finding.severity == severity
    late = "" if severity == "critical" else ". Came late: taken 05-Jan-2026"
    assert finding.says == "SpO₂ 84 %: below critical 88" + late


def test_months_of_old_readings_are_one_warning_of_their_worst(cast):
    range_of(cast.jane, Measure.SPO2, low=Decimal(92), critical_low=Decimal(88))
    rows = readings(cast.jane, Measure.SPO2, 91, 84, 90)
    came(rows, after=timedelta(days=60))
    (finding,) = found(cast.jane, rows)
    assert finding.severity == "warning"
    assert finding.says == (
        "SpO₂ 84 %: below critical 88; 3 readings out of range together. "
        "Came late: taken 05-Jan-2026 to 07-Jan-2026"
    )


def test_old_ones_hide_none_that_came_in_time(cast):
    range_of(cast.jane, Measure.SPO2, low=Decimal(92), critical_low=Decimal(88))
    rows = readings(cast.jane, Measure.SPO2, 84, 91)
    came(rows[:1], after=timedelta(days=60))
    (finding,) = found(cast.jane, rows)
    assert (finding.severity, finding.says) == (
        "warning",
        "SpO₂ 91 %: below 92; 2 readings out of range together",
    )
    critical = readings(cast.jane, Measure.SPO2, 87, since=3)
    assert found(cast.jane, [*rows, *critical])[0].severity == "critical"


def test_what_is_corrected_long_after_is_no_longer_urgent(cast):
    range_of(cast.jane, Measure.SPO2, low=Decimal(92), critical_low=Decimal(88))
    (row,) = readings(cast.jane, Measure.SPO2, 95)
    row.value = Decimal(84)
    row.save()
    for days, severity in ((1, "critical"), (60, "warning")):
        (finding,) = of_readings(cast.practice, [row.pk], at=NOON + timedelta(days=days))
        assert finding.severity == severity


def test_a_trend_in_old_readings_says_of_when_it_is(cast):
    rows = readings(cast.jane, Measure.WEIGHT, 80, 82.5)
    came(rows, after=timedelta(days=30))
    (finding,) = [each for each in found(cast.jane, rows) if each.cause == Cause.TREND]
    assert finding.says.endswith(". Came late: taken 05-Jan-2026 to 06-Jan-2026")


def test_several_are_one_finding_of_the_worst(cast):
    range_of(cast.jane, Measure.SPO2, low=Decimal(92), critical_low=Decimal(88))
    rows = readings(cast.jane, Measure.SPO2, 91, 84, 90)
    (finding,) = found(cast.jane, rows)
    assert finding.severity is Severity.CRITICAL
    assert finding.says == "SpO₂ 84 %: below critical 88; 3 readings out of range together"
    assert finding.reading_ids == tuple(row.pk for row in rows)
    assert finding.at == rows[2].taken_at


def test_a_late_reading_is_judged_by_the_range_of_its_day(cast):
    first = range_of(cast.jane, Measure.GLUCOSE, high=Decimal(180))
    first.ends_on = MONDAY + timedelta(days=2)
    first.save()
    range_of(cast.jane, Measure.GLUCOSE, starts_on=MONDAY + timedelta(days=2), high=Decimal(250))
    rows = readings(cast.jane, Measure.GLUCOSE, 200, 200, 200)
    (finding,) = found(cast.jane, rows)
    assert finding.reading_ids == (rows[0].pk, rows[1].pk)


@pytest.mark.parametrize("late", [0, 3])
def test_a_trend_is_found_from_whichever_reading_comes_last(cast, late):
    """A weight of Monday that came on Friday completes what Thursday's began."""
    rows = readings(cast.jane, Measure.WEIGHT, 80, 80.5, 81, 82)
    (finding,) = found(cast.jane, [rows[late]])
    assert (finding.cause, finding.rule, finding.severity) == (
        Cause.TREND,
        "weight-gain",
        Severity.WARNING,
    )
    assert finding.reading_ids == (rows[0].pk, rows[3].pk)
    assert found(cast.jane, rows[1:3]) == []


def test_one_finding_for_each_rule_however_often_it_is_completed(cast):
    range_of(cast.jane, Measure.GLUCOSE, high=Decimal(180))
    rows = readings(cast.jane, Measure.GLUCOSE, *[190] * 8, hours=12)
    out, trend = found(cast.jane, rows[-1:])
    assert (out.cause, out.reading_ids) == (Cause.READING, (rows[7].pk,))
    assert trend.rule == "repeated-above"
    assert trend.says == "Glucose: 8 readings above range in 7 days, the last 190 mg/dL"
    assert found(cast.jane, rows[-1:]) == [out, trend]


@pytest.mark.parametrize(("count", "is_one"), [(4, False), (5, True)])
def test_the_fifth_reading_makes_the_trend(cast, count, is_one):
    range_of(cast.jane, Measure.GLUCOSE, high=Decimal(180))
    rows = readings(cast.jane, Measure.GLUCOSE, *[190] * count)
    assert (Cause.TREND in {each.cause for each in found(cast.jane, rows)}) is is_one


def test_an_excluded_reading_shows_nothing_and_makes_no_trend(cast):
    range_of(cast.jane, Measure.GLUCOSE, high=Decimal(180))
    rows = readings(cast.jane, Measure.GLUCOSE, *[190] * 5)
    exclude(rows[2], reason="Taken by her husband.", by=cast.rosa, at=NOON)
    assert found(cast.jane, [rows[2]]) == []
    assert [each.cause for each in found(cast.jane, rows)] == [Cause.READING]


def test_a_policy_holds_from_its_day_on(cast):
    rows = readings(cast.jane, Measure.WEIGHT, 80, 81, 80, 81)
    assert found(cast.jane, rows) == []
    on = MONDAY + timedelta(days=2)
    saved(PolicySetting(practice=cast.practice, key="weight_gain_grams", value=900, starts_on=on, why="w"))
    (finding,) = found(cast.jane, rows)
    assert finding.reading_ids == (rows[2].pk, rows[3].pk)


def test_readings_of_another_practice_are_not_found(cast):
    range_of(cast.jane, Measure.GLUCOSE, high=Decimal(180))
    rows = readings(cast.jane, Measure.GLUCOSE, 190)
    assert of_readings(cast.elsewhere, [rows[0].pk]) == []


def test_as_many_queries_for_a_hundred_readings_as_for_one(cast, django_assert_num_queries):
    range_of(cast.max, Measure.GLUCOSE, high=Decimal(180))
    one = readings(cast.jane, Measure.BLOOD_PRESSURE, "158/96")
    more = readings(cast.max, Measure.GLUCOSE, *[190] * 60, hours=7)
    more += readings(cast.jane, Measure.WEIGHT, *range(80, 120), hours=7)
    for rows in (one, one + more):
        with django_assert_num_queries(4):
            found(cast.jane, rows)
