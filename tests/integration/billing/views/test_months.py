"""The month's pages: board, close, run, queue, re-opening."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from billing.close import acts as close
from billing.models import Claim, ClaimState, CloseRun, RunState
from tests.integration.billing.months import APRIL_5, MARCH, close_march, guides_example, work
from timelogs.models import Period, PeriodState


@pytest.fixture(autouse=True)
def in_april():
    """The day on which March is closed."""
    with time_machine.travel(APRIL_5, tick=True):
        yield


@pytest.fixture
def biller(client, cast):
    client.force_login(cast.cora.user)
    return client


def post(client, name, month, **data):
    return client.post(reverse(f"billing:{name}", args=[month]), {"operation_id": uuid4(), **data})


def test_the_board_of_an_open_month_says_what_a_close_would_come_to_and_writes_nothing(biller, cast):
    guides_example(cast)
    text = biller.get(reverse("month_board", args=[MARCH])).content.decode()
    assert "2 patients, calculated from the records" in text
    assert "<b>1</b><span>Ready to review</span>" in text
    assert not CloseRun.objects.exists()


def test_the_board_of_a_closed_month_counts_states_and_links_reasons_to_the_queue(biller, cast):
    guides_example(cast, calls=False)
    close_march(cast)
    text = biller.get(reverse("month_board", args=[MARCH])).content.decode()
    assert reverse("billing:queue", args=[MARCH]) + "?hold=no-live-contact" in text
    assert "No live contact with the patient or caregiver in the month" in text


def test_the_close_needs_the_months_name(biller, cast):
    response = post(biller, "close", MARCH, month_name="February 2026")
    assert response.status_code == 422
    assert "Type March 2026 to confirm. You typed “February 2026”." in response.content.decode()
    assert not CloseRun.objects.exists()


def test_typing_the_name_closes_and_leads_to_the_run(biller, cast):
    response = post(biller, "close", MARCH, month_name="march  2026")
    run = CloseRun.objects.get()
    assert (response.status_code, response["Location"]) == (303, reverse("billing:run", args=[run.pk]))
    work()


def test_two_clicks_on_close_are_one_close(biller, cast):
    data = {"operation_id": uuid4(), "month_name": "March 2026"}
    url = reverse("billing:close", args=[MARCH])
    answers = [biller.post(url, data)["Location"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert CloseRun.objects.count() == 1
    work()


def test_a_second_tab_joins_the_same_close(biller, cast):
    answers = [post(biller, "close", MARCH, month_name="March 2026")["Location"] for _ in range(2)]
    assert answers[0] == answers[1]
    work()


def test_a_month_that_is_not_over_offers_no_close(biller, cast):
    month = timezone.localdate().replace(day=1) + timedelta(days=40)
    month = month.replace(day=1)
    text = biller.get(reverse("billing:close", args=[month])).content.decode()
    assert "is not over yet" in text
    assert "Close the month" not in text
    assert post(biller, "close", month, month_name=f"{month:%B %Y}").status_code == 422


def test_the_run_is_polled_while_it_runs_and_stops_when_done(biller, cast):
    run = close.start_close(cast.practice, MARCH, by=cast.cora, at=APRIL_5)
    url = reverse("billing:run", args=[run.pk])
    polled = biller.get(url, headers={"HX-Request": "true"})
    assert polled.status_code == 200
    assert 'aria-valuetext="0 of 2 patients"' in polled.content.decode()
    work()
    done = biller.get(url, headers={"HX-Request": "true"})
    assert done.status_code == 286
    assert "hx-get" not in done.content.decode()
    assert biller.get(url).status_code == 200


def test_a_nurse_cannot_close_and_a_biller_cannot_reopen(client, cast):
    client.force_login(cast.rosa.user)
    assert post(client, "close", MARCH, month_name="March 2026").status_code == 403
    client.force_login(cast.cora.user)
    close_march(cast)
    assert post(client, "reopen", MARCH, month_name="March 2026", reason="A late call.").status_code == 403
    assert client.get(reverse("billing:closed_months")).status_code == 403


def test_the_administrator_reopens_with_a_reason_that_stays_on_the_month(client, cast):
    close_march(cast)
    client.force_login(cast.ade.user)
    assert "March 2026" in client.get(reverse("billing:closed_months")).content.decode()
    assert post(client, "reopen", MARCH, month_name="March 2026", reason=" ").status_code == 422
    response = post(client, "reopen", MARCH, month_name="March 2026", reason="A late call is missing.")
    assert response.status_code == 303
    assert Period.objects.get().state == PeriodState.REOPENED
    close_march(cast)
    client.force_login(cast.cora.user)
    text = client.get(reverse("month_board", args=[MARCH])).content.decode()
    assert "by Ade Admin: A late call is missing." in text


def test_another_practices_month_is_its_own(client, cast):
    close_march(cast)
    client.force_login(cast.dora.user)
    text = client.get(reverse("month_board", args=[MARCH])).content.decode()
    assert "Closed" not in text


def test_the_queue_filters_by_state_hold_and_code(biller, cast):
    guides_example(cast, calls=False)
    close_march(cast)
    url = reverse("billing:queue", args=[MARCH])
    # The bell names patients too: a row of the queue is told by its claim.
    jane, max_ = (f"claim-{Claim.objects.get(patient=patient).pk}" for patient in (cast.jane, cast.max))
    assert jane not in biller.get(url).content.decode()
    both = biller.get(url, {"state": ClaimState.ATTENTION}).content.decode()
    assert jane in both
    assert max_ in both
    held = biller.get(url, {"hold": "no-live-contact"}).content.decode()
    assert jane in held
    assert max_ not in held
    coded = biller.get(url, {"code": "99454"}).content.decode()
    assert jane in coded
    assert max_ not in coded


def test_the_queue_costs_the_same_number_of_queries_for_one_row_and_many(
    biller, cast, django_assert_max_num_queries
):
    guides_example(cast)
    close_march(cast)
    with django_assert_max_num_queries(45):
        biller.get(reverse("billing:queue", args=[MARCH]), {"state": ""})


def test_the_queue_says_in_words_when_nothing_is_there(biller, cast):
    text = biller.get(reverse("billing:queue", args=[date(2026, 2, 1)])).content.decode()
    assert "They are made when the month closes." in text


def test_letters_in_an_address_never_break_the_queue(biller, cast):
    for query in ({"state": "nonsense"}, {"hold": "x" * 500}, {"code": "'; --"}, {"page": "abc"}):
        assert biller.get(reverse("billing:queue", args=[MARCH]), query).status_code == 200


def test_the_panel_of_the_chart_shows_the_months_claim(biller, cast):
    guides_example(cast)
    close_march(cast)
    text = biller.get(reverse("billing:month_panel", args=[cast.jane.pk])).content.decode()
    assert "99457 × 1" in text


def test_a_running_close_says_when_nobody_works_on_it(biller, cast):
    from dispatch.models import OutboxMessage

    run = close.start_close(cast.practice, MARCH, by=cast.cora, at=APRIL_5)
    OutboxMessage.objects.update(failed_at=APRIL_5)
    assert (
        "Nobody is at work on this close any more"
        in biller.get(reverse("billing:run", args=[run.pk])).content.decode()
    )
    close_march(cast)
    run.refresh_from_db()
    assert run.state == RunState.DONE


def test_a_tab_says_its_state_once_and_rows_of_another_say_theirs(biller, cast):
    guides_example(cast)
    close_march(cast)
    url = reverse("billing:queue", args=[MARCH])
    for state, word in (("ready", "Ready to review"), ("attention", "Needs attention")):
        rows = biller.get(url, {"state": state}).content.decode().partition("<tbody>")[2]
        assert "data-row" in rows
        assert word not in rows
    rows = biller.get(url, {"state": ""}).content.decode().partition("<tbody>")[2]
    assert "Needs attention" in rows
