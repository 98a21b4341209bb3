"""What a care plan says, its day of review, and who is told of it."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.practice_policies import set_policy
from dispatch.models import EmailDelivery, Notice
from foundation.context import acting
from foundation.refusals import Refused
from foundation.tracked import lock
from patients import reviews, signing
from patients.models import VITALS, CarePlan, SignatureRequest
from patients.papers import withdraw_paper, write_care_plan
from patients.services import PlanGiven, end_enrollment
from patients.tasks import remind_of_reviews
from tests import factories
from tests.integration.timelogs.pages import text_of
from tests.rows import signs, signs_all

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 16, tzinfo=UTC)
TODAY = date(2026, 3, 10)
SAID = {"goals": "Below 125/75.", "actions": "Measure twice a day. Less salt."}


def given(cast, **more) -> PlanGiven:
    return PlanGiven(**{**SAID, "effective_on": TODAY, "signed_by": cast.ana, **more})


def signed(cast, *, at=NOW, **more) -> CarePlan:
    return write_care_plan(cast.jane_enrolled, given(cast, **more), by=cast.ana, at=at)


@pytest.fixture
def rosa(client, cast):
    client.force_login(cast.rosa.user)
    return client


def form(cast, **changed) -> dict:
    today = cast.practice.today()
    days = {"effective_on": f"{today:%Y-%m-%d}", "review_by": f"{today + timedelta(days=60):%Y-%m-%d}"}
    return {"operation_id": str(uuid4()), **days, **SAID, "signed_by": str(cast.ana.pk), **changed}


def new_version(client, cast, **changed):
    return client.post(reverse("patients:care_plan_new", args=[cast.jane.pk]), form(cast, **changed))


# What it says -----------------------------------------------------------------------------------------------------


def test_what_is_typed_waits_is_read_with_its_changes_is_signed_shown_and_printed(rosa, client, cast):
    typed = {
        "systolic_high": "125",
        "diastolic_high": "75",
        "spo2_low": "92",
        "medicines": "Amlodipine 5 mg.",
    }
    more = {"education": "Sit down before measuring.", "other_targets": "Walks 20 minutes a day."}
    assert new_version(rosa, cast, **typed, **more).status_code == 303
    client.force_login(cast.ana.user)
    row = SignatureRequest.objects.get()
    page = text_of(client.get(f"/signatures/{row.pk}/"))
    for words in (
        "Changes against version 1",
        "Systolic: at most 125 mmHg, before at most 130 mmHg.",
        "SpO₂: at least 92 %, new.",
        "Medicines: added “Amlodipine 5 mg.”",
        "Education: added “Sit down before measuring.”",
        "Other targets: added “Walks 20 minutes a day.”",
    ):
        assert words in page
    signs_all(cast.ana)
    plan = CarePlan.objects.get(number=2)
    assert plan.content == row.content
    assert (plan.systolic_high, plan.spo2_low, plan.heart_rate_low) == (125, 92, None)
    record = text_of(client.get(f"/patients/{cast.jane.pk}/enrollment/"))
    paper = text_of(client.get(reverse("patients:plan_print", args=[cast.jane.pk, plan.pk])))
    for page in (record, paper):
        assert "SpO₂ at least 92 %" in page
        assert "Systolic: at most 125 mmHg, before at most 130 mmHg." in page
        assert f"{plan.review_by:%d-%b-%Y}" in page
    assert "SpO₂ at least 92 %" in text_of(client.get(f"/patients/{cast.jane.pk}/"))


def test_a_signed_request_still_shows_what_it_changed(client, cast):
    row = write_care_plan(cast.jane_enrolled, given(cast), by=cast.rosa, at=NOW)
    signs_all(cast.ana, NOW)
    client.force_login(cast.ana.user)
    assert "Changes against version 1" in text_of(client.get(f"/signatures/{row.pk}/"))


def test_the_next_version_begins_with_what_the_plan_says_and_a_day_by_the_policy(rosa, cast):
    with acting("test"):
        set_policy(cast.practice, key="plan_review_days", value=30, starts_on=date(2025, 1, 1), why="Sooner.")
    page = rosa.get(reverse("patients:care_plan_new", args=[cast.jane.pk])).content.decode()
    assert 'name="systolic_high" value="130"' in page
    assert "Below 130/80." in page
    assert f'value="{cast.practice.today() + timedelta(days=30):%Y-%m-%d}"' in page


def test_the_first_version_takes_its_targets_from_the_target_ranges(rosa, cast):
    now = timezone.now()
    end_enrollment(
        cast.jane_enrolled, ended_on=cast.practice.today(now), reason="Moved.", by=cast.rosa, at=now
    )
    today = f"{cast.practice.today():%Y-%m-%d}"
    again = {"operation_id": str(uuid4()), "started_on": today}
    assert rosa.post(reverse("patients:enrollment_new", args=[cast.jane.pk]), again).status_code == 303
    page = rosa.get(reverse("patients:care_plan_new", args=[cast.jane.pk])).content.decode()
    assert 'name="systolic_high" value="130"' in page
    assert 'name="diastolic_high" value="80"' in page


@pytest.mark.parametrize("vital", VITALS, ids=lambda vital: vital.name)
def test_a_target_lies_where_a_body_can_be_in_the_form_and_in_the_database(rosa, cast, vital):
    plan = signed(cast)
    for bound, out, edge in (
        (vital.low, vital.least - 1, vital.least),
        (vital.high, vital.most + 1, vital.most),
    ):
        answer = new_version(rosa, cast, **{bound: str(out)}, medicines="Kept as typed.")
        page = text_of(answer)
        assert answer.status_code == 422
        assert f"{vital.label} must be between {vital.least} and {vital.most} {vital.unit}" in page
        assert "Kept as typed." in page
        with pytest.raises(DatabaseError, match=f"careplan_{vital.name}_is_possible"), transaction.atomic():
            put(plan, **{bound: out})
        assert new_version(rosa, cast, **{bound: str(edge)}).status_code == 303
    answer = new_version(rosa, cast, **{vital.low: str(vital.most), vital.high: str(vital.most)})
    assert f"{vital.label}: the lower limit must be below the upper one" in text_of(answer)
    with pytest.raises(DatabaseError, match=f"careplan_{vital.name}_is_possible"), transaction.atomic():
        put(plan, **{vital.low: vital.most, vital.high: vital.most})


def put(plan: CarePlan, **values) -> None:
    """Around every form and service."""
    names = ", ".join(f"{name} = %s" for name in values)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE patients_careplan SET {names} WHERE id = %s", [*values.values(), plan.pk])
        raise RuntimeError("the database took it")


# The day of review ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "holds"), [(0, False), (1, True), (366, True), (367, False)])
def test_a_review_lies_after_the_start_and_within_a_year(rosa, cast, days, holds):
    plan = signed(cast)
    day = cast.practice.today() + timedelta(days=days)
    answer = new_version(rosa, cast, review_by=f"{day:%Y-%m-%d}")
    assert answer.status_code == (303 if holds else 422)
    assert holds or "Review must be" in text_of(answer)
    expected = RuntimeError if holds else DatabaseError
    with pytest.raises(expected), transaction.atomic():
        put(plan, review_by=TODAY + timedelta(days=days))


def test_without_a_day_the_policy_says_it_and_ninety_days_without_one(cast):
    assert signed(cast).review_by == TODAY + timedelta(days=90)
    with acting("test"):
        set_policy(cast.practice, key="plan_review_days", value=45, starts_on=TODAY, why="Sooner.")
    assert signed(cast).review_by == TODAY + timedelta(days=45)
    earlier = signed(cast, effective_on=TODAY - timedelta(days=1), signed_on=TODAY - timedelta(days=1))
    assert earlier.review_by == TODAY + timedelta(days=89)


def test_a_signature_of_today_dates_no_plan_back_and_a_paper_may(cast):
    long_ago = TODAY - timedelta(days=400)
    own = signed(cast, effective_on=long_ago)
    assert (own.effective_on, own.review_by) == (TODAY, TODAY + timedelta(days=90))
    waiting = write_care_plan(cast.jane_enrolled, given(cast, effective_on=long_ago), by=cast.rosa, at=NOW)
    assert (waiting.effective_on, waiting.review_by) == (long_ago, TODAY + timedelta(days=90))
    assert signs_all(cast.ana, NOW)[0].effective_on == TODAY
    paper = signed(cast, effective_on=long_ago, signed_on=long_ago)
    assert (paper.effective_on, paper.review_by) == (long_ago, long_ago + timedelta(days=90))


def test_a_plan_whose_review_has_passed_is_not_signed_but_returned(cast):
    row = write_care_plan(
        cast.jane_enrolled, given(cast, review_by=TODAY + timedelta(days=5)), by=cast.rosa, at=NOW
    )
    late = NOW + timedelta(days=5)
    with pytest.raises(Refused, match="Review must be after the day from which the plan holds, 15 Mar 2026"):
        signs([row], by=cast.ana, at=late)
    assert CarePlan.objects.filter(enrollment=cast.jane_enrolled).count() == 1
    signing.return_unsigned(row, reason="Too late.", by=cast.ana, at=late)


def test_a_plan_whose_review_has_passed_has_no_box_and_no_button_and_blocks_no_other(client, cast):
    now, today = timezone.now(), cast.practice.today()
    past = write_care_plan(
        cast.jane_enrolled,
        given(cast, effective_on=TODAY, review_by=TODAY + timedelta(days=5)),
        by=cast.rosa,
        at=NOW,
    )
    fine = write_care_plan(cast.max_enrolled, given(cast, effective_on=today), by=cast.rosa, at=now)
    client.force_login(cast.ana.user)
    paper = text_of(client.get(f"/signatures/{past.pk}/"))
    assert "Review must be after the day from which the plan holds" in paper
    assert 'name="papers"' not in paper
    assert 'name="papers"' in text_of(client.get(f"/signatures/{fine.pk}/"))
    queue = text_of(client.get("/signatures/"))
    assert queue.count('name="papers"') == 1
    assert "Review must be after the day from which the plan holds" in queue
    assert f'href="/signatures/{past.pk}/return/"' in queue


def test_a_plan_is_signed_on_the_last_day_before_its_review(cast):
    row = write_care_plan(
        cast.jane_enrolled, given(cast, review_by=TODAY + timedelta(days=5)), by=cast.rosa, at=NOW
    )
    plan = signs([row], by=cast.ana, at=NOW + timedelta(days=4))[0]
    assert (plan.effective_on, plan.review_by) == (TODAY + timedelta(days=4), TODAY + timedelta(days=5))


# Who is told ------------------------------------------------------------------------------------------------------


def told() -> list[tuple[str, bool]]:
    rows = Notice.objects.filter(kind="plan-review").order_by("pk")
    return [(row.cause.split(":")[0], row.withdrawn_at is None) for row in rows]


@pytest.fixture
def only_jane(cast):
    """Max and Nora have left, so that their plans are nobody's to review."""
    for episode in (cast.max_enrolled, cast.nora_enrolled):
        by = cast.rosa if episode.practice_id == cast.practice.pk else cast.dan
        end_enrollment(episode, ended_on=date(2026, 1, 2), reason="Moved.", by=by, at=NOW)
    return cast


