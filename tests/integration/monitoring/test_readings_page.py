"""The readings table, the panel, and excluding or correcting a reading."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import AccessEvent
from foundation.tracked import bulk_create_tracked
from monitoring.models import Reading
from monitoring.panel import MOST_POINTS
from monitoring.table import PER_PAGE
from monitoring.windows import reading_days
from tests import factories
from tests.integration.monitoring.test_taking import TYPED, taken
from tests.integration.timelogs.notes import CALL, NO_ANSWER, signed_session

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
        ("?since=nonsense&after=nonsense&device=nonsense", 5),
        ("?device=none", 0),
        ("?against=out", 1),
    ],
)
def test_the_table_is_filtered_by_its_address(rosa, cast, query, count):
    factories.readings(cast.jane, JANUARY, 4)
    factories.readings(cast.jane, date(2026, 1, 5), 1, systolic=131)
    assert len(rosa.get(url("readings", cast.jane, query=query)).context["lines"]) == count


def walk(rosa, person, address, way):
    """The days of every page from an address on, by its links."""
    while address:
        context = rosa.get(url("readings", person) + address).context
        yield [line.reading.day for line in context["lines"]]
        address = context[way]


@pytest.mark.parametrize(("days", "pages"), [(50, [50]), (51, [50, 1]), (101, [50, 50, 1])])
def test_pages_follow_each_other_by_key_both_ways(rosa, cast, days, pages):
    factories.readings(cast.jane, JANUARY, days)
    down = list(walk(rosa, cast.jane, "?measure=blood_pressure", "older"))
    assert [len(page) for page in down] == pages
    every = [day for page in down for day in page]
    assert every == sorted(set(every), reverse=True)
    if len(pages) > 1:
        last = rosa.get(url("readings", cast.jane, query="?since=2026-01-01"))
        while last.context["older"]:
            last = rosa.get(url("readings", cast.jane) + last.context["older"])
        up = list(walk(rosa, cast.jane, last.context["newer"], "newer"))
        assert sorted((day for page in up for day in page), reverse=True) == every[: -pages[-1]]


def test_readings_of_one_moment_are_neither_lost_nor_shown_twice(rosa, cast):
    """Typed values have no device to tell them apart: a page may end between two of one moment."""
    taken = datetime(2026, 1, 1, 13, tzinfo=UTC)
    for _ in range(PER_PAGE + 1):
        typed_in(cast.jane, taken)
    shown = [day for page in walk(rosa, cast.jane, "?measure=weight", "older") for day in page]
    assert len(shown) == PER_PAGE + 1


def typed_in(person, taken):
    own = {"practice": person.practice, "patient": person, "day": taken.date(), "received_at": taken}
    return factories.saved(
        Reading(measure="weight", value=80, source="typed", taken_at=taken, original="176.4 [lb_av]", **own)
    )


def test_what_was_sent_stands_beside_what_it_was_turned_into(rosa, cast):
    typed_in(cast.jane, datetime(2026, 1, 1, 13, tzinfo=UTC))
    page = " ".join(rosa.get(url("readings", cast.jane)).content.decode().split())
    assert '80 kg <span class="quiet nowrap">sent as 176.4 lb</span>' in page
    assert "makes no reading day" in page


def test_more_readings_cost_the_table_no_more_queries(rosa, cast, django_assert_num_queries):
    factories.readings(cast.jane, JANUARY, 2)
    with CaptureQueriesContext(connection) as few:
        rosa.get(url("readings", cast.jane))
    factories.readings(cast.jane, date(2026, 2, 1), 80)
    with django_assert_num_queries(len(few)):
        rosa.get(url("readings", cast.jane))


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
        '<svg viewBox="0 0 640 280" role="img" aria-label="1 reading on 1 day, 158/96 mmHg, 1 day above range">'
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


# The chart -------------------------------------------------------------------------------------------------------


def panel_page(rosa, cast, query="?days=30"):
    return " ".join(rosa.get(url("panel", cast.jane, query=query)).content.decode().split())


def test_sessions_and_contacts_stand_on_the_axis_and_in_a_table(rosa, cast):
    at = timezone.now() - timedelta(days=2)
    factories.readings(cast.jane, cast.practice.today() - timedelta(days=5), 3)
    call = {**CALL, "contact_started_at": at + timedelta(minutes=2)}
    session = signed_session(cast.jane, by=cast.rosa, starts_at=at, seconds=600, **call)
    tried = {**CALL, **NO_ANSWER, "data_reviewed": False, "follow_up_on": cast.practice.today()}
    signed_session(cast.jane, by=cast.rosa, starts_at=at + timedelta(hours=1), seconds=120, **tried)
    signed_session(cast.max, by=cast.rosa, starts_at=at + timedelta(hours=2), seconds=600, **CALL)
    page = panel_page(rosa, cast)
    assert [page.count(f"event-{kind}") for kind in ("session", "contact", "attempt")] == [2, 1, 1]
    assert "Sessions and contacts in these days" in page
    assert f'<a href="/sessions/{session.pk}/">Session of 10 min' in page
    assert "Tried to reach the patient, voicemail or no answer" in page


@pytest.mark.parametrize(("extra", "by_day"), [(0, False), (1, True)])
def test_more_readings_than_can_be_told_apart_are_drawn_by_day(rosa, cast, extra, by_day):
    today = cast.practice.today()
    for hour in range(10, 10 + MOST_POINTS // 20):
        factories.readings(cast.jane, today - timedelta(days=25), 20, hour=hour)
    factories.readings(cast.jane, today - timedelta(days=3), extra)
    shown = rosa.get(url("panel", cast.jane)).context["panel"]
    assert bool(shown.day_lines) is by_day
    assert sum(line.count for line in shown.day_lines) == (MOST_POINTS + 1 if by_day else 0)
    assert len(shown.figure.points) == (21 if by_day else MOST_POINTS)


def asked(queries) -> int:
    """How often the database was asked, but for the sign-in's own row, which is renewed from time to time."""
    return sum("SAVEPOINT" not in q["sql"] and "django_session" not in q["sql"] for q in queries)


