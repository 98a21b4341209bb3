"""Forced lines when the record, or the rest of the claim, says otherwise than when two people judged."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Membership
from accounts.permissions import Role
from accounts.practice_policies import set_policy
from billing.claims import acts as claim_acts
from billing.claims import by_hand as acts
from billing.claims.staleness import why_outdated
from billing.models import Force
from foundation.refusals import Refused
from patients.models import Enrollment, OtherService
from patients.papers import withdraw_paper
from tests import factories
from tests.cast import Cast, make_cast
from tests.integration.billing.claims.test_by_hand import claim_of, exported, forced, lines, said
from tests.integration.billing.months import APRIL_5, MARCH, close_march, guides_example


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


@pytest.fixture
def held(db, saved_close) -> Cast:
    """March closed where the payer covers other diagnoses: everything of Jane's is held for that alone."""
    return saved_close.made_by(_held)


def _held() -> Cast:
    cast = make_cast()
    bea_of(cast)
    covers = {"value": ["E11"], "starts_on": date(2026, 1, 1), "why": "The plan's list."}
    set_policy(cast.practice, key="covered_diagnoses", **covers)
    guides_example(cast)
    close_march(cast)
    return cast


def bea_of(cast):
    """A second biller."""
    return factories.membership(cast.practice, "Bea Biller", Role.BILLER, email="bea@example.test")


@pytest.fixture
def bea(held):
    return Membership.objects.get(user__name="Bea Biller")


# A force is about the record that two people read ------------------------------------------------------------


def without_order(cast):
    order = cast.jane_enrolled.orders.get()
    withdraw_paper(order, reason="Of another patient.", by=cast.ana, at=APRIL_5)


def without_supervisor(cast):
    episode = Enrollment.objects.get(patient=cast.jane)
    episode.supervising = None
    episode.save()


def billed_elsewhere(cast):
    own = {"practice": cast.practice, "patient": cast.jane, "billed_by": "elsewhere"}
    factories.saved(OtherService(code="99457", service_on=date(2026, 3, 20), **own))


@pytest.mark.parametrize("change", [without_order, without_supervisor, billed_elsewhere])
def test_a_forced_line_falls_when_the_record_holds_it_by_more_than_was_judged(client, held, bea, change):
    forced(held, bea)
    claim = claim_of(held.jane)
    change(held)
    assert "nothing on it would be released now" in why_outdated(claim)
    with pytest.raises(Refused, match="The record changed"):
        claim_acts.approve(claim, version=claim.version, by=bea, at=APRIL_5)


def test_an_approved_forced_line_is_not_exported_once_its_order_is_withdrawn(client, held, bea):
    forced(held, bea)
    claim = claim_of(held.jane)
    claim_acts.approve(claim, version=claim.version, by=bea, at=APRIL_5)
    assert [row["code"] for row in exported(client, held.cora)] == ["99457"]
    without_order(held)
    client.force_login(held.cora.user)
    answer = client.get(reverse("billing:export_csv", args=[MARCH]))
    assert answer.status_code == 422
    assert "99457" not in answer.content.decode()


def test_a_line_that_the_record_holds_by_more_than_the_claim_shows_is_not_asked_for(held):
    billed_elsewhere(held)
    claim = claim_of(held.jane)
    with pytest.raises(Refused, match="Another practice billed this service for the period"):
        acts.ask_force(claim, "99457", **said(claim, held.cora))
    assert not Force.objects.exists()


def test_what_another_code_waits_for_does_not_bar_a_force(held, bea):
    """Only the code's own holds, and those of the whole claim."""
    own = {"practice": held.practice, "patient": held.jane, "billed_by": "elsewhere"}
    factories.saved(OtherService(code="99454", service_on=date(2026, 3, 20), **own))
    forced(held, bea)
    claim = claim_of(held.jane)
    assert lines(claim)["99457"] == (1, True)
    assert why_outdated(claim) is None
