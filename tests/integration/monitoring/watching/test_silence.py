"""Who is silent: from the third day on, with a device at home, by the day where she lives."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import PolicySetting
from monitoring.findings import Cause, Severity
from monitoring.models import Reading, Source
from monitoring.watching.findings import of_silence
from monitoring.watching.silence import quiet_patients
from patients.models import Device, DeviceAssignment, DeviceKind, InstitutionStay, Measure, StayKind
from tests import factories
from tests.factories import saved

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 20, 17, tzinfo=UTC)
TODAY = date(2026, 1, 20)


@pytest.fixture(autouse=True)
def others_are_heard(cast):
    factories.readings(cast.max, TODAY, 1)


def silent(cast, at=NOON) -> list[str]:
    return [finding.says for finding in of_silence(cast.practice, at)]


def stay(cast, kind, admitted, discharged=None):
    days = {"admitted_on": admitted, "discharged_on": discharged}
    return saved(InstitutionStay(practice=cast.practice, patient=cast.jane, kind=kind, **days))


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (date(2026, 1, 18), []),
        (date(2026, 1, 17), ["No readings for 3 days: the last came on 17-Jan-2026"]),
    ],
)
def test_from_the_third_day_on(cast, last, said):
    factories.readings(cast.jane, last, 1)
    assert silent(cast) == said


def test_who_never_sent_anything_is_silent_since_she_has_the_device(cast):
    said = "No readings since 02-Nov-2025, 79 days: none came from the device yet"
    assert silent(cast) == [said]
    (finding,) = of_silence(cast.practice, NOON)
    assert (finding.patient_id, finding.cause, finding.severity) == (
        cast.jane.pk,
        Cause.SILENCE,
        Severity.WARNING,
    )
    assert (finding.measure, finding.reading_ids, finding.at) == ("", (), NOON)


def test_typed_and_excluded_readings_end_no_silence(cast):
    typed, excluded = factories.readings(cast.jane, date(2026, 1, 19), 2)
    typed.source = "typed"
    typed.save()
    excluded.excluded_reason = "Not hers."
    excluded.save()
    assert len(silent(cast)) == 1


@pytest.mark.parametrize(("hour", "told"), [(9, 1), (10, 0), (11, 0)], ids=["before", "at", "after"])
@pytest.mark.parametrize("why", ["returned", "in hospital"])
def test_a_device_and_a_stay_are_looked_at_on_her_own_day(cast, why, hour, told):
    """In Honolulu the 20th begins at ten o'clock of UTC, five hours after it began in the practice."""
    cast.jane.time_zone = "Pacific/Honolulu"
    cast.jane.save()
    if why == "returned":
        held = cast.jane.assignments.get()
        held.ends_on = TODAY
        held.save()
    else:
        stay(cast, StayKind.HOSPITAL, TODAY)
    at = datetime(2026, 1, 20, hour, tzinfo=UTC)
    assert (
        len([key for key, quiet in quiet_patients(cast.practice, at).items() if key == cast.jane.pk]) == told
    )


def test_days_are_those_where_she_lives(cast):
    """At 02:00 UTC on 20-Jan it is still 19-Jan there, two days after her last reading."""
    factories.readings(cast.jane, date(2026, 1, 17), 1)
    assert silent(cast, at=datetime(2026, 1, 20, 2, tzinfo=UTC)) == []
    assert len(silent(cast, at=datetime(2026, 1, 20, 12, tzinfo=UTC))) == 1


@pytest.mark.parametrize("kind", [StayKind.HOSPITAL, StayKind.SNF, StayKind.HOSPICE])
def test_nobody_is_silent_in_an_institution_and_her_days_begin_anew_at_home(cast, kind):
    factories.readings(cast.jane, date(2026, 1, 5), 1)
    row = stay(cast, kind, date(2026, 1, 10))
    assert silent(cast) == []
    row.discharged_on = date(2026, 1, 18)
    row.save()
    assert silent(cast) == []
    assert silent(cast, at=NOON + timedelta(days=1)) == [
        "No readings since 18-Jan-2026, 3 days: the last came on 05-Jan-2026, before a stay or another device"
    ]


