"""Reviewing one claim: who may, when, once, and never on what one did not see."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from audit.models import AccessEvent, Action
from billing.claims import acts as claim_acts
from billing.close import acts as close
from billing.models import Claim, ClaimState, Hold
from billing.policies import why_not_approve
from foundation.refusals import Refused, StaleRow
from tests.integration.billing.months import APRIL_5, MARCH, close_march, guides_example
from timelogs.models import Period


@pytest.fixture(autouse=True)
def in_april():
    """The day on which March is closed."""
    with time_machine.travel(APRIL_5, tick=True):
        yield


def claim_of(patient) -> Claim:
    return Claim.objects.get(patient=patient)


def approve_data(claim, **more) -> dict:
    return {"operation_id": uuid4(), "version": claim.version, **more}


def send(client, who, name, claim, **data):
    client.force_login(who.user)
    return client.post(reverse(f"billing:{name}", args=[claim.pk]), approve_data(claim, **data))


def test_the_biller_approves_and_the_claim_says_by_whom(client, closed):
    claim = claim_of(closed.jane)
    response = send(client, closed.cora, "claim_approve", claim)
    assert (response.status_code, response["Location"]) == (303, reverse("billing:claim", args=[claim.pk]))
    claim.refresh_from_db()
    assert (claim.state, claim.approved_by) == (ClaimState.APPROVED, closed.cora)
    page = client.get(response["Location"]).content.decode()
    assert "approved by Cora Biller" in page


@pytest.mark.parametrize("who", ["rosa", "lena", "ana", "omar", "ade"])
@pytest.mark.parametrize("name", ["claim_approve", "claim_hold", "claim_lift"])
def test_nobody_but_a_biller_may_act(client, closed, who, name):
    claim = claim_of(closed.jane)
    assert send(client, getattr(closed, who), name, claim, reason="Waits for the card.").status_code == 403
    claim.refresh_from_db()
    assert claim.state == ClaimState.READY


@pytest.mark.parametrize("who", ["rosa", "lena", "ana", "ade"])
def test_nurses_physicians_and_administrators_see_no_claim(client, closed, who):
    client.force_login(getattr(closed, who).user)
    for url in (
        reverse("billing:claim", args=[claim_of(closed.jane).pk]),
        reverse("month_board", args=[MARCH]),
        reverse("billing:queue", args=[MARCH]),
        reverse("billing:month_panel", args=[closed.jane.pk]),
        reverse("billing:export_csv", args=[MARCH]),
    ):
        assert client.get(url).status_code == 403, url


def test_another_practices_biller_finds_nothing(client, closed):
    client.force_login(closed.dora.user)
    claim = claim_of(closed.jane)
    run = claim.selection.run_id
    for name, key in (
        ("claim", claim.pk),
        ("claim_row", claim.pk),
        ("run", run),
        ("month_panel", closed.jane.pk),
    ):
        assert client.get(reverse(f"billing:{name}", args=[key])).status_code == 404
    for name in ("claim_approve", "claim_hold", "claim_lift"):
        assert (
            client.post(
                reverse(f"billing:{name}", args=[claim.pk]), approve_data(claim, reason="x")
            ).status_code
            == 404
        )
    assert "DOE" not in client.get(reverse("billing:queue", args=[MARCH]) + "?state=").content.decode()


def test_the_auditor_reads_everything_and_finds_no_button(client, closed):
    client.force_login(closed.omar.user)
    claim = claim_of(closed.jane)
    queue = client.get(reverse("billing:queue", args=[MARCH])).content.decode()
    page = client.get(reverse("billing:claim", args=[claim.pk])).content.decode()
    assert "DOE, Jane" in queue
    assert "99457" in page
    for text in (queue, page):
        assert "/approve/" not in text
        assert "/hold/" not in text
    assert client.get(reverse("billing:export_csv", args=[MARCH])).status_code == 403
    assert client.get(reverse("billing:close", args=[MARCH])).status_code == 403


def test_a_double_click_approves_once(client, closed):
    claim = claim_of(closed.jane)
    client.force_login(closed.cora.user)
    data = approve_data(claim)
    url = reverse("billing:claim_approve", args=[claim.pk])
    assert [client.post(url, data).status_code for _ in range(2)] == [303, 303]
    assert claim.history.count() == 2


def test_a_stale_approval_is_refused_and_shows_the_claim_as_it_is(client, closed):
    claim = claim_of(closed.jane)
    claim_acts.hold(
        claim, reason="Waits for the new card.", version=claim.version, by=closed.cora, at=APRIL_5
    )
    response = send(client, closed.cora, "claim_approve", claim)
    assert response.status_code == 409
    assert "changed while you were looking" in response.content.decode()
    claim.refresh_from_db()
    assert claim.state == ClaimState.ON_HOLD


def test_a_stale_hold_keeps_what_was_typed(client, closed):
    claim = claim_of(closed.jane)
    claim_acts.approve(claim, version=claim.version, by=closed.cora, at=APRIL_5)
    response = send(client, closed.cora, "claim_hold", claim, reason="The member id has a digit too few.")
    assert response.status_code == 409
    assert "The member id has a digit too few." in response.content.decode()
    assert not Hold.objects.filter(slug="by-hand").exists()


def test_from_the_queue_the_answer_is_the_row_as_it_is_now(client, closed):
    claim = claim_of(closed.jane)
    client.force_login(closed.cora.user)
    url = reverse("billing:claim_approve", args=[claim.pk])
    response = client.post(url, approve_data(claim), headers={"HX-Request": "true"}, follow=True)
    text = response.content.decode()
    assert response.redirect_chain == [(reverse("billing:claim_row", args=[claim.pk]), 303)]
    assert text.strip().startswith("<tr")
    assert "Approved" in text


def test_a_refused_approval_from_the_queue_answers_with_the_row_and_the_reason(client, closed):
    claim = claim_of(closed.jane)
    claim_acts.hold(
        claim, reason="Waits for the new card.", version=claim.version, by=closed.cora, at=APRIL_5
    )
    claim.refresh_from_db()
    client.force_login(closed.cora.user)
    response = client.post(
        reverse("billing:claim_approve", args=[claim.pk]), approve_data(claim), headers={"HX-Request": "true"}
    )
    assert response.status_code == 422
    assert response.content.decode().strip().startswith("<tr")
    assert (
        "This claim is on hold: Held by hand: Waits for the new card. Lift the hold first."
        in response.content.decode()
    )


def test_a_hold_needs_a_reason(client, closed):
    response = send(client, closed.cora, "claim_hold", claim_of(closed.jane), reason=" ")
    assert response.status_code == 422
    assert "Give the reason for the hold." in response.content.decode()


def test_hold_and_lift_go_there_and_back(client, closed):
    claim = claim_of(closed.jane)
    assert send(client, closed.cora, "claim_hold", claim, reason="Waits for the new card.").status_code == 303
    claim.refresh_from_db()
    assert claim.state == ClaimState.ON_HOLD
    assert send(client, closed.cora, "claim_lift", claim, reason="The card came.").status_code == 303
    claim.refresh_from_db()
    assert claim.state == ClaimState.READY
    hold = Hold.objects.get(slug="by-hand")
    assert (hold.reason, hold.lifted_reason, hold.placed_by) == (
        "Waits for the new card.",
        "The card came.",
        closed.cora,
    )
    assert claim.history.latest().history_change_reason == "The card came."


def test_holding_an_approved_claim_takes_the_approval_away(closed):
    claim = claim_of(closed.jane)
    claim = claim_acts.approve(claim, version=claim.version, by=closed.cora, at=APRIL_5)
    claim = claim_acts.hold(
        claim, reason="Wrong member id.", version=claim.version, by=closed.cora, at=APRIL_5
    )
    assert (claim.state, claim.approved_by, claim.approved_at) == (ClaimState.ON_HOLD, None, None)


def test_a_claim_whose_every_line_is_held_cannot_be_approved(closed):
    claim = claim_of(closed.max)
    with pytest.raises(Refused, match="Every line of this claim is held"):
        claim_acts.approve(claim, version=claim.version, by=closed.cora, at=APRIL_5)


def test_nobody_approves_what_they_logged_themselves(closed):
    assert why_not_approve(claim_of(closed.jane), by=closed.rosa) == (
        "You logged time for this patient in March 2026. Somebody else must approve it."
    )


def test_in_a_reopened_month_nothing_can_be_approved(closed):
    close.reopen(Period.objects.get(), reason="A late call.", by=closed.ade, at=APRIL_5)
    claim = claim_of(closed.jane)
    with pytest.raises(Refused, match="March 2026 is re-opened. Its claims are decided again when it closes"):
        claim_acts.approve(claim, version=claim.version, by=closed.cora, at=APRIL_5)


def test_an_old_version_is_refused_by_the_service_too(closed):
    claim = claim_of(closed.jane)
    with pytest.raises(StaleRow):
        claim_acts.approve(claim, version=claim.version + 1, by=closed.cora, at=APRIL_5)


def test_the_claim_page_names_the_why_the_sessions_and_what_was_refused(client, closed):
    client.force_login(closed.cora.user)
    text = client.get(reverse("billing:claim", args=[claim_of(closed.jane).pk])).content.decode()
    for words in (
        "22 min signed; 20 needed.",
        "99458 needs 40: 18 min short.",
        "Phone with patient",
        "Live contact",
        "02-Nov-2025",
    ):
        assert words in text
    assert text.count(reverse("timelogs:session", args=[closed.jane.entries.first().pk])) == 1


def test_opening_a_claim_is_written_down(client, closed):
    client.force_login(closed.cora.user)
    client.get(reverse("billing:claim", args=[claim_of(closed.jane).pk]))
    assert AccessEvent.objects.filter(
        patient_id=closed.jane.pk, route="billing:claim", action=Action.VIEW
    ).exists()


# Export -----------------------------------------------------------------------------------------------------


def export(client, cast):
    client.force_login(cast.cora.user)
    return client.get(reverse("billing:export_csv", args=[MARCH]))


def test_with_nothing_approved_there_is_nothing_to_export(client, closed):
    response = export(client, closed)
    assert response.status_code == 422
    assert "Nothing approved yet" in response.content.decode()


def test_an_approved_claim_is_a_row_a_released_line(client, closed):
    claim = claim_of(closed.jane)
    claim_acts.approve(claim, version=claim.version, by=closed.cora, at=APRIL_5)
    response = export(client, closed)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "rpm-claimlines-v1_2026-03_" in response["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [(row["code"], row["units"]) for row in rows] == [("99453", "1"), ("99454", "1"), ("99457", "1")]
    managed = rows[2]
    assert (managed["patient_mrn"], managed["dx1"], managed["service_to"], managed["approved_by"]) == (
        "T-0001", "I10", "2026-03-31", "Cora Biller",
    )  # fmt: skip
    assert (rows[1]["service_from"], rows[1]["service_to"]) == ("2026-02-10", "2026-03-11")
    assert export(client, closed).content == response.content


def test_taking_an_export_away_is_written_down_patient_by_patient(client, closed):
    claim = claim_of(closed.jane)
    claim_acts.approve(claim, version=claim.version, by=closed.cora, at=APRIL_5)
    export(client, closed)
    events = AccessEvent.objects.filter(action=Action.EXPORT)
    assert [event.patient_id for event in events] == [closed.jane.pk]


def test_held_lines_are_never_exported(client, cast):
    guides_example(cast, calls=False)
    close_march(cast)
    claim = claim_of(cast.jane)
    claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5 + timedelta(hours=1))
    text = export(client, cast).content.decode()
    assert "99454" in text
    assert "99457" not in text


def test_several_are_approved_together_or_none(closed):
    jane, max_ = claim_of(closed.jane), claim_of(closed.max)
    with pytest.raises(Refused, match="there is nothing to approve"):
        claim_acts.approve_all([(jane, jane.version), (max_, max_.version)], by=closed.cora, at=APRIL_5)
    with pytest.raises(StaleRow):
        claim_acts.approve_all([(jane, jane.version - 1)], by=closed.cora, at=APRIL_5)
    assert not Claim.objects.filter(state=ClaimState.APPROVED).exists()
    (approved,) = claim_acts.approve_all([(jane, jane.version)], by=closed.cora, at=APRIL_5)
    assert Claim.objects.get(state=ClaimState.APPROVED) == approved
    assert claim_acts.approve_all([], by=closed.cora, at=APRIL_5) == []
