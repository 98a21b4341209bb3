"""Forced lines when the record, or the rest of the claim, says otherwise than when two people judged."""

import csv
import io
from datetime import date, timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership
from billing.claims import acts as claim_acts
from billing.claims import by_hand as acts
from billing.claims.staleness import why_outdated
from billing.close import acts as close
from billing.models import Claim, ClaimState, Force, Hold
from dispatch.models import Notice
from foundation.refusals import Refused
from patients.models import Enrollment, OtherService
from patients.papers import withdraw_paper
from tests import factories
from tests.cast import Cast
from tests.integration.billing.claims.test_by_hand import (
    asked,
    claim_of,
    exported,
    forced,
    in_sql,
    lines,
    reclose,
    refused_at_its_end,
    said,
)
from tests.integration.billing.months import (
    APRIL_5,
    MARCH,
    close_march,
    guides_example,
    march_held,
    second_biller,
    work,
)
from timelogs.models import Period, TimeEntry
from timelogs.signing.void import void


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


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


# Further units go with their base ----------------------------------------------------------------------------


@pytest.fixture
def long_month(db, worlds) -> Cast:
    """The same with 19 minutes more: 99457 and one unit of 99458, held for the diagnosis alone."""
    return worlds.of(_long_month)


def _long_month() -> Cast:
    cast = march_held()
    reclose(cast, minutes=19)
    return cast


def test_further_units_are_not_forced_before_their_base(client, long_month):
    claim = claim_of(long_month.jane)
    refused = "99458 is claimed beside 99457 only"
    with pytest.raises(Refused, match=refused):
        acts.ask_force(claim, "99458", **said(claim, long_month.cora))
    client.force_login(long_month.cora.user)
    page = client.get(reverse("billing:claim", args=[claim.pk])).content.decode()
    assert "Force 99458…" not in page
    assert refused in page


def test_further_units_are_forced_after_their_base_and_fall_with_it(client, long_month):
    bea = Membership.objects.get(user__name="Bea Biller")
    base = forced(long_month, bea)
    forced(long_month, bea, "99458")
    claim = claim_of(long_month.jane)
    assert lines(claim) == {"99454": (1, False), "99457": (1, True), "99458": (1, True)}
    acts.end_force(base, **said(claim, long_month.cora, "The letter is older."))
    assert not any(released for _, released in lines(claim).values())
    assert claim_of(long_month.jane).state == ClaimState.ATTENTION
    page = client_page(client, long_month.cora, claim)
    assert "99458 is claimed beside 99457 only" in page


def client_page(client, who, claim) -> str:
    client.force_login(who.user)
    return client.get(reverse("billing:claim", args=[claim.pk])).content.decode()


def test_further_units_asked_for_are_not_confirmed_once_their_base_is_held(long_month):
    bea = Membership.objects.get(user__name="Bea Biller")
    base = forced(long_month, bea)
    further = asked(long_month, "99458")
    acts.end_force(base, **said(further.claim, long_month.cora))
    with pytest.raises(Refused, match="99458 is claimed beside 99457 only"):
        acts.confirm_force(further, **said(further.claim, bea))


def test_of_two_windows_only_the_one_that_was_held_bears_the_force(client, cast):
    """3 Dec to 1 Jan straddles the change of the device rules; 2 to 31 January is released by them."""
    bea = second_biller(cast)
    factories.readings(cast.jane, date(2025, 12, 3), 60)
    january = date(2026, 1, 1)
    close.start_close(cast.practice, january, by=cast.cora, at=APRIL_5)
    work()
    forced(cast, bea, "99454")
    claim = claim_of(cast.jane)
    claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    client.force_login(cast.cora.user)
    body = client.get(reverse("billing:export_csv", args=[january])).content.decode()
    rows = [row for row in csv.DictReader(io.StringIO(body)) if row["code"] == "99454"]
    assert {row["service_to"]: row["forced_by"] for row in rows} == {
        "2026-01-01": "Cora Biller; Bea Biller",
        "2026-01-31": "",
    }


# What the database holds -------------------------------------------------------------------------------------


def test_a_line_that_nobody_released_is_not_released_around_the_form(held):
    with transaction.atomic():
        in_sql("UPDATE billing_claimline SET released = true WHERE code = '99457' AND standing")
        refused_at_its_end("is not released by the rules")


def test_a_held_window_is_not_released_around_the_form_beside_a_released_one(cast):
    factories.readings(cast.jane, date(2025, 12, 3), 60)
    close.start_close(cast.practice, date(2026, 1, 1), by=cast.cora, at=APRIL_5)
    work()
    with transaction.atomic():
        in_sql("UPDATE billing_claimline SET released = true WHERE code = '99454' AND standing")
        refused_at_its_end("is not released by the rules")


def test_a_line_is_not_forced_by_what_was_judged_on_another_decision(held, bea):
    forced(held, bea)
    claim = claim_of(held.jane)
    with transaction.atomic():
        in_sql(
            "UPDATE billing_claim SET selection_id = (SELECT selection_id FROM billing_claim"
            f" WHERE patient_id = '{held.max.pk}') WHERE id = '{claim.pk}'"
        )
        in_sql("UPDATE billing_claimline SET version = version WHERE force_id IS NOT NULL")
        refused_at_its_end("is not forced")


def test_nothing_is_forced_around_the_form_on_a_claim_held_as_a_whole(held):
    claim = claim_of(held.jane)
    own = {"practice": held.practice, "claim": claim}
    factories.saved(Hold(code="", slug="no-coverage", placed_at=APRIL_5, **own))
    row = {"units": 1, "digest": "d", "reason": "r", "asked_by": held.cora, "asked_at": APRIL_5, **own}
    with pytest.raises(DatabaseError, match="not as it was asked about"), transaction.atomic():
        Force(selection=claim.selection, code="99457", holds=["payer-diagnosis"], **row).save()


