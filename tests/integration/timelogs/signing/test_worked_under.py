"""Under which version of the care plan a session was worked: shown while it is written, kept once it is signed."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction

from billing.models import Claim
from patients.models import CarePlan, SignatureRequest
from patients.papers import withdraw_paper, write_care_plan
from patients.services import PlanGiven, end_enrollment
from tests import factories
from tests.integration.billing.months import APRIL_5, MARCH, NINE, close_march, guides_example
from tests.integration.timelogs.notes import CALL, REVIEW, signed_session
from tests.integration.timelogs.pages import started, text_of
from tests.rows import signs_all
from timelogs.counting.plans import worked_under
from timelogs.counting.sums import month_sum
from timelogs.models import TimeEntry
from timelogs.signing.amend import amend

pytestmark = pytest.mark.django_db

FIRST = date(2025, 11, 2)
SECOND = date(2026, 3, 10)


def plan_from(cast, day: date, *, at: datetime, **more) -> CarePlan:
    """A version that holds from the day on: signed on that day, or transcribed afterwards."""
    given = PlanGiven(
        goals="Below 125/75.", actions="Less salt.", effective_on=day, signed_by=cast.ana, **more
    )
    return write_care_plan(cast.jane_enrolled, given, by=cast.ana, at=at)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 16, tzinfo=UTC)


def session(cast, day: date, *, seconds: int = 300, hour: int = 15, at: datetime | None = None) -> TimeEntry:
    starts_at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return signed_session(cast.jane, by=cast.rosa, starts_at=starts_at, seconds=seconds, at=at, **REVIEW)


def number_of(entry: TimeEntry) -> int | None:
    return entry.care_plan.number if entry.care_plan else None


# Kept at the signature --------------------------------------------------------------------------------------------


def test_a_session_keeps_the_version_of_its_day(cast):
    plan_from(cast, SECOND, at=noon(SECOND))
    later = noon(SECOND) + timedelta(days=2)
    days = [SECOND - timedelta(days=1), SECOND, SECOND + timedelta(days=1)]
    assert [number_of(session(cast, day, at=later)) for day in days] == [1, 2, 2]


def test_the_day_is_the_practices_and_begins_at_its_midnight(cast):
    """Midnight in New York was 4:00 UTC on 10 March 2026."""
    plan_from(cast, SECOND, at=noon(SECOND))
    later = noon(SECOND) + timedelta(days=1)
    before = datetime(2026, 3, 10, 3, 50, tzinfo=UTC)
    for starts_at, number in ((before, 1), (before + timedelta(minutes=10), 2)):
        note = {"by": cast.rosa, "seconds": 60, "at": later, **REVIEW}
        assert number_of(signed_session(cast.jane, starts_at=starts_at, **note)) == number


def test_what_waits_for_a_signature_holds_for_no_session(cast):
    given = PlanGiven(goals="g", actions="a", effective_on=SECOND, signed_by=cast.ana)
    write_care_plan(cast.jane_enrolled, given, by=cast.rosa, at=noon(SECOND))
    assert number_of(session(cast, SECOND)) == 1
    signs_all(cast.ana, noon(SECOND))
    assert number_of(session(cast, SECOND, hour=17)) == 2


def test_a_version_recorded_afterwards_moves_nothing_but_an_amendment_takes_it(cast):
    old = session(cast, SECOND)
    plan_from(cast, SECOND, at=noon(SECOND) + timedelta(days=1), signed_on=SECOND)
    old.refresh_from_db()
    assert number_of(old) == 1
    at = noon(SECOND) + timedelta(days=2)
    new = amend(old, note=REVIEW, seconds=None, reason="Wrong word.", by=cast.rosa, at=at)
    assert number_of(new) == 2


def test_without_a_plan_the_session_says_so_and_counts(cast, client):
    forget_plans(cast)
    entry = session(cast, SECOND)
    assert entry.care_plan is None
    total = month_sum(cast.jane, MARCH)
    assert total.seconds == 300
    assert [under.words for under in worked_under(cast.practice, total.by_plan)] == [
        "no care plan on record at the signature"
    ]
    client.force_login(cast.rosa.user)
    assert "No care plan was on record at the signature" in text_of(client.get(f"/sessions/{entry.pk}/"))


def forget_plans(cast) -> None:
    """Jane as if nobody had written a plan: its rows are taken away with the owner's rights."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL ROLE rpm_owner")
        for table in ("patients_careplan", "patients_historicalcareplan"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"DELETE FROM {table} WHERE enrollment_id = %s", [str(cast.jane_enrolled.pk)])
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET LOCAL ROLE rpm_app")