def test_ninety_days_of_a_reading_every_five_minutes_stay_a_small_page(rosa, cast):
    """25,920 glucose values: the page has ninety strokes, and no more queries than with one."""
    today = cast.practice.today()
    factories.readings(cast.jane, today - timedelta(days=2), 1)
    with CaptureQueriesContext(connection) as few:
        rosa.get(url("panel", cast.jane, query="?days=90"))
    meter = factories.saved(factories.Device(practice=cast.practice, serial="G-1", kind="glucometer"))
    began = timezone.now() - timedelta(days=89)
    own = {"practice": cast.practice, "patient": cast.jane, "device": meter, "measure": "glucose"}
    bulk_create_tracked(
        [
            Reading(
                value=90 + n % 97, source="automatic", taken_at=at, received_at=at,
                day=at.astimezone(cast.jane.tz).date(), **own,
            )
            for n in range(25_600)
            if (at := began + n * timedelta(minutes=5))
        ]
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        answer = rosa.get(url("panel", cast.jane, query="?days=90&measure=glucose"))
    assert asked(many) == asked(few)
    assert len(answer.content) < 40_000
    assert "Each day from its lowest to its highest" in answer.content.decode()


def test_the_window_we_are_in_is_shown_towards_sixteen(rosa, cast):
    today = cast.practice.today()
    factories.readings(cast.jane, today - timedelta(days=29), 14)
    assert "14 of 16 days with readings, 16 can no longer be reached" in panel_page(rosa, cast)
    factories.readings(cast.jane, today - timedelta(days=15), 1)
    assert "15 of 16 days with readings, 1 day left until" in panel_page(rosa, cast)


def test_the_next_window_begins_anew_and_typed_values_bring_no_day(rosa, cast):
    today = cast.practice.today()
    factories.readings(cast.jane, today - timedelta(days=30), 15)
    typed_in(cast.jane, timezone.now() - timedelta(minutes=1))
    assert "0 of 16 days with readings, 30 days left until" in panel_page(rosa, cast)


def test_without_a_reading_or_an_enrollment_there_is_no_window(rosa, cast):
    assert rosa.get(url("panel", cast.jane)).context["panel"].strip is None
    today = cast.practice.today()
    factories.readings(cast.jane, today - timedelta(days=3), 2)
    cast.jane_enrolled.ended_on, cast.jane_enrolled.end_reason = today, "Moved away"
    cast.jane_enrolled.save()
    assert rosa.get(url("panel", cast.jane)).context["panel"].strip is None


def test_it_ends_with_the_enrollment(rosa, cast):
    today = cast.practice.today()
    factories.readings(cast.jane, today - timedelta(days=3), 2)
    cast.jane_enrolled.ended_on, cast.jane_enrolled.end_reason = today + timedelta(days=5), "Moves away"
    cast.jane_enrolled.save()
    assert rosa.get(url("panel", cast.jane)).context["panel"].strip.until == today + timedelta(days=4)
