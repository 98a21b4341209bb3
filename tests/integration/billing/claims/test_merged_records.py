"""One person is billed once: a merged record bills no more, and what it was billed for is not billed on the other."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from accounts.practice_policies import set_policy
from billing.claims import acts
from billing.claims.duties import note_release
from billing.claims.staleness import outdated
from billing.close import acts as close
from billing.decisions.decide import decide, wanted_holds
from billing.decisions.recheck import faults
from billing.decisions.second_count import second_counts
from billing.exports.batch import approved_lines
from billing.facts.gather import gather
from billing.models import Claim, ClaimState
from billing.policies import why_not_approve
from foundation.refusals import Refused
from patients import merging
from tests import factories
from tests.cast import Cast
from tests.integration.billing.months import (
    APRIL_5,
    MARCH,
    close_march,
    minutes_of,
    with_example,
    work,
)
from tests.integration.patients.merged import merged, settle
from tests.integration.timelogs.pages import text_of
from timelogs.models import Period

MAY_5 = datetime(2026, 5, 5, 14, tzinfo=UTC)
APRIL = date(2026, 4, 1)


@pytest.fixture(autouse=True)
def in_may():
    with time_machine.travel(MAY_5, tick=True):
        yield


def claim_of(patient, month=MARCH) -> Claim:
    return Claim.objects.get(patient=patient, period__month=month)


def approve(cast, claim) -> Claim:
    return acts.approve(claim, version=claim.version, by=cast.cora, at=MAY_5)


def send(cast, *claims) -> None:
    note_release([approve(cast, claim) for claim in claims], by=cast.cora, at=MAY_5)


def decided_again(cast) -> None:
    period = Period.objects.get(practice=cast.practice, month=MARCH)
    close.reopen(period, reason="A policy changed.", by=cast.ade, at=MAY_5)
    close_march(cast, at=MAY_5)


def lines(patient, month=MARCH) -> dict:
    found = claim_of(patient, month).lines.filter(standing=True)
    return {(line.code, line.service_on): line.released for line in found}


def holds(patient) -> set[tuple[str, str]]:
    return set(claim_of(patient).holds.filter(lifted_at=None).values_list("code", "slug"))


def decided(patient, month=MARCH):
    counts = second_counts(patient.practice, month, [patient.pk])
    found = decide(gather(patient.practice, month, [patient.pk])[patient.pk], counts[patient.pk])
    assert found.agreed, found.evidence["dissent"]
    return found


def codes(patient, month=MARCH) -> set[str]:
    return {code for code, _, released in decided(patient, month).lines if released}


# The record that was merged ---------------------------------------------------------------------------------


@pytest.fixture
def held(cast):
    """Max's March is held for too few days with readings when his record is merged into Jane's."""
    close_march(cast)
    assert holds(cast.max) == {("99453", "setup-days")}
    settle(cast, cast.max)
    cast.merge = merged(cast.max, cast.jane, by=cast.ade)
    return cast


def needs_no_days(cast) -> None:
    set_policy(cast.practice, key="setup_min_days", value=0, starts_on=date(2026, 1, 1), why="Ask the payer.")


def test_a_claim_of_a_merged_record_that_was_not_sent_stays_held_when_its_month_is_decided_again(
    held, client
):
    needs_no_days(held)
    decided_again(held)
    claim = claim_of(held.max)
    assert claim.state == ClaimState.ATTENTION
    assert holds(held.max) == {("", "merged-record")}
    assert not list(faults(claim.selection))
    with pytest.raises(Refused, match="merged into that with MRN T-0001"):
        approve(held, claim)
    client.force_login(held.cora.user)
    page = text_of(client.get(reverse("billing:claim", args=[claim.pk])))
    assert "The record was merged into another, which is billed from then on" in page
    given = {"operation_id": uuid4(), "version": claim.version}
    assert client.post(reverse("billing:claim_approve", args=[claim.pk]), given).status_code == 422
    claim.refresh_from_db()
    assert claim.approved_at is None
    assert not approved_lines(held.practice, MARCH).lines.filter(claim=claim).exists()


def test_once_the_merge_is_undone_it_is_billed_again(held):
    needs_no_days(held)
    merging.undo(held.merge, reason="Brothers.", by=held.ade, at=MAY_5 + timedelta(minutes=1))
    decided_again(held)
    assert claim_of(held.max).state == ClaimState.READY
    assert approve(held, claim_of(held.max)).state == ClaimState.APPROVED


def test_a_claim_that_was_decided_before_the_merge_is_not_approved_after_it(held):
    """Nobody has closed its month since."""
    assert "merged" in why_not_approve(claim_of(held.max), by=held.cora)


# The record that remains ------------------------------------------------------------------------------------


@pytest.fixture
def both(db, worlds) -> Cast:
    """Twenty minutes and a window that ends on 11 March on each; both months closed, Jane's claims sent."""
    return worlds.of(_both_earn)