@pytest.mark.parametrize(
    ("days_before", "expected"),
    [(15, []), (14, ["plan-review-near"]), (1, ["plan-review-near"]), (0, ["plan-review-due"])],
)
def test_two_weeks_before_and_on_the_day_it_stands_in_the_inbox_once(only_jane, days_before, expected):
    cast = only_jane
    plan = signed(cast, review_by=TODAY + timedelta(days=60))
    at = NOW + timedelta(days=60 - days_before)
    for _ in range(2):
        reviews.remind(cast.practice, at=at)
    assert [cause for cause, _ in told()] == expected
    if expected:
        notice = Notice.objects.get(kind="plan-review")
        assert (notice.recipient, notice.patient_id) == (cast.ana.user, cast.jane.pk)
        assert f"version {plan.number}" in notice.text
        assert "DOE" not in notice.headline
        assert not EmailDelivery.objects.filter(notice=notice).exists()


def test_on_the_day_the_first_reminder_gives_way_and_the_next_version_withdraws_both(only_jane):
    cast = only_jane
    signed(cast, review_by=TODAY + timedelta(days=60))
    for days in (50, 60, 61):
        reviews.remind(cast.practice, at=NOW + timedelta(days=days))
    assert told() == [("plan-review-near", False), ("plan-review-due", True)]
    later = NOW + timedelta(days=62)
    signed(cast, at=later, effective_on=cast.practice.today(later))
    reviews.remind(cast.practice, at=later)
    assert told() == [("plan-review-near", False), ("plan-review-due", False)]