def test_care_at_home_and_a_withdrawn_stay_change_nothing(cast):
    stay(cast, StayKind.HOME_HEALTH, date(2026, 1, 10), date(2026, 1, 15))
    wrong = stay(cast, StayKind.HOSPITAL, date(2026, 1, 16))
    wrong.withdrawn = True
    wrong.save()
    assert len(silent(cast)) == 1


def test_without_a_device_that_sends_nobody_is_silent(cast):
    cuff = factories.cuff_of(cast.jane)
    cuff.automatic = False
    cuff.save()
    assert silent(cast) == []


def test_a_device_that_came_back_is_missed_no_longer(cast):
    held = cast.jane.assignments.get()
    held.ends_on = TODAY
    held.save()
    assert quiet_patients(cast.practice, NOON).keys() == {cast.max.pk}


def test_who_is_no_longer_enrolled_is_not_silent(cast):
    cast.jane_enrolled.ended_on, cast.jane_enrolled.end_reason = TODAY, "Moved away."
    cast.jane_enrolled.save()
    assert silent(cast) == []


@pytest.mark.parametrize(("days", "count"), [(0, 0), (79, 1), (80, 0)])
def test_the_practice_says_after_how_many_days(cast, days, count):
    row = {"key": "silent_days", "value": days, "starts_on": date(2026, 1, 1), "why": "w"}
    saved(PolicySetting(practice=cast.practice, **row))
    assert len(silent(cast)) == count


def test_as_many_queries_for_two_as_for_one(cast, django_assert_num_queries):
    with django_assert_num_queries(6):
        quiet_patients(cast.practice, NOON, [cast.jane.pk])
    with django_assert_num_queries(6):
        quiet_patients(cast.practice, NOON)


def a_scale(cast, *last: date, starts_on=date(2025, 12, 1)) -> None:
    """Of Jane, who has a cuff too."""
    own = {"practice": cast.practice, "patient": cast.jane}
    scale = saved(Device(practice=cast.practice, serial="S-9", kind=DeviceKind.SCALE))
    saved(DeviceAssignment(device=scale, enrollment=cast.jane_enrolled, starts_on=starts_on, **own))
    for day in last:
        at = datetime(day.year, day.month, day.day, 13, tzinfo=UTC)
        when = {"taken_at": at, "received_at": at, "day": day}
        saved(Reading(device=scale, measure=Measure.WEIGHT, value=80, source=Source.AUTOMATIC, **when, **own))


@pytest.mark.parametrize(
    ("cuff", "scale", "said"),
    [
        (TODAY, date(2026, 1, 18), []),
        (
            TODAY,
            date(2026, 1, 17),
            ["No readings of the weight scale for 3 days: the last came on 17-Jan-2026"],
        ),
        (
            date(2026, 1, 10),
            date(2026, 1, 19),
            ["No readings of the blood pressure cuff for 10 days: the last came on 10-Jan-2026"],
        ),
        (date(2026, 1, 10), date(2026, 1, 12), ["No readings for 8 days: the last came on 12-Jan-2026"]),
    ],
)
def test_of_several_devices_the_silent_one_is_named(cast, cuff, scale, said):
    factories.readings(cast.jane, cuff, 1)
    a_scale(cast, scale)
    assert silent(cast) == said


def test_a_second_device_that_never_sent_is_named_from_the_third_day_on(cast):
    factories.readings(cast.jane, TODAY, 1)
    a_scale(cast, starts_on=date(2026, 1, 17))
    assert silent(cast) == [
        "No readings of the weight scale since 17-Jan-2026, 3 days: none came from the device yet"
    ]


def test_the_board_expects_the_silence_of_whichever_device_is_silent_first(cast):
    """The cuff was heard today, the scale two days ago: she is silent from tomorrow on."""
    factories.readings(cast.jane, TODAY, 1)
    a_scale(cast, date(2026, 1, 18))
    quiet = quiet_patients(cast.practice, NOON)[cast.jane.pk]
    assert (quiet.silent, quiet.heard_on, quiet.soonest) == (False, TODAY, date(2026, 1, 18))
