"""A code that the payer does not cover: held on the claim and in the queue, by dated policies."""

import csv
import io
from datetime import date
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from accounts.models import PolicySetting
from accounts.practice_policies import end_own_policy, set_policy
from billing.claims import acts, by_hand
from billing.claims.staleness import outdated
from billing.decisions.recheck import faults
from billing.models import Claim
from patients.models import Coverage
from tests import factories
from tests.integration.billing.months import APRIL_5, MARCH, close_march, guides_example
from tests.integration.timelogs.pages import text_of


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


WHY = {"why": "The plan's bulletin of January."}


def covers_not(cast, *codes: str, starts_on: date = date(2026, 1, 1), payer: str = "medicare"):
    key = {"key": "codes_not_covered", "payer": payer, "starts_on": starts_on}
    return set_policy(cast.practice, value=sorted(codes), **key, **WHY)


def closed(cast) -> Claim:
    guides_example(cast)
    close_march(cast)
    return Claim.objects.get(patient=cast.jane)


def lines(claim) -> dict:
    return {line.code: line.released for line in claim.lines.filter(standing=True)}


def test_the_line_is_held_with_its_reason_and_the_rest_goes_out(cast, client):
    covers_not(cast, "99454")
    claim = closed(cast)
    assert (lines(claim)["99454"], lines(claim)["99457"]) == (False, True)
    assert claim.holds.filter(code="99454", lifted_at=None).get().slug == "payer-code"
    client.force_login(cast.cora.user)
    page = text_of(client.get(reverse("billing:claim", args=[claim.pk])))
    assert "The payer does not cover this code" in page
    assert "The payer does not cover 99454, by its policy of the month" in page
    assert "payer Medicare Part B" in page
    queue = client.get(reverse("billing:queue", args=[MARCH]), {"state": claim.state, "hold": "payer-code"})
    assert "DOE, Jane" in text_of(queue)
    assert "The payer does not cover this code" in text_of(queue)
    acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    rows = csv.DictReader(
        io.StringIO(client.get(reverse("billing:export_csv", args=[MARCH])).content.decode())
    )
    assert "99454" not in {row["code"] for row in rows}


@pytest.mark.parametrize(
    ("starts_on", "released"),
    [(date(2026, 3, 31), False), (date(2026, 4, 1), True)],
    ids=["last-day", "after"],
)
def test_the_policy_of_the_months_last_day_decides(cast, starts_on, released):
    covers_not(cast, "99457", starts_on=starts_on)
    assert lines(closed(cast))["99457"] is released


def test_ended_the_practices_value_counts_again(cast):
    covers_not(cast, "99457")
    end_own_policy(cast.practice, key="codes_not_covered", payer="medicare", starts_on=MARCH, **WHY)
    assert lines(closed(cast))["99457"] is True


def test_another_payers_policy_is_not_this_ones(cast):
    covers_not(cast, "99454", "99457", payer="commercial")
    found = lines(closed(cast))
    assert (found["99454"], found["99457"]) == (True, True)


def test_for_the_whole_practice_it_holds_every_payer_without_a_list_of_its_own(cast):
    covers_not(cast, "99457", payer="")
    covers_not(cast, payer="medicare", starts_on=MARCH)
    assert lines(closed(cast))["99457"] is True


def test_both_counts_agree_and_the_stored_decision_proves_itself(cast):
    covers_not(cast, "99454", "99457")
    claim = closed(cast)
    assert not claim.holds.filter(slug="second-count").exists()
    assert not list(faults(claim.selection))


def test_two_people_may_force_it_where_the_payer_agreed_in_a_single_case(cast):
    bea = factories.membership(cast.practice, "Bea Biller", "biller", email="bea@example.test")
    covers_not(cast, "99454")
    claim = closed(cast)
    said = {"reason": "The plan agreed by letter.", "at": APRIL_5}
    force = by_hand.ask_force(claim, "99454", version=claim.version, by=cast.cora, **said)
    claim.refresh_from_db()
    by_hand.confirm_force(force, version=claim.version, by=bea, **said)
    assert lines(claim)["99454"] is True


def test_a_claim_that_another_payer_outdated_names_that_payer(cast):
    claim = closed(cast)
    coverage = Coverage.objects.get(patient=cast.jane)
    coverage.payer = "commercial"
    coverage.save()
    assert "99457 × 1 for Commercial plan now" in outdated([claim])[claim.pk]
    coverage.ends_on = MARCH
    coverage.save()
    assert "99457 × 1 without coverage now" in outdated([claim])[claim.pk]


def test_the_what_if_tries_a_code_that_is_not_covered(cast, client):
    claim = closed(cast)
    client.force_login(cast.cora.user)
    address = reverse("billing:what_if", args=[cast.jane.pk, MARCH])
    form = client.get(address).context["form"]
    answer = client.post(address, {**form.completed(form.data), "codes_not_covered": "99457"})
    page = text_of(answer)
    assert (answer.status_code, "The payer does not cover 99457" in page) == (200, True), page
    assert lines(claim)["99457"] is True


def test_the_form_of_the_policy_takes_boxes_and_keeps_their_order(cast, client):
    client.force_login(cast.ade.user)
    address = "/policies/codes_not_covered/change/"
    typed = {"operation_id": str(uuid4()), "payer": "medicaid", "starts_on": "2026-05-01", "why": "Bulletin."}
    empty = client.post(address, typed)
    assert "Select the codes that are not covered, or tick “Every code is covered" in text_of(empty)
    typed["operation_id"] = str(uuid4())
    wrong = client.post(address, {**typed, "value": ["99490"]})
    assert "Select codes of the list." in text_of(wrong)
    typed["operation_id"] = str(uuid4())
    assert client.post(address, {**typed, "value": ["99470", "99445"]}).status_code == 303
    assert PolicySetting.objects.get(payer="medicaid").value == ["99445", "99470"]
    assert "99445, 99470" in text_of(client.get("/policies/"))