# Notices, and the order of locks -----------------------------------------------------------------------------


def test_a_request_that_ends_with_a_new_decision_takes_its_notice_with_it(held):
    asked(held)
    reclose(held, minutes=19)
    assert not Notice.objects.filter(kind="force", withdrawn_at=None).exists()


def test_several_claims_are_locked_in_the_order_of_their_keys(cast):
    factories.readings(cast.max, date(2026, 2, 10), 40)
    guides_example(cast)
    close_march(cast)
    claims = sorted(Claim.objects.filter(lines__released=True).distinct(), key=lambda claim: claim.pk)
    assert len(claims) == 2
    seen = [(claim, claim.version) for claim in reversed(claims)]
    with CaptureQueriesContext(connection) as queries:
        approved = claim_acts.approve_all(seen, by=cast.cora, at=APRIL_5)
    locked = [q["sql"] for q in queries if "billing_claim" in q["sql"] and "FOR NO KEY UPDATE" in q["sql"]]
    assert [claim.pk.hex in sql.replace("-", "") for claim, sql in zip(claims, locked, strict=True)] == [
        True,
        True,
    ], locked
    assert [claim.pk for claim in approved] == [claim.pk for claim, _ in seen]


# No button leads to a refusal --------------------------------------------------------------------------------


def test_a_force_is_not_offered_where_the_record_holds_the_code_otherwise(client, held):
    claim = claim_of(held.jane)
    assert "Force 99457…" in client_page(client, held.cora, claim)
    billed_elsewhere(held)
    page = client_page(client, held.cora, claim)
    assert "Force 99457…" not in page
    assert "99457 would be held because of other things now" in page
    form = client.get(reverse("billing:line_force", args=[claim.pk, "99457"])).content.decode()
    assert "99457 would be held because of other things now" in form
    assert "Ask for a second person" not in form


def test_a_force_is_not_offered_on_an_outdated_claim(client, long_month):
    claim = claim_of(long_month.jane)
    bea = Membership.objects.get(user__name="Bea Biller")
    forced(long_month, bea)
    assert "Force 99458…" in client_page(client, long_month.cora, claim)
    billed_elsewhere(long_month)
    page = client_page(client, long_month.cora, claim)
    assert "Force 99458…" not in page
    assert page.count("The record changed after this claim was decided") == 1


def test_a_confirmation_is_not_offered_after_the_record_changed(client, held, bea):
    force = asked(held)
    url = reverse("billing:force_confirm", args=[force.pk])
    assert url in client_page(client, bea, force.claim)
    factories.readings(held.jane, date(2026, 3, 24), 2)
    page = client_page(client, bea, force.claim)
    assert url not in page
    assert "Withdraw it, look at the claim again" in page


def rules_changed():
    """As if the photograph had been taken by other rules; the test's transaction is rolled back."""
    in_sql("UPDATE billing_codeselection SET digest = 'of other rules'")


def test_a_block_and_the_end_of_a_force_need_no_rules(client, held, bea):
    force = forced(held, bea)
    forced(held, bea, "99454")
    claim = claim_of(held.jane)
    with transaction.atomic():
        rules_changed()
        acts.end_force(force, **said(claim, held.cora, "The letter is older."))
        assert lines(claim) == {"99454": (1, True), "99457": (1, False)}
        assert claim.holds.get(lifted_at=None, code="99457").slug == "payer-diagnosis"
        acts.block(claim, "99454", **said(claim, held.cora))
        assert lines(claim) == {"99454": (1, False), "99457": (1, False)}
        connection.check_constraints()
        with pytest.raises(Refused, match="The rules changed"):
            acts.unblock(claim, "99454", **said(claim, held.cora))
        page = client_page(client, held.cora, claim)
        assert "Take the block of 99454 back…" not in page
        assert "Force 99457…" not in page
        transaction.set_rollback(True)


def test_a_block_whose_line_is_gone_holds_nothing_and_is_taken_back(client, long_month):
    bea = Membership.objects.get(user__name="Bea Biller")
    claim = claim_of(long_month.jane)
    acts.block(claim, "99458", **said(claim, long_month.cora, "Not this month."))
    close.reopen(Period.objects.get(month=MARCH), reason="A mistake.", by=long_month.ade, at=APRIL_5)
    late = TimeEntry.objects.filter(patient=long_month.jane).order_by("started_at").last()
    void(late, reason="Not hers.", by=long_month.rosa, at=APRIL_5 + timedelta(hours=2))
    close_march(long_month, at=APRIL_5 + timedelta(hours=3))
    claim = claim_of(long_month.jane)
    assert "99458" not in lines(claim)
    for code in ("99453", "99454", "99457"):
        if claim.lines.filter(standing=True, code=code, released=False).exists():
            force = acts.ask_force(claim, code, **later(claim, long_month.cora))
            acts.confirm_force(force, **later(claim, bea))
    assert claim_of(long_month.jane).state == ClaimState.READY, "What is gone holds nothing."
    page = client_page(client, long_month.cora, claim)
    assert "Take the block of 99458 back…" in page
    assert "Not this month." in page
    acts.unblock(claim, "99458", **later(claim, long_month.cora))
    assert "Take the block of 99458 back…" not in client_page(client, long_month.cora, claim)


def later(claim, by) -> dict:
    return said(claim, by) | {"at": APRIL_5 + timedelta(hours=4)}