def test_who_left_the_program_has_no_review(only_jane):
    cast = only_jane
    signed(cast, review_by=TODAY + timedelta(days=10))
    reviews.remind(cast.practice, at=NOW)
    assert told() == [("plan-review-near", True)]
    end_enrollment(cast.jane_enrolled, ended_on=TODAY, reason="Moved.", by=cast.rosa, at=NOW)
    reviews.remind(cast.practice, at=NOW)
    assert told() == [("plan-review-near", False)]


def test_where_nobody_concerned_works_here_any_more_a_clinician_is_told(only_jane):
    cast = only_jane
    signed(cast, review_by=TODAY + timedelta(days=10))
    other = factories.membership(cast.practice, "Bea Ray", cast.ana.role, "MD", email="bea@example.test")
    ana = lock(cast.ana)
    ana.ends_on = TODAY
    ana.save()
    reviews.remind(cast.practice, at=NOW)
    assert Notice.objects.get(kind="plan-review").recipient == other.user


def test_the_task_reaches_every_practice_and_one_that_fails_stops_no_other(cast, monkeypatch):
    really, failed = reviews.remind, []

    def fails_first(practice, *, at):
        if not failed:
            failed.append(practice.pk)
            raise ValueError("broken")
        really(practice, at=at)

    monkeypatch.setattr("patients.tasks.remind", fails_first)
    with time_machine.travel(NOW):
        remind_of_reviews()
    practices = set(Notice.objects.filter(kind="plan-review").values_list("practice_id", flat=True))
    assert practices == {cast.practice.pk, cast.elsewhere.pk} - set(failed)


