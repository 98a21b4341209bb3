"""What happens to the claims of a closed month when the record changes under them."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from accounts.models import StaffKind
from accounts.permissions import Role
from billing.claims import acts as claim_acts
from billing.claims.staleness import outdated
from billing.close import acts as close
from billing.models import Claim, ClaimState
from foundation.refusals import Refused
from patients.models import Consent, Enrollment
from patients.services import revoke_consent
from tests import factories
from tests.integration.billing.months import APRIL_5, MARCH, NINE, close_march, guides_example, work
from tests.integration.timelogs.notes import CALL, signed_session
from timelogs.clock import acts as clock
from timelogs.models import Period
from timelogs.note import drafts

SOON = APRIL_5 + timedelta(minutes=5)
CHANGED = "The record changed after this claim was decided"


@pytest.fixture(autouse=True)
def in_april():
    """The day on which March is closed."""
    with time_machine.travel(APRIL_5 + timedelta(hours=1), tick=True):
        yield


def claim_of(patient) -> Claim:
    return Claim.objects.get(patient=patient)


def approve(cast, patient) -> Claim:
    claim = claim_of(patient)
    return claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)


def revoke(cast):
    consent = Consent.objects.get(patient=cast.jane)
    revoke_consent(consent, revoked_on=MARCH, reason="She never agreed.", by=cast.rosa, at=SOON)
    work()


def move_visit(cast):
    episode = Enrollment.objects.get(patient=cast.jane)
    episode.last_visit_on = date(2026, 4, 1)
    episode.save()


def end_episode(cast):
    episode = Enrollment.objects.get(patient=cast.jane)
    episode.ended_on, episode.end_reason = date(2026, 3, 2), "Moved away."
    episode.save()


@pytest.mark.parametrize("change", [revoke, move_visit, end_episode])
def test_a_claim_that_the_record_no_longer_bears_out_is_not_approved(closed, change):
    change(closed)
    claim = claim_of(closed.jane)
    with pytest.raises(Refused, match=f"{CHANGED}: .*. Re-open the month and close it again"):
        claim_acts.approve(claim, version=claim.version, by=closed.cora, at=SOON)


def test_its_page_says_what_it_would_come_to_and_offers_no_approval(client, closed):
    revoke(closed)
    client.force_login(closed.cora.user)
    text = client.get(reverse("billing:claim", args=[claim_of(closed.jane).pk])).content.decode()
    assert text.count(CHANGED) == 1
    assert 'disabled aria-describedby="why-not"' in text


def test_the_page_of_an_approved_one_says_so_to_whoever_reads_it(client, closed):
    approve(closed, closed.jane)
    revoke(closed)
    for who in (closed.cora, closed.omar):
        client.force_login(who.user)
        text = client.get(reverse("billing:claim", args=[claim_of(closed.jane).pk])).content.decode()
        assert text.count(CHANGED) == 1


def test_approving_it_by_post_is_refused(client, closed):
    revoke(closed)
    client.force_login(closed.cora.user)
    claim = claim_of(closed.jane)
    data = {"operation_id": uuid4(), "version": claim.version}
    response = client.post(reverse("billing:claim_approve", args=[claim.pk]), data)
    assert (response.status_code, claim_of(closed.jane).state) == (422, ClaimState.READY)


def test_the_export_leaves_it_out_and_the_pages_say_how_many(client, closed):
    approve(closed, closed.jane)
    approve_max(closed)
    revoke(closed)
    client.force_login(closed.cora.user)
    text = client.get(reverse("billing:export_csv", args=[MARCH])).content.decode()
    assert {row["patient_mrn"] for row in csv.DictReader(io.StringIO(text))} == {closed.max.mrn}
    for name in ("month_board", "billing:queue"):
        page = client.get(reverse(name, args=[MARCH])).content.decode()
        assert "1 approved claim left out of the export" in page


def approve_max(cast):
    """Max's month, closed with something to bill."""
    close.reopen(Period.objects.get(month=MARCH), reason="Readings came late.", by=cast.ade, at=APRIL_5)
    factories.readings(cast.max, date(2026, 2, 10), 40)
    close_march(cast)
    approve(cast, cast.max)


def test_when_nothing_is_left_the_export_says_why(client, closed):
    approve(closed, closed.jane)
    revoke(closed)
    client.force_login(closed.cora.user)
    response = client.get(reverse("billing:export_csv", args=[MARCH]))
    assert response.status_code == 422
    assert "The record changed after every approved claim was decided." in response.content.decode()


def test_closing_again_makes_it_whole(closed):
    approve(closed, closed.jane)
    revoke(closed)
    close.reopen(Period.objects.get(month=MARCH), reason="Consent revoked.", by=closed.ade, at=SOON)
    close_march(closed, at=SOON + timedelta(minutes=1))
    claim = claim_of(closed.jane)
    assert (claim.state, outdated([claim])) == (ClaimState.ATTENTION, {})


def test_what_is_not_billed_may_change_without_a_word(closed):
    """A discarded draft, or readings beyond those needed, change the facts and nothing on the claim."""
    factories.readings(closed.jane, date(2026, 3, 30), 2)
    factories.readings(closed.max, date(2026, 3, 30), 1)
    assert outdated(list(Claim.objects.all())) == {}


def test_a_draft_thrown_away_after_the_close_locks_no_claim(cast):
    guides_example(cast)
    draft = drafts.log_past(
        cast.jane,
        starts_at=NINE + timedelta(hours=5),
        seconds=120,
        reason="Forgot.",
        by=cast.rosa,
        at=NINE + timedelta(hours=9),
    )
    close_march(cast)
    clock.discard(draft, reason="It cannot be signed any more.", by=cast.rosa, at=SOON)
    assert approve(cast, cast.jane).state == ClaimState.APPROVED


def test_all_claims_of_a_month_are_compared_in_one_go(closed, django_assert_max_num_queries):
    claims = list(Claim.objects.select_related("selection", "period", "practice"))
    with django_assert_max_num_queries(30):
        outdated(claims)


def test_an_approver_who_logs_time_in_the_month_afterwards_has_not_approved_it(closed):
    approve(closed, closed.jane)
    close.reopen(Period.objects.get(month=MARCH), reason="A late call.", by=closed.ade, at=SOON)
    closed.cora.role, closed.cora.staff_kind = Role.NURSE, StaffKind.CLINICAL_STAFF
    closed.cora.credential = "RN"
    closed.cora.save()
    start = datetime(2026, 3, 25, 14, tzinfo=UTC)
    signed_session(
        closed.jane, by=closed.cora, starts_at=start, seconds=60, at=SOON, **CALL | {"contact_seconds": 60}
    )
    run = close_march(closed, at=SOON + timedelta(minutes=5))
    claim = claim_of(closed.jane)
    assert (claim.state, claim.approved_by, run.sent_back) == (ClaimState.READY, None, 1)
    assert claim.sent_back_at
