"""The summaries say what their sources say, and are brought up to date by marks alone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.close.preflight import preflight
from boards import refresh as refresh_module
from boards.figures import summaries
from boards.models import Outlook, PatientMark, PatientSummary
from boards.refresh import Freshness, fresh, rebuild, settle
from foundation.practice_scope import in_practice, of_person
from tests import factories
from tests.integration.billing.months import (
    APRIL_5,
    MARCH,
    close_march,
    guides_example,
    march_closed,
)

pytestmark = pytest.mark.django_db
MID_MARCH = datetime(2026, 3, 20, 15, 0, tzinfo=UTC)


def settle_all(practice, at=MID_MARCH) -> None:
    while settle(practice, at=at):
        pass


def row_of(patient, month=MARCH) -> PatientSummary:
    return PatientSummary.objects.get(patient=patient, month=month)


def test_a_row_says_what_its_sources_say(cast):
    guides_example(cast)
    settle_all(cast.practice)
    row = row_of(cast.jane)
    assert (row.seconds, row.unsigned_seconds, row.live_contact_on) == (22 * 60, 0, date(2026, 3, 17))
    assert (row.nurse, row.clinician) == (cast.rosa.user, cast.ana.user)
    assert (row.name, row.started_on, row.ended_on) == ("Doe, Jane", cast.jane_enrolled.started_on, None)
    assert (row.device_days, row.outlook) == (21, Outlook.READY)
    assert not PatientMark.objects.filter(practice=cast.practice).exists()


def test_a_page_sees_what_was_just_signed_and_leaves_the_other_months_to_the_task(cast):
    assert fresh(cast.practice, MARCH, at=MID_MARCH).since is None
    guides_example(cast)
    assert fresh(cast.practice, MARCH, at=MID_MARCH).since is None
    assert row_of(cast.jane).seconds == 22 * 60
    assert fresh(cast.practice, date(2026, 4, 1), at=APRIL_5).since is None
    assert not PatientMark.objects.filter(practice=cast.practice, month=None).exists()


def test_nothing_waits_one_query_says_so(cast):
    fresh(cast.practice, MARCH, at=MID_MARCH)
    settle_all(cast.practice)
    with CaptureQueriesContext(connection) as asked:
        assert fresh(cast.practice, MARCH, at=MID_MARCH).since is None
    assert len([q for q in asked if "SAVEPOINT" not in q["sql"]]) <= 4


def test_queries_do_not_grow_with_the_patients(cast):
    counts = []
    for people in ([cast.jane.pk], [cast.jane.pk, cast.max.pk]):
        with CaptureQueriesContext(connection) as asked:
            assert len(list(summaries(cast.practice, [MARCH], people, at=MID_MARCH))) == len(people)
        counts.append(len(asked))
    print(counts)
    assert counts[0] == counts[1] <= 60


def test_a_closed_month_has_no_rows_and_a_rebuild_changes_nothing(worlds):
    cast = worlds.of(march_closed)
    settle_all(cast.practice, APRIL_5)
    assert not PatientSummary.objects.filter(month=MARCH).exists()
    assert PatientSummary.objects.filter(month=date(2026, 4, 1)).count() == 2
    assert rebuild(cast.practice, at=APRIL_5) == 0


def test_her_own_pages_do_not_wait_for_the_task_and_others_do(cast, monkeypatch):
    fresh(cast.practice, MARCH, at=MID_MARCH)
    settle_all(cast.practice)
    monkeypatch.setattr(refresh_module, "PATIENCE", timedelta(hours=1))
    with of_person(cast.rosa.user_id), in_practice(cast.practice):
        factories.readings(cast.jane, date(2026, 3, 2), 1, systolic=190)
    with of_person(cast.luis.user_id), in_practice(cast.practice):
        assert fresh(cast.practice, MARCH, at=MID_MARCH) == Freshness()
    assert row_of(cast.jane).severity == 0
    with of_person(cast.rosa.user_id), in_practice(cast.practice):
        assert fresh(cast.practice, MARCH, at=MID_MARCH) == Freshness()
    assert row_of(cast.jane).severity > 0


def test_where_many_wait_a_page_says_since_when(cast, monkeypatch):
    fresh(cast.practice, MARCH, at=MID_MARCH)
    settle_all(cast.practice)
    monkeypatch.setattr(refresh_module, "AT_ONCE", 1)
    monkeypatch.setattr(refresh_module, "NEWEST", 1)
    for person in (cast.jane, cast.max):
        factories.readings(person, date(2026, 3, 2), 1, systolic=190)
    assert fresh(cast.practice, MARCH, at=MID_MARCH).since is not None
    assert (row_of(cast.jane).severity, row_of(cast.max).severity > 0) == (0, True)
    assert fresh(cast.practice, MARCH, at=MID_MARCH).since is None
    assert row_of(cast.jane).severity > 0


def test_a_large_practice_that_has_no_rows_yet_says_so(cast, monkeypatch):
    monkeypatch.setattr(refresh_module, "AT_ONCE", 1)
    assert fresh(cast.practice, MARCH, at=MID_MARCH).missing
    settle_all(cast.practice)
    assert not fresh(cast.practice, MARCH, at=MID_MARCH).missing


def test_while_a_month_is_figured_again_what_a_close_would_come_to_is_not_said(cast, monkeypatch):
    """Some have rows, most have none: a count of them would be a small part of the month."""
    for name in ("Ann", "Bea"):
        person = factories.patient(cast.practice, "Care", name, mrn=f"C-{name}", born_on=date(1950, 1, 1))
        factories.enrollment(person, clinician=cast.ana, taken_by=cast.rosa)
    monkeypatch.setattr(refresh_module, "AT_ONCE", 1)
    monkeypatch.setattr(refresh_module, "NEWEST", 1)
    PatientMark.objects.all().delete()
    refresh_module.mark(cast.practice, [None])
    assert settle(cast.practice, at=MID_MARCH) == 4
    assert settle(cast.practice, at=MID_MARCH, most=1) == 1
    assert fresh(cast.practice, MARCH, at=MID_MARCH).missing
    settle_all(cast.practice)
    assert fresh(cast.practice, MARCH, at=MID_MARCH) == Freshness()


def test_a_month_before_the_first_signature_is_figured_when_somebody_looks(cast):
    """Days of readings are billed without a session: such a month can be closed."""
    factories.readings(cast.jane, MARCH, 20)
    settle_all(cast.practice, APRIL_5)
    outcome = preflight(cast.practice, MARCH, at=APRIL_5).outcome
    assert outcome is not None
    assert outcome.patients == 2
    factories.readings(cast.max, MARCH, 20)
    settle_all(cast.practice, APRIL_5)
    assert (row_of(cast.jane).device_days, row_of(cast.max).device_days) == (20, 20)
    assert fresh(cast.practice, date(2026, 5, 1), at=APRIL_5) == Freshness()
    close_march(cast)
    settle_all(cast.practice, APRIL_5)
    assert not PatientSummary.objects.filter(month=MARCH).exists()


def test_such_a_month_of_a_large_practice_too(cast, monkeypatch):
    monkeypatch.setattr(refresh_module, "AT_ONCE", 1)
    settle_all(cast.practice, APRIL_5)
    assert fresh(cast.practice, MARCH, at=APRIL_5).missing
    settle_all(cast.practice, APRIL_5)
    assert fresh(cast.practice, MARCH, at=APRIL_5) == Freshness()
    assert PatientSummary.objects.filter(month=MARCH).count() == 2


def test_a_page_that_takes_the_mark_of_a_close_takes_the_closed_months_rows_away(cast, monkeypatch):
    monkeypatch.setattr(refresh_module, "PATIENCE", timedelta(0))
    guides_example(cast)
    settle_all(cast.practice)
    close_march(cast)
    fresh(cast.practice, date(2026, 4, 1), at=APRIL_5)
    settle_all(cast.practice, APRIL_5)
    assert not PatientSummary.objects.filter(month=MARCH).exists()


def test_one_who_cannot_be_figured_keeps_nobody_waiting(cast, monkeypatch):
    guides_example(cast)
    settle_all(cast.practice)

    def failing(practice, months, ids, *, at):
        if cast.jane.pk in ids:
            raise ArithmeticError
        return summaries(practice, months, ids, at=at)

    monkeypatch.setattr(refresh_module, "summaries", failing)
    refresh_module.mark(cast.practice, [cast.jane.pk, cast.max.pk])
    assert fresh(cast.practice, MARCH, at=MID_MARCH).since, "a page says that something is not in yet"
    assert settle(cast.practice, at=MID_MARCH) == 1
    assert settle(cast.practice, at=MID_MARCH) == 0
    (left,) = PatientMark.objects.filter(practice=cast.practice)
    assert (left.patient_id, left.sweep) == (cast.jane.pk, True)
    monkeypatch.undo()
    settle_all(cast.practice)
    assert not PatientMark.objects.filter(practice=cast.practice).exists()
