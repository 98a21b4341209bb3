"""Name and time zone: the clock may be corrected until something was measured by it, and then stays, whoever asks."""

from datetime import date
from threading import Event, Thread

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Practice
from billing.practice_settings.zone import call_practice
from foundation.refusals import Refused
from patients.models import Patient
from tests import factories
from tests.factories import saved
from tests.integration.billing.months import APRIL_5, MARCH, NINE
from tests.integration.billing.practice_settings.conftest import send, text_of
from tests.integration.timelogs.notes import CALL, signed_session
from timelogs.clock import acts as clock
from timelogs.models import PatientMonth, Period

FORM = "/practice/name/"
CHICAGO = {
    "name": "Maple Test Practice",
    "time_zone": "America/Chicago",
    "why": "Typed wrongly.",
    "version": 1,
}


def now(cast) -> Practice:
    return Practice.objects.get(pk=cast.practice.pk)


def refused_by_the_database(cast) -> bool:
    row = now(cast)
    row.time_zone = "America/Denver"
    try:
        with transaction.atomic():
            row.save()
    except DatabaseError as error:
        return "has months by its clock" in str(error)
    return False


def test_before_anything_is_measured_the_zone_is_corrected_with_a_reason(admin, cast):
    clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    assert send(admin, FORM, **CHICAGO).status_code == 303
    assert now(cast).time_zone == "America/Chicago"
    assert now(cast).history.first().history_change_reason == "Typed wrongly."


def signs(cast):
    signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=600, **CALL)


def closes(cast):
    saved(Period(practice=cast.practice, month=MARCH, state="closed", cut_off_at=APRIL_5))


def reads(cast):
    factories.readings(cast.jane, MARCH, 1)


@pytest.mark.parametrize(
    ("done", "sentence"),
    [
        (signs, "time has been signed"),
        (closes, "a month has been closed"),
        (reads, "readings have been recorded"),
        (
            lambda cast: saved(PatientMonth(**PatientMonth.fields_for(cast.jane, MARCH))),
            "time has been counted",
        ),
    ],
)
def test_afterwards_the_zone_stays_and_the_form_says_why(admin, cast, done, sentence):
    done(cast)
    page = text_of(admin.get(FORM))
    assert (
        f"The time zone stays America/New_York: {sentence}, and months and days begin and end by it." in page
    )
    answer = send(admin, FORM, **CHICAGO)
    assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    with pytest.raises(Refused, match=sentence):
        call_practice(cast.practice, name="m", time_zone="America/Chicago", why="w", version=None, at=APRIL_5)
    assert refused_by_the_database(cast)
    assert now(cast).time_zone == "America/New_York"


def test_the_name_changes_all_the_same(admin, cast):
    signs(cast)
    named = {**CHICAGO, "time_zone": "America/New_York", "name": "Maple"}
    assert send(admin, FORM, **named).status_code == 303
    assert now(cast).name == "Maple"


def test_readings_of_who_lives_by_another_clock_do_not_count(admin, cast):
    patient = Patient.objects.get(pk=cast.jane.pk)
    patient.time_zone = "America/Denver"
    patient.save()
    factories.readings(patient, MARCH, 1)
    assert send(admin, FORM, **CHICAGO).status_code == 303


def test_an_open_month_and_what_the_other_practice_signed_do_not_count(admin, cast):
    saved(Period(practice=cast.practice, month=MARCH))
    signed_session(cast.nora, by=cast.dan, starts_at=NINE, seconds=600, **CALL)
    assert send(admin, FORM, **CHICAGO).status_code == 303


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"time_zone": "Mars/Olympus"}, 422, "Select one of the time zones."),
        ({"time_zone": "America/New_York"}, 422, "Nothing was changed."),
        ({"name": ""}, 422, "Enter the name of the practice."),
        ({"why": " "}, 422, "Give the reason of the change."),
        ({"version": 0}, 409, "This was changed on another screen"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(admin, cast, typed, status, sentence):
    answer = send(admin, FORM, **{**CHICAGO, **typed})
    assert (answer.status_code, sentence in text_of(answer)) == (status, True)
    assert now(cast).version == 1


def test_a_patients_month_is_by_the_practices_clock_around_the_code(cast):
    fields = PatientMonth.fields_for(cast.jane, MARCH)
    with pytest.raises(DatabaseError, match="is not by the clock of its practice"), transaction.atomic():
        saved(PatientMonth(**{**fields, "starts_at": fields["starts_at"].replace(hour=6)}))
    saved(PatientMonth(**PatientMonth.fields_for(cast.jane, date(2026, 11, 1))))


@pytest.mark.django_db(transaction=True)
def test_who_signs_meanwhile_is_waited_for(cast):
    """A month that is being made when the zone is corrected: the correction waits, and is then refused."""
    made, waits, said = Event(), Event(), []

    def corrects():
        made.wait(5)
        waits.set()
        try:
            call_practice(
                cast.practice, name="m", time_zone="America/Chicago", why="w", version=None, at=APRIL_5
            )
        except Refused as refusal:
            said.append(refusal.message)
        connection.close()

    from foundation.context import acting

    def in_its_name():
        with acting("system: test"):
            corrects()

    other = Thread(target=in_its_name)
    other.start()
    with transaction.atomic():
        saved(PatientMonth(**PatientMonth.fields_for(cast.jane, MARCH)))
        made.set()
        waits.wait(5)
        other.join(0.2)
        assert other.is_alive()
    other.join(5)
    assert said
    assert now(cast).time_zone == "America/New_York"
