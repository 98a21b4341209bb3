"""Several papers signed at once: in the order they were asked for, each as it was read, beside what then held."""

import re
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection

from foundation.context import acting
from foundation.refusals import Refused, StaleRow
from patients import signing
from patients.as_read import as_read
from patients.models import CarePlan, Order, PaperKind, SignatureRequest
from patients.papers import write_care_plan
from patients.selectors import care_plan_on
from patients.services import PlanGiven, end_enrollment
from tests import factories
from tests.integration.timelogs.pages import text_of
from tests.rows import signs_all

NOW = datetime(2026, 3, 10, 16, tzinfo=UTC)
TODAY = date(2026, 3, 10)


def asked_plan(cast, goals: str, *, at=NOW, **more) -> SignatureRequest:
    words = {"goals": goals, "actions": "a", "effective_on": TODAY, "review_by": TODAY + timedelta(days=90)}
    return signing.ask(
        cast.jane_enrolled, PaperKind.CARE_PLAN, asked_of=cast.ana, by=cast.rosa, at=at, **words, **more
    )


def test_of_two_plans_signed_together_the_one_written_later_is_in_effect(cast):
    # Their keys are random; here the older plan has the higher one.
    asked_plan(cast, "The older goals.", id=UUID(int=2), at=NOW)
    asked_plan(cast, "The newer goals.", id=UUID(int=1), at=NOW + timedelta(minutes=1))
    plans = signs_all(cast.ana, NOW + timedelta(hours=1))
    assert [(plan.number, plan.goals) for plan in plans] == [(2, "The older goals."), (3, "The newer goals.")]
    assert care_plan_on(cast.jane_enrolled, TODAY).goals == "The newer goals."


# Beside which plan it was read --------------------------------------------------------------------------------------


@pytest.fixture
def ana(cast, client):
    with time_machine.travel(NOW, tick=False):
        client.force_login(cast.ana.user)
        yield client


def reads(client, *rows: SignatureRequest) -> list[str]:
    """She opens each paper; the marks that her pages would send."""
    return [
        re.search(r'name="papers" value="([^"]*)"', text_of(client.get(f"/signatures/{row.pk}/")))[1]
        for row in rows
    ]


def signs(client, marks: list[str]):
    return client.post("/signatures/sign/", {"operation_id": str(uuid4()), "papers": marks})


def takes_effect(cast, *, on: date = TODAY) -> CarePlan:
    """Another plan, from a paper that a colleague transcribes."""
    given = PlanGiven(
        goals="From a paper.", actions="a", effective_on=on, signed_by=cast.ana, signed_on=TODAY
    )
    return write_care_plan(cast.jane_enrolled, given, by=cast.rosa, at=NOW)


def test_a_plan_is_not_signed_over_another_that_came_into_effect_after_it_was_read(cast, ana):
    marks = reads(ana, asked_plan(cast, "Read beside version 1."))
    takes_effect(cast)
    refused = signs(ana, marks)
    assert refused.status_code == 409
    assert "Read it again, then sign." in text_of(refused)
    assert "Not read" in text_of(ana.get("/signatures/"))
    assert care_plan_on(cast.jane_enrolled, TODAY).goals == "From a paper."


def test_read_again_beside_the_new_plan_it_is_signed(cast, ana):
    row = asked_plan(cast, "Read twice.")
    reads(ana, row)
    takes_effect(cast)
    assert signs(ana, reads(ana, row)).status_code == 303
    assert care_plan_on(cast.jane_enrolled, TODAY).goals == "Read twice."


def test_a_plan_that_begins_tomorrow_changes_nothing_until_then(cast, ana):
    marks = reads(ana, asked_plan(cast, "Until tomorrow."))
    takes_effect(cast, on=TODAY + timedelta(days=1))
    assert signs(ana, marks).status_code == 303


def test_a_plan_that_began_overnight_must_be_looked_at_first(cast):
    takes_effect(cast, on=TODAY + timedelta(days=1))
    read = as_read(cast.practice, [asked_plan(cast, "Read on the day before.")], on=TODAY)
    with pytest.raises(StaleRow, match="Care plan of DOE, Jane: .* another plan came into effect"):
        signing.sign(read, by=cast.ana, at=NOW + timedelta(days=1))


def test_two_plans_of_one_patient_read_beside_the_same_plan_are_signed_together(cast, ana):
    older, newer = asked_plan(cast, "Older."), asked_plan(cast, "Newer.", at=NOW + timedelta(seconds=1))
    assert signs(ana, reads(ana, newer, older)).status_code == 303
    assert care_plan_on(cast.jane_enrolled, TODAY).goals == "Newer."


def test_signed_one_after_the_other_the_second_is_read_again(cast, ana):
    older, newer = asked_plan(cast, "Older."), asked_plan(cast, "Newer.", at=NOW + timedelta(seconds=1))
    first, second = reads(ana, older, newer)
    assert [signs(ana, [first]).status_code, signs(ana, [second]).status_code] == [303, 409]


def test_an_order_rests_on_no_plan(cast, ana):
    row = signing.ask(
        cast.jane_enrolled, PaperKind.ORDER, asked_of=cast.ana, by=cast.rosa, at=NOW, text="Weight."
    )
    marks = reads(ana, row)
    takes_effect(cast)
    assert signs(ana, marks).status_code == 303


# After the enrollment ended ----------------------------------------------------------------------------------------


def asked_order(cast, episode, *, of=None) -> SignatureRequest:
    """`of`: whose signature is asked for; any clinician's by itself."""
    return signing.ask(episode, PaperKind.ORDER, asked_of=of, by=cast.rosa, at=NOW, text="Weight.")