def test_the_caseload_counts_shows_and_names_what_is_to_be_reviewed(rosa, cast, django_assert_num_queries):
    today = cast.practice.today()
    now = timezone.now()
    days = {cast.jane_enrolled: 14, cast.max_enrolled: 15}
    for episode, ahead in days.items():
        plan = given(cast, effective_on=today, review_by=today + timedelta(days=ahead))
        write_care_plan(episode, plan, by=cast.ana, at=now)
    page = rosa.get("/patients/?show=review")
    assert [str(row.patient) for row in page.context["page"].object_list] == ["DOE, Jane"]
    assert f"Care plan: Review by {today + timedelta(days=14):%d-%b-%Y}" in text_of(page)
    with django_assert_num_queries(1):
        assert reviews.reviews_of(cast.practice, [cast.jane.pk, cast.max.pk], today) == {
            cast.jane.pk: today + timedelta(days=14)
        }


def test_a_version_recorded_in_error_is_reviewed_no_more_and_compared_with_no_more(only_jane, client):
    cast = only_jane
    wrong = signed(cast, goals="Typed wrongly.", review_by=TODAY + timedelta(days=10), signed_on=TODAY)
    reviews.remind(cast.practice, at=NOW)
    assert told() == [("plan-review-near", True)]
    withdraw_paper(wrong, reason="Another patient's.", by=cast.ana, at=NOW)
    assert told() == [("plan-review-near", False)]
    row = write_care_plan(cast.jane_enrolled, given(cast), by=cast.rosa, at=NOW)
    client.force_login(cast.ana.user)
    assert "Changes against version 1" in text_of(client.get(f"/signatures/{row.pk}/"))
    signs_all(cast.ana, NOW)
    page = text_of(client.get(f"/patients/{cast.jane.pk}/enrollment/"))
    assert page.count("Changes against version 1:") == 2
    assert "Changes against version 2" not in page


