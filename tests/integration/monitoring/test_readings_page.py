"""The readings table, the panel, and excluding or correcting a reading."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from audit.models import AccessEvent
from monitoring.models import Reading
from monitoring.windows import reading_days
from tests import factories
from tests.integration.monitoring.test_taking import TYPED, taken

JANUARY = date(2026, 1, 1)


def url(name, patient, *ids, query=""):
    return reverse(f"monitoring:{name}", args=[patient.pk, *ids]) + query


@pytest.fixture
def rosa(client, cast):
    client.force_login(cast.rosa.user)
    return client


def test_the_table_shows_every_reading_against_the_range_of_its_day(rosa, cast):
    factories.readings(cast.jane, JANUARY, 1)
    factories.readings(cast.jane, date(2026, 1, 2), 1, systolic=158, diastolic=96)
    page = rosa.get(url("readings", cast.jane)).content.decode()
    assert page.index("158/96 mmHg") < page.index("128/78 mmHg")
    assert page.count("Above range") == 1
    assert "at most 130/80" in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?since=2026-01-03", 3),
        ("?until=2026-01-03", 3),
        ("?measure=glucose", 0),
        ("?since=nonsense&page=99", 5),
    ],
)
def test_the_table_is_filtered_by_its_address(rosa, cast, query, count):
    factories.readings(cast.jane, JANUARY, 5)
    assert rosa.get(url("readings", cast.jane, query=query)).context["page"].paginator.count == count


def test_an_excluded_reading_stays_and_makes_no_reading_day(rosa, cast):
    (reading,) = factories.readings(cast.jane, JANUARY, 1)
    form = {"operation_id": str(uuid4()), "reason": "Her son used the cuff"}
    assert rosa.post(url("reading_exclude", cast.jane, reading.pk), form).status_code == 303
    page = rosa.get(url("readings", cast.jane)).content.decode()
    assert "Excluded: Her son used the cuff" in page
    assert reading_days(cast.practice, JANUARY, JANUARY, [cast.jane.pk])(cast.jane.pk) == {}
    rosa.post(
        url("reading_exclude", cast.jane, reading.pk), {"operation_id": str(uuid4()), "reason": "It was hers"}
    )
    assert Reading.objects.get().excluded_reason == ""
    reasons = Reading.history.values_list("history_change_reason", flat=True)
    assert list(reasons)[:2] == ["It was hers", "Her son used the cuff"]


def test_excluding_needs_a_reason(rosa, cast):
    (reading,) = factories.readings(cast.jane, JANUARY, 1)
    answer = rosa.post(url("reading_exclude", cast.jane, reading.pk), {"operation_id": str(uuid4())})
    assert answer.status_code == 422
    assert "Give the reason. It stays in the record." in answer.content.decode()


def test_a_reading_of_another_patient_is_not_found(rosa, cast):
    (reading,) = factories.readings(cast.max, JANUARY, 1)
    assert rosa.get(url("reading_exclude", cast.jane, reading.pk)).status_code == 404


@pytest.mark.parametrize("name", ["readings", "panel"])
def test_another_practice_sees_no_reading(client, cast, name):
    client.force_login(cast.dan.user)
    assert client.get(url(name, cast.jane)).status_code == 404


@pytest.mark.parametrize(("who", "status"), [("cora", 200), ("omar", 200), ("ade", 403)])
def test_who_sees_charts_sees_readings_and_only_care_excludes(client, cast, who, status):
    (reading,) = factories.readings(cast.jane, JANUARY, 1)
    client.force_login(cast.user(who))
    assert client.get(url("readings", cast.jane)).status_code == status
    assert client.get(url("panel", cast.jane)).status_code == status
    assert client.get(url("reading_exclude", cast.jane, reading.pk)).status_code == 403


def test_the_panel_is_drawn_and_told_in_words(rosa, cast):
    today = cast.practice.today()
    factories.readings(cast.jane, today, 1, hour=5, systolic=158, diastolic=96)
    page = rosa.get(url("panel", cast.jane, query="?days=7&measure=blood_pressure")).content.decode()
    assert (
        '<svg viewBox="0 0 640 270" role="img" aria-label="1 reading on 1 day, 158/96 mmHg, 1 day above range">'
        in page
    )
    assert "Table of these readings" in page
    assert AccessEvent.objects.filter(route="monitoring:panel", patient_id=cast.jane.pk).exists()


def test_nonsense_in_the_address_falls_back(rosa, cast):
    shown = rosa.get(url("panel", cast.jane, query="?days=1000000&measure=<x>")).context["panel"]
    assert (shown.days, shown.measure) == (30, "blood_pressure")


# Correcting what was typed -----------------------------------------------------------------------------------


@pytest.fixture
def typed(cast) -> Reading:
    (found,) = taken(cast, TYPED)
    return Reading.objects.get(pk=found.reading_id)


def corrected(client, reading, **more):
    address = reverse("monitoring:reading_correct", args=[reading.patient_id, reading.pk])
    form = {"operation_id": str(uuid4()), "version": reading.version, "reason": "Typed wrong", **more}
    return client.post(address, form)


def test_a_typed_value_is_corrected_by_a_new_version_with_its_reason(client, cast, typed):
    client.force_login(cast.rosa.user)
    assert corrected(client, typed, value="151").status_code == 303
    now = Reading.objects.get()
    assert (now.value, now.original, now.version, now.source) == (Decimal(151), "", 2, "typed")
    newest, first = now.history.all()
    assert (first.value, first.original) == (Decimal("115.3"), "6.4 mmol/L")
    assert (newest.history_change_reason, newest.history_user_id) == ("Typed wrong", cast.rosa.user_id)
    page = client.get(reverse("monitoring:readings", args=[cast.jane.pk])).content.decode()
    assert "151 mg/dL" in page
    assert "sent as" not in page


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"value": "9.99"}, "Is not possible: 10 to 1500 mg/dL are"),
        ({"value": ""}, "Enter the value that was measured"),
        ({"value": "115.3"}, "This is what is recorded. Enter another value"),
        ({"value": "151", "reason": ""}, "Give the reason"),
    ],
)
def test_a_wrong_correction_says_so_and_keeps_what_was_typed(client, cast, typed, given, words):
    client.force_login(cast.rosa.user)
    answer = corrected(client, typed, **given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Reading.objects.get().version == 1


def test_a_correction_over_somebody_elses_is_refused_and_can_be_repeated(client, cast, typed):
    client.force_login(cast.rosa.user)
    corrected(client, typed, value="151")
    answer = corrected(client, typed, value="152")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Glucose 151 mg/dL" in page
    assert 'value="152"' in page
    assert 'name="version" value="2"' in page


def test_what_a_device_sent_is_nobodys_to_correct(client, cast):
    (reading,) = factories.readings(cast.jane, date(2026, 1, 5), 1)
    client.force_login(cast.rosa.user)
    answer = corrected(client, reading, value="120", second_value="80")
    assert answer.status_code == 422
    assert "The device sent this value itself" in answer.content.decode()
    page = client.get(reverse("monitoring:readings", args=[cast.jane.pk])).content.decode()
    assert "Correct<" not in page
    assert Reading.objects.get().value == 128


def test_only_those_who_care_correct_and_nobody_elsewhere(client, cast, typed):
    for who, status in (("cora", 403), ("omar", 403), ("dan", 404)):
        client.force_login(cast.user(who))
        assert corrected(client, typed, value="151").status_code == status