def ends(episode) -> None:
    end_enrollment(episode, ended_on=TODAY, reason="Moved away.", by=episode.ordering, at=NOW)


def test_what_the_page_says_to_return_can_be_returned_from_it(cast, ana):
    row = asked_order(cast, cast.jane_enrolled)
    ends(cast.jane_enrolled)
    page = text_of(ana.get(f"/signatures/{row.pk}/"))
    assert "The enrollment ended meanwhile. Return it" in page
    assert f'href="/signatures/{row.pk}/return/"' in page
    assert 'name="papers"' not in page
    sent = {"operation_id": str(uuid4()), "reason": "No longer enrolled."}
    assert ana.post(f"/signatures/{row.pk}/return/", sent).status_code == 303


def test_in_the_queue_it_has_no_box_but_the_way_to_return_it(cast, ana):
    row, other = asked_order(cast, cast.jane_enrolled), asked_order(cast, cast.max_enrolled)
    reads(ana, row, other)
    ends(cast.jane_enrolled)
    page = text_of(ana.get("/signatures/"))
    assert page.count('name="papers"') == 1
    assert "The enrollment ended meanwhile" in page
    assert f'href="/signatures/{row.pk}/return/"' in page
    assert f'href="/signatures/{other.pk}/return/"' not in page


def test_a_batch_that_is_refused_names_the_patient_and_the_paper(cast, ana):
    row, other = asked_order(cast, cast.jane_enrolled), asked_order(cast, cast.max_enrolled)
    marks = reads(ana, row, other)
    ends(cast.jane_enrolled)
    refused = signs(ana, marks)
    assert refused.status_code == 422
    assert "Order of DOE, Jane: The enrollment ended meanwhile. Return it" in text_of(refused)
    assert not Order.objects.filter(request__in=[row, other]).exists()


def test_a_batch_with_a_paper_that_changed_since_names_it(cast, ana):
    row, other = asked_order(cast, cast.jane_enrolled), asked_order(cast, cast.max_enrolled)
    marks = reads(ana, row, other)
    other.text = "Other words."
    other.save()
    page = text_of(signs(ana, marks))
    assert "Order of ROE, Max: it was changed" in page
    assert "DOE, Jane: " not in page


@pytest.mark.parametrize("mark", ["nonsense", "0" * 32, "%s %(value)s", ""])
def test_a_mark_that_is_none_of_ours_is_refused_without_a_fault(cast, ana, mark):
    refused = signs(ana, [mark])
    assert refused.status_code == 422
    assert "Read it again, then sign." in text_of(refused)


@pytest.mark.parametrize("mark", [3, None, "3", "3.4"])
def test_what_an_earlier_release_kept_of_a_reading_keeps_nobody_from_signing(cast, ana, mark):
    """Whoever was signed in while the portal was replaced has the old marks in her session."""
    row, other = asked_order(cast, cast.jane_enrolled), asked_order(cast, cast.max_enrolled)
    marks = reads(ana, row)
    session = ana.session
    session["papers_read"] = {**session["papers_read"], other.pk.hex: mark}
    session.save()
    assert ana.get("/signatures/").status_code == 200
    assert signs(ana, marks).status_code == 303
    assert Order.objects.filter(request=row).exists()


def test_another_practices_paper_is_not_named(cast, ana):
    far = cast.nora_enrolled.ordering
    row = signing.ask(cast.nora_enrolled, PaperKind.ORDER, asked_of=far, by=cast.dan, at=NOW, text="Weight.")
    page = text_of(signs(ana, [as_read(cast.elsewhere, [row], on=TODAY)[0].mark]))
    assert "NOE" not in page
    assert "Read it again, then sign." in page


@pytest.mark.parametrize("ended", [False, True])
def test_nobody_returns_what_waits_for_another_clinician(cast, ended):
    ben = factories.membership(cast.practice, "Ben Second", "qhp", "NP", email="ben@example.test")
    row = asked_order(cast, cast.jane_enrolled, of=cast.ana)
    if ended:
        ends(cast.jane_enrolled)
    with pytest.raises(Refused, match="Nobody signs for another"):
        signing.return_unsigned(row, reason="r", by=ben, at=NOW)
    with pytest.raises(Refused, match="Only a physician"):
        signing.return_unsigned(row, reason="r", by=cast.rosa, at=NOW)
    assert signing.return_unsigned(row, reason="r", by=cast.ana, at=NOW).state == "returned"


@pytest.mark.django_db(transaction=True)
def test_two_clinicians_who_sign_two_plans_at_once_do_not_sign_over_each_other(cast):
    ben = factories.membership(cast.practice, "Ben Second", "qhp", "NP", email="ben@example.test")
    given = {"goals": "g", "actions": "a", "effective_on": TODAY, "review_by": TODAY + timedelta(days=90)}
    rows = [
        signing.ask(cast.jane_enrolled, PaperKind.CARE_PLAN, asked_of=who, by=cast.rosa, at=NOW, **given)
        for who in (cast.ana, ben)
    ]
    read, barrier, found = as_read(cast.practice, rows, on=TODAY), Barrier(2), []

    def one(who, paper):
        barrier.wait()
        try:
            with acting(str(who)):
                found.append(signing.sign([paper], by=who, at=NOW)[0].number)
        except StaleRow:
            found.append(None)
        connection.close()

    threads = [Thread(target=one, args=pair) for pair in zip((cast.ana, ben), read, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found, key=str) == [2, None]