def _both_earn() -> Cast:
    cast = with_example()
    factories.readings(cast.max, date(2026, 2, 10), 30)
    minutes_of(cast.max, cast.luis, 1200)
    close_march(cast)
    close.start_close(cast.practice, APRIL, by=cast.cora, at=MAY_5)
    work()
    send(cast, *Claim.objects.filter(patient=cast.jane, lines__released=True).distinct())
    return cast


def merge(cast):
    settle(cast, cast.jane)
    return merged(cast.jane, cast.max, by=cast.ade)


def exported(client, cast) -> set[str]:
    client.force_login(cast.cora.user)
    body = client.get(reverse("billing:export_csv", args=[MARCH])).content.decode()
    return {row["patient_mrn"] for row in csv.DictReader(io.StringIO(body))}


def test_the_same_month_is_not_approved_on_the_other_record(both):
    assert {code for code, _ in lines(both.max)} == {"99453", "99454", "99457"}
    merge(both)
    claim = claim_of(both.max)
    assert "nothing on it would be released now" in outdated([claim])[claim.pk]
    with pytest.raises(Refused, match="The record changed"):
        approve(both, claim)
    decided_again(both)
    assert holds(both.max) == {("99454", "under-30-days"), ("99457", "earlier-record")}
    assert not any(lines(both.max).values())
    assert not list(faults(claim_of(both.max).selection))


def test_what_was_approved_before_the_merge_is_left_out_of_the_export(both, client):
    approve(both, claim_of(both.max))
    assert exported(client, both) == {"T-0001", "T-0002"}
    both.merge = merge(both)
    assert exported(client, both) == {"T-0001"}
    assert approved_lines(both.practice, MARCH).left_out == 1


def test_the_page_says_where_the_month_was_billed(both, client):
    merge(both)
    decided_again(both)
    client.force_login(both.cora.user)
    page = text_of(client.get(reverse("billing:claim", args=[claim_of(both.max).pk])))
    assert "The month was billed on a record that was merged into this one" in page
    assert "Another practice billed" not in page


def test_once_the_merge_is_undone_they_are_two_people_again(both):
    row = merge(both)
    merging.undo(row, reason="Cousins.", by=both.ade, at=MAY_5 + timedelta(minutes=1))
    claim = claim_of(both.max)
    assert outdated([claim]) == {}
    assert approve(both, claim).state == ClaimState.APPROVED


def test_lines_that_were_never_sent_hold_nothing(cast):
    """They are billed no more on the record that was merged, so that the other is."""
    factories.readings(cast.max, date(2026, 2, 10), 30)
    minutes_of(cast.max, cast.luis, 1200)
    close_march(cast)
    claim = claim_of(cast.jane)
    assert claim.state == ClaimState.ATTENTION
    before = lines(cast.max)
    settle(cast, cast.jane)
    merged(cast.jane, cast.max, by=cast.ade)
    decided_again(cast)
    assert lines(cast.max) == before


@pytest.mark.parametrize(("starts_on", "released"), [(date(2026, 3, 11), False), (date(2026, 3, 12), True)])
def test_device_windows_of_both_lie_30_days_apart(cast, starts_on, released):
    """Jane's window ended on 11 March; the other's ends 29 days later, or 30."""
    factories.readings(cast.jane, date(2026, 2, 10), 30)
    factories.readings(cast.max, starts_on, 30)
    close_march(cast)
    send(cast, claim_of(cast.jane))
    settle(cast, cast.jane)
    assert "99454" in codes(cast.max, APRIL)
    merged(cast.jane, cast.max, by=cast.ade)
    assert ("99454" in codes(cast.max, APRIL)) == released
    assert (("99454", "under-30-days") in wanted_holds(decided(cast.max, APRIL))) != released


@pytest.mark.parametrize(
    ("after", "holds_it"),
    [(timedelta(0), None), (timedelta(days=1), "episode-review")],
)
def test_set_up_is_billed_once_in_an_episode_of_both_records(cast, after, holds_it):
    """One goes on where the other ended, or begins a day later: then somebody judges whether it is owed again."""
    factories.readings(cast.jane, date(2026, 2, 10), 30)
    close_march(cast)
    send(cast, claim_of(cast.jane))
    settle(cast, cast.jane, at=APRIL_5)
    twin = factories.patient(cast.practice, "Dow", "Jane", mrn="T-0009", born_on=date(1948, 5, 12))
    began = date(2026, 4, 5) + after
    factories.enrollment(twin, clinician=cast.ana, taken_by=cast.rosa, started_on=began)
    factories.readings(twin, began, 20)
    assert "99453" in codes(twin, APRIL)
    merged(cast.jane, twin, by=cast.ade)
    now = decided(twin, APRIL)
    assert "99453" not in codes(twin, APRIL)
    assert [slug for code, slug in wanted_holds(now) if code == "99453"] == ([holds_it] if holds_it else [])