# The day from which it holds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "holds"), [(366, True), (367, False)])
def test_a_plan_holds_from_within_a_year_and_what_was_typed_stays(rosa, cast, days, holds):
    day = cast.practice.today() + timedelta(days=days)
    typed = {"effective_on": f"{day:%Y-%m-%d}", "review_by": "", "medicines": "Kept as typed."}
    answer = new_version(rosa, cast, **typed)
    assert answer.status_code == (303 if holds else 422)
    if not holds:
        page = text_of(answer)
        assert "The day from which the plan holds must be within a year of today" in page
        assert "Kept as typed." in page


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_of_another_age_is_refused_without_a_fault(rosa, cast, day):
    assert new_version(rosa, cast, effective_on=day, review_by="").status_code == 422
    assert new_version(rosa, cast, review_by=day).status_code == 422


def test_a_paper_holds_from_no_day_before_the_patient_was_born(cast):
    born = cast.jane.born_on
    assert signed(cast, effective_on=born, signed_on=TODAY).effective_on == born
    with pytest.raises(Refused, match="must not be before the date of birth, 12 May 1948") as refusal:
        signed(cast, effective_on=born - timedelta(days=1), signed_on=TODAY)
    assert refusal.value.field == "effective_on"


def test_the_page_shows_the_version_that_holds_and_names_the_one_that_waits(rosa, client, cast):
    now, today = timezone.now(), cast.practice.today()
    begins = today + timedelta(days=30)
    later = signed(cast, at=now, effective_on=begins, goals="Next month's goals.")
    page = rosa.get(f"/patients/{cast.jane.pk}/enrollment/")
    assert page.context["last_plan"].number == 1
    waits = f"Version {later.number} is signed and holds from {begins:%-d %b %Y}"
    assert waits in text_of(page)
    assert waits in text_of(rosa.get(reverse("patients:care_plan_new", args=[cast.jane.pk])))
    row = write_care_plan(cast.jane_enrolled, given(cast, effective_on=today), by=cast.rosa, at=now)
    client.force_login(cast.ana.user)
    assert waits in text_of(client.get(f"/signatures/{row.pk}/"))


def test_a_version_that_waits_and_was_withdrawn_is_named_no_more(rosa, cast):
    now, today = timezone.now(), cast.practice.today()
    later = signed(cast, at=now, effective_on=today + timedelta(days=30))
    withdraw_paper(later, reason="Another patient's.", by=cast.ana, at=now)
    assert "is signed and holds from" not in text_of(rosa.get(f"/patients/{cast.jane.pk}/enrollment/"))


# Which version holds changes with the day, and with what is withdrawn ---------------------------------------------


def standing(at) -> list[tuple[str, int]]:
    """Which lines stand after the day's task, as (kind of reminder, number of the plan's version)."""
    rows = Notice.objects.filter(kind="plan-review", withdrawn_at=None).order_by("cause")
    causes = [row.cause.split(":") for row in rows]
    return sorted((kind, CarePlan.objects.get(pk=key).number) for kind, key in causes)


def after(cast, days: int) -> list[tuple[str, int]]:
    at = NOW + timedelta(days=days)
    reviews.remind(cast.practice, at=at)
    return standing(at)


def test_a_version_that_holds_again_is_to_be_reviewed_again_as_if_unread(only_jane):
    cast = only_jane
    signed(cast, review_by=TODAY + timedelta(days=5))
    assert after(cast, 5) == [("plan-review-due", 2)]
    Notice.objects.filter(kind="plan-review").update(read_at=NOW)
    later = NOW + timedelta(days=6)
    wrong = signed(cast, at=later, effective_on=TODAY + timedelta(days=6))
    assert standing(later) == []
    withdraw_paper(wrong, reason="Another patient's.", by=cast.ana, at=later)
    assert after(cast, 7) == [("plan-review-due", 2)]
    notice = Notice.objects.get(kind="plan-review", cause__startswith="plan-review-due")
    assert (notice.read_at, "Review overdue since" in notice.text) == (None, True)