# What the database refuses ----------------------------------------------------------------------------------------


def refused(sql: str, values: list, error=DatabaseError) -> None:
    with pytest.raises(error), transaction.atomic():
        at_once(sql, values)


def at_once(sql: str, values: list) -> None:
    """Around every form and service, with the keys looked at now and not at the commit."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("whose", ["max_enrolled", "nora_enrolled"])
def test_a_plan_names_no_session_of_another_enrollment_or_practice(cast, whose):
    entry, episode = session(cast, SECOND), getattr(cast, whose)
    sql = "UPDATE patients_careplan SET session_id = %s WHERE enrollment_id = %s"
    refused(sql, [entry.pk, episode.pk], IntegrityError)
    with transaction.atomic():
        at_once(sql, [entry.pk, cast.jane_enrolled.pk])
        transaction.set_rollback(True)


def test_a_request_names_no_session_of_another_enrollment(cast):
    entry = session(cast, SECOND)
    given = PlanGiven(goals="g", actions="a", effective_on=SECOND)
    row = write_care_plan(cast.max_enrolled, given, by=cast.rosa, at=noon(SECOND))
    assert isinstance(row, SignatureRequest)
    sql = "UPDATE patients_signaturerequest SET session_id = %s WHERE id = %s"
    refused(sql, [entry.pk, row.pk], IntegrityError)


def test_a_signed_session_leaves_its_plan_no_more(cast):
    entry = session(cast, SECOND - timedelta(days=1))
    plan = plan_from(cast, SECOND - timedelta(days=1), at=noon(SECOND), signed_on=SECOND)
    sql = "UPDATE timelogs_timeentry SET care_plan_id = %s WHERE id = %s"
    refused(sql, [plan.pk, entry.pk])
    refused(sql, [None, entry.pk])


def test_no_session_is_of_a_plan_that_began_later_or_is_anothers(cast):
    draft = started(cast.jane, cast.rosa, at=noon(SECOND))
    later = plan_from(cast, SECOND + timedelta(days=1), at=noon(SECOND) + timedelta(days=1))
    anothers = CarePlan.objects.get(enrollment=cast.max_enrolled)
    mine = CarePlan.objects.get(enrollment=cast.jane_enrolled, number=1)
    sql = "UPDATE timelogs_timeentry SET care_plan_id = %s WHERE id = %s"
    for plan in (later, anothers, mine):
        # The last of them may be its plan, but of a draft none is.
        refused(sql, [plan.pk, draft.pk])


# The session's page -----------------------------------------------------------------------------------------------


@pytest.fixture
def rosa(cast, client):
    client.force_login(cast.rosa.user)
    return client


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 3, 14), "Review by 15-Mar-2026"),
        (date(2026, 3, 15), "Review due 15-Mar-2026"),
        (date(2026, 3, 16), "Review overdue since 15-Mar-2026"),
    ],
)
def test_the_draft_shows_the_plan_of_its_day_and_how_far_its_review_is(cast, rosa, day, words):
    plan_from(cast, SECOND, at=noon(SECOND), review_by=date(2026, 3, 15), medicines="Amlodipine 5 mg.")
    with time_machine.travel(noon(day)):
        rosa.force_login(cast.rosa.user)
        page = text_of(rosa.get(f"/sessions/{started(cast.jane, cast.rosa).pk}/"))
    assert "Care plan, version 2" in page
    assert words in page
    assert "Amlodipine 5 mg." in page


def test_the_page_asks_as_often_with_many_versions_as_with_one(cast, rosa, django_assert_max_num_queries):
    with time_machine.travel(noon(SECOND)):
        rosa.force_login(cast.rosa.user)
        entry = started(cast.jane, cast.rosa)
        rosa.get(f"/sessions/{entry.pk}/")
        with django_assert_max_num_queries(60) as one:
            rosa.get(f"/sessions/{entry.pk}/")
        for _ in range(12):
            plan_from(cast, SECOND, at=noon(SECOND))
        with django_assert_max_num_queries(len(one)):
            page = text_of(rosa.get(f"/sessions/{entry.pk}/"))
    assert "Care plan, version 13" in page


def test_a_session_of_an_enrollment_that_ended_opens_no_version(cast, rosa):
    with time_machine.travel(noon(SECOND)):
        rosa.force_login(cast.rosa.user)
        entry = started(cast.jane, cast.rosa)
        end_enrollment(cast.jane_enrolled, ended_on=SECOND, reason="Moved.", by=cast.rosa, at=noon(SECOND))
        page = text_of(rosa.get(f"/sessions/{entry.pk}/care-plan/"))
    assert "The enrollment of this session ended on 10 Mar 2026." in page


# The month and the claim ------------------------------------------------------------------------------------------


def test_the_month_names_the_versions_that_its_time_was_worked_under(cast, rosa):
    guides_example(cast)
    panel = f"/patients/{cast.jane.pk}/sessions/panel/?month=2026-03"
    assert "22 min worked under care plan version 1, from 02-Nov-2025." in text_of(rosa.get(panel))
    # A paper of March turns up in April: what was worked is not moved.
    plan_from(cast, SECOND, at=APRIL_5, signed_on=SECOND)
    assert "22 min worked under care plan version 1, from 02-Nov-2025." in text_of(rosa.get(panel))
    assert "version 2" not in text_of(rosa.get(panel))


def test_the_claim_names_them_for_the_month_for_each_session_and_each_line_and_stays(cast, client):
    factories.readings(cast.jane, date(2026, 2, 10), 40)
    plan_from(cast, SECOND, at=noon(SECOND))
    for starts_at, minutes, note in ((NINE, 10, REVIEW), (NINE + timedelta(days=14), 12, CALL)):
        signed_session(cast.jane, by=cast.rosa, starts_at=starts_at, seconds=minutes * 60, **note)
    close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    versions = [(row["number"], row["seconds"]) for row in claim.selection.evidence["plans"]]
    assert versions == [(1, 600), (2, 720)]
    with time_machine.travel(APRIL_5 + timedelta(hours=1)):
        client.force_login(cast.cora.user)
        page = text_of(client.get(f"/claims/{claim.pk}/"))
        for words in (
            "10 min worked under care plan version 1, from 02-Nov-2025.",
            "12 min worked under care plan version 2, from 10-Mar-2026.",
            "Under care plan version 2, from 10-Mar-2026</div>",
            "Worked under care plan version 1, from 02-Nov-2025 and care plan version 2, from 10-Mar-2026.",
        ):
            assert words in page
        plan_from(cast, date(2026, 3, 1), at=APRIL_5, signed_on=date(2026, 3, 1))
        again = text_of(client.get(f"/claims/{claim.pk}/"))
        second = CarePlan.objects.get(enrollment=cast.jane_enrolled, number=2)
        withdraw_paper(second, reason="Another patient's", by=second.signed_by, at=APRIL_5)
        withdrawn = text_of(client.get(f"/claims/{claim.pk}/"))
    assert "The record changed" not in again
    assert "version 3" not in again
    assert (
        "care plan version 2, from 10-Mar-2026 (withdrawn on 05-Apr-2026: Another patient&#x27;s)."
        in withdrawn
    )
    assert "10 min worked under care plan version 1, from 02-Nov-2025." in again