def test_a_version_for_later_leaves_what_holds_to_be_reviewed_until_it_holds(only_jane):
    cast = only_jane
    signed(cast, review_by=TODAY + timedelta(days=5))
    assert after(cast, 5) == [("plan-review-due", 2)]
    signed(cast, at=NOW + timedelta(days=6), effective_on=TODAY + timedelta(days=60))
    assert standing(NOW) == after(cast, 6) == after(cast, 59) == [("plan-review-due", 2)]
    assert after(cast, 60) == []


def test_a_version_written_after_one_was_withdrawn_ends_the_reminder_of_the_one_that_held(only_jane):
    cast = only_jane
    signed(cast, review_by=TODAY + timedelta(days=5))
    wrong = signed(cast)
    withdraw_paper(wrong, reason="Another patient's.", by=cast.ana, at=NOW)
    assert after(cast, 5) == [("plan-review-due", 2)]
    signed(cast, at=NOW + timedelta(days=5), effective_on=TODAY + timedelta(days=5))
    assert standing(NOW) == after(cast, 6) == []


def test_a_paper_from_before_leaves_what_holds_to_be_reviewed(only_jane):
    cast = only_jane
    signed(cast, review_by=TODAY + timedelta(days=5))
    assert after(cast, 5) == [("plan-review-due", 2)]
    earlier = TODAY - timedelta(days=9)
    signed(cast, at=NOW + timedelta(days=5), effective_on=earlier, signed_on=earlier)
    assert standing(NOW) == after(cast, 6) == [("plan-review-due", 2)]


def moves(who, role) -> None:
    row = lock(who)
    row.role, row.staff_kind, row.npi = role, "none", ""
    row.save()


def test_who_sees_no_chart_any_more_reads_no_patients_name(only_jane):
    cast = only_jane
    row = write_care_plan(
        cast.jane_enrolled, given(cast, review_by=TODAY + timedelta(days=10)), by=cast.rosa, at=NOW
    )
    signs([row], by=cast.ana, at=NOW)
    reviews.remind(cast.practice, at=NOW)
    mine = Notice.objects.filter(kind="plan-review", withdrawn_at=None)
    assert {notice.recipient for notice in mine} == {cast.rosa.user, cast.ana.user}
    moves(cast.rosa, "administrator")
    reviews.remind(cast.practice, at=NOW)
    assert {notice.recipient for notice in mine.all()} == {cast.ana.user}


def test_who_asked_and_sees_no_chart_any_more_is_not_told_that_it_came_back(cast):
    row = write_care_plan(cast.jane_enrolled, given(cast), by=cast.rosa, at=NOW)
    moves(cast.rosa, "administrator")
    signing.return_unsigned(row, reason="No.", by=cast.ana, at=NOW)
    assert not Notice.objects.filter(kind="returned").exists()


def test_where_the_only_one_concerned_sees_no_chart_any_more_a_clinician_is_told(only_jane):
    cast = only_jane
    signed(cast, review_by=TODAY + timedelta(days=10))
    other = factories.membership(cast.practice, "Bea Ray", cast.ana.role, "MD", email="bea@example.test")
    moves(cast.ana, "administrator")
    reviews.remind(cast.practice, at=NOW)
    assert [notice.recipient for notice in Notice.objects.filter(kind="plan-review")] == [other.user]


def test_one_plan_that_cannot_be_told_of_keeps_no_other_from_it(cast, monkeypatch):
    really, failed = reviews._tell, []

    def fails_first(plan, **more):
        if not failed:
            failed.append(plan.pk)
            raise ValueError("broken")
        really(plan, **more)

    monkeypatch.setattr(reviews, "_tell", fails_first)
    reviews.remind(cast.practice, at=NOW)
    told_of = set(Notice.objects.filter(kind="plan-review").values_list("patient_id", flat=True))
    assert len(told_of) == 1
    assert told_of < {cast.jane.pk, cast.max.pk}


def test_of_a_pages_patients_no_plan_of_another_is_looked_at(cast, django_assert_num_queries):
    with django_assert_num_queries(1) as asked:
        reviews.reviews_of(cast.practice, [cast.jane.pk], TODAY)
    inner = asked[0]["sql"].partition("DISTINCT ON")[2].partition("ORDER BY")[0]
    assert str(cast.jane.pk).replace("-", "") in inner.replace("-", "")
