"""One code of a claim, blocked by one biller alone or forced by two: who, when, on what record, and never around it."""

import csv
import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.permissions import Role
from audit.invariants import broken
from billing.claims import acts as claim_acts
from billing.claims import by_hand as acts
from billing.claims.staleness import why_outdated
from billing.close import acts as close
from billing.labels import HOLD_WORDS, JUDGED
from billing.models import Claim, ClaimState, Force, Hold
from billing.policies import why_not_approve, why_not_force
from billing.rules.catalog import rulesets
from dispatch.models import Notice
from foundation.practice_scope import nowhere
from foundation.refusals import Refused, StaleRow
from tests import factories
from tests.integration.billing.months import (
    APRIL_5,
    MARCH,
    NINE,
    PRESSED,
    close_march,
    work,
)
from tests.integration.timelogs.notes import REVIEW, signed_session
from timelogs.models import Period

CODES = ["99453", "99454", "99457"]


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


def claim_of(patient) -> Claim:
    return Claim.objects.get(patient=patient)


def said(claim, by, reason="The plan agreed by letter.") -> dict:
    return {"reason": reason, "version": Claim.objects.get(pk=claim.pk).version, "by": by, "at": APRIL_5}


def lines(claim) -> dict:
    """{code: (units, released)} of the standing lines, without the set-up's."""
    rows = claim.lines.filter(standing=True).exclude(code="99453")
    return {line.code: (line.units, line.released) for line in rows}


def asked(cast, code="99457") -> Force:
    claim = claim_of(cast.jane)
    return acts.ask_force(claim, code, **said(claim, cast.cora))


def forced(cast, bea, code="99457") -> Force:
    force = asked(cast, code)
    return acts.confirm_force(force, **said(force.claim, bea, "I read the letter."))


def exported(client, who) -> list[dict]:
    client.force_login(who.user)
    body = client.get(reverse("billing:export_csv", args=[MARCH])).content.decode()
    return list(csv.DictReader(io.StringIO(body)))


def send(client, who, name, *args, **data):
    client.force_login(who.user)
    return client.post(reverse(f"billing:{name}", args=args), {"operation_id": uuid4(), **data})


# Blocking ---------------------------------------------------------------------------------------------------


def test_a_blocked_line_is_held_and_the_rest_goes_out_without_it(client, closed):
    claim = claim_of(closed.jane)
    answer = send(
        client, closed.cora, "line_block", claim.pk, "99454", reason="Device was lost.", version=claim.version
    )
    assert (answer.status_code, answer["Location"]) == (303, reverse("billing:claim", args=[claim.pk]))
    claim.refresh_from_db()
    assert lines(claim) == {"99454": (1, False), "99457": (1, True)}
    assert claim.state == ClaimState.ATTENTION
    page = client.get(answer["Location"]).content.decode()
    assert "Blocked by Cora Biller, 05-Apr-2026 10:00: Device was lost." in page
    assert why_outdated(claim) is None
    claim_acts.approve(claim, version=claim.version, by=closed.cora, at=APRIL_5)
    assert [row["code"] for row in exported(client, closed.cora)] == ["99453", "99457"]


def test_the_block_is_taken_back_with_a_reason_and_both_stay_on_the_page(client, closed):
    claim = claim_of(closed.jane)
    acts.block(claim, "99454", **said(claim, closed.cora, "Device was lost."))
    acts.unblock(claim, "99454", **said(claim, closed.cora, "It was found."))
    claim.refresh_from_db()
    assert lines(claim) == {"99454": (1, True), "99457": (1, True)}
    assert claim.state == ClaimState.READY
    client.force_login(closed.omar.user)
    page = client.get(reverse("billing:claim", args=[claim.pk])).content.decode()
    assert "Device was lost." in page
    assert "It was found." in page
    assert "Block taken back 99454" in page
    assert "Block 99454…" not in page, "The auditor has no button."


def test_an_approval_falls_with_a_block(closed):
    claim = claim_of(closed.jane)
    claim_acts.approve(claim, version=claim.version, by=closed.cora, at=APRIL_5)
    acts.block(claim, "99457", **said(claim, closed.cora))
    claim.refresh_from_db()
    assert (claim.state, claim.approved_by, claim.approved_at) == (ClaimState.ATTENTION, None, None)


def test_a_claim_with_every_line_blocked_has_nothing_to_approve(closed):
    claim = claim_of(closed.jane)
    for code in CODES:
        acts.block(claim, code, **said(claim, closed.cora))
    claim.refresh_from_db()
    assert "Every line of this claim is held" in why_not_approve(claim, by=closed.cora)


def test_a_hold_of_the_claim_and_a_block_are_lifted_apart(closed):
    claim = claim_of(closed.jane)
    acts.block(claim, "99457", **said(claim, closed.cora))
    claim.refresh_from_db()
    claim = claim_acts.hold(claim, **said(claim, closed.cora))
    assert claim.state == ClaimState.ON_HOLD
    acts.unblock(claim, "99457", **said(claim, closed.cora))
    claim.refresh_from_db()
    assert claim.state == ClaimState.ON_HOLD
    claim = claim_acts.lift(claim, **said(claim, closed.cora))
    assert claim.state == ClaimState.READY


def test_a_block_outlives_a_close_on_other_facts(closed):
    claim = claim_of(closed.jane)
    acts.block(claim, "99457", **said(claim, closed.cora))
    reclose(closed, minutes=19)
    claim.refresh_from_db()
    # Further units are never claimed without their base.
    assert lines(claim) == {"99454": (1, True), "99457": (1, False), "99458": (1, False)}
    assert claim.state == ClaimState.ATTENTION


def test_further_units_are_held_and_released_with_their_base(client, closed):
    reclose(closed, minutes=19)
    claim = claim_of(closed.jane)
    client.force_login(closed.cora.user)
    page = client.get(reverse("billing:line_block", args=[claim.pk, "99457"])).content.decode()
    assert "99458 is held with it" in page
    page = client.get(reverse("billing:line_block", args=[claim.pk, "99454"])).content.decode()
    assert "is held with it" not in page
    acts.block(claim, "99457", **said(claim, closed.cora))
    assert lines(claim) == {"99454": (1, True), "99457": (1, False), "99458": (1, False)}
    claim = claim_of(closed.jane)
    assert why_outdated(claim) is None
    page = client.get(reverse("billing:claim", args=[claim.pk])).content.decode()
    assert "99458 is claimed beside 99457 only" in page
    claim_acts.approve(claim, version=claim.version, by=closed.cora, at=APRIL_5)
    assert [row["code"] for row in exported(client, closed.cora)] == ["99453", "99454"]
    claim = claim_of(closed.jane)
    acts.unblock(claim, "99457", **said(claim, closed.cora))
    assert lines(claim) == {"99454": (1, True), "99457": (1, True), "99458": (1, True)}


def reclose(cast, *, minutes=None):
    """March re-opened, perhaps with more signed, and closed again."""
    close.reopen(Period.objects.get(month=MARCH), reason="Late work.", by=cast.ade, at=APRIL_5)
    if minutes:
        at = NINE + PRESSED + timedelta(days=1)
        signed_session(cast.jane, by=cast.rosa, starts_at=at, seconds=minutes * 60, **REVIEW)
    close_march(cast, at=APRIL_5 + timedelta(hours=1))


@pytest.mark.parametrize("code", ["99458", "xyz", "99454-and-more"])
def test_what_is_not_on_the_claim_is_not_blocked(client, closed, code):
    claim = claim_of(closed.jane)
    answer = send(client, closed.cora, "line_block", claim.pk, code, reason="No.", version=claim.version)
    assert answer.status_code == 422
    assert f"no line of {code}" in answer.content.decode()


def refused_at_its_end(match: str) -> None:
    """What the database says when the transaction ends, which is rolled back."""
    with pytest.raises(DatabaseError, match=match):
        connection.check_constraints()
    transaction.set_rollback(True)


def in_sql(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def test_a_blocked_line_is_not_released_around_the_form(closed):
    claim = claim_of(closed.jane)
    acts.block(claim, "99454", **said(claim, closed.cora))
    with transaction.atomic():
        in_sql("UPDATE billing_claimline SET released = true WHERE code = '99454' AND standing")
        refused_at_its_end("is blocked")


def test_a_released_line_is_not_left_under_a_block(closed):
    by_hand = {"slug": "by-hand", "reason": "r", "placed_by": closed.cora, "placed_at": APRIL_5}
    with transaction.atomic():
        Hold(practice=closed.practice, claim=claim_of(closed.jane), code="99454", **by_hand).save()
        refused_at_its_end("is blocked")


def test_further_units_are_not_released_without_their_base_around_the_form(closed):
    reclose(closed, minutes=19)
    of_base = "WHERE code = '99457' AND standing AND released"
    for change in ("released = false", "standing = false"):
        with transaction.atomic():
            in_sql(f"UPDATE billing_claimline SET {change} {of_base}")
            refused_at_its_end("without their base")
    claim = claim_of(closed.jane)
    acts.block(claim, "99457", **said(claim, closed.cora))
    with transaction.atomic():
        in_sql("UPDATE billing_claimline SET released = true WHERE code = '99458' AND standing")
        refused_at_its_end("without their base")


def test_the_database_knows_the_rules_further_units_and_their_base():
    pairs = {(addon.code, addon.base) for rules in rulesets() if (addon := rules.management.addon)}
    assert pairs == {("99458", "99457")}, (
        "The guard of billing_code_is_released_soundly names this pair alone."
    )


def test_a_claim_is_not_pointed_at_a_decision_that_releases_less(closed):
    """The lines stay as they are: they are not those of the decision that the claim would say."""
    before = claim_of(closed.jane).selection_id
    reclose(closed, minutes=19)
    assert claim_of(closed.jane).selection_id != before
    with transaction.atomic():
        in_sql(f"UPDATE billing_claim SET selection_id = '{before}' WHERE patient_id = '{closed.jane.pk}'")
        refused_at_its_end("not released by the rules")


# Forcing ----------------------------------------------------------------------------------------------------


def test_nothing_is_released_before_the_second_person(client, held, bea):
    force = asked(held)
    claim = claim_of(held.jane)
    assert lines(claim) == {"99454": (1, False), "99457": (1, False)}
    assert "Cora Biller has asked to force 99457" in why_not_approve(claim, by=bea)
    (notice,) = Notice.objects.filter(kind="force")
    assert notice.recipient == bea.user
    client.force_login(bea.user)
    page = client.get(reverse("billing:claim", args=[claim.pk])).content.decode()
    assert reverse("billing:force_confirm", args=[force.pk]) in page
    client.force_login(held.cora.user)
    page = client.get(reverse("billing:claim", args=[claim.pk])).content.decode()
    assert reverse("billing:force_confirm", args=[force.pk]) not in page
    assert "Another person must confirm it" in page


def test_two_people_force_a_line_and_every_place_says_so(client, held, bea):
    force = asked(held)
    claim = claim_of(held.jane)
    answer = send(client, bea, "force_confirm", force.pk, reason="I read the letter.", version=claim.version)
    assert answer.status_code == 303
    claim.refresh_from_db()
    assert lines(claim) == {"99454": (1, False), "99457": (1, True)}
    assert claim.lines.get(standing=True, code="99457").force == force
    page = client.get(answer["Location"]).content.decode()
    for words in ("Forced: asked by Cora Biller", "Confirmed by Bea Biller", "The plan agreed by letter."):
        assert words in page
    assert "Held by the rules: The payer does not cover monitoring for these diagnoses." in page
    claim_acts.approve(claim, version=claim.version, by=held.cora, at=APRIL_5)
    (row,) = exported(client, held.cora)
    assert (row["code"], row["forced_by"]) == ("99457", "Cora Biller; Bea Biller")
    assert not Notice.objects.filter(kind="force", withdrawn_at=None).exists()


def test_who_asked_does_not_confirm(client, held):
    force = asked(held)
    claim = claim_of(held.jane)
    answer = send(client, held.cora, "force_confirm", force.pk, reason="Yes.", version=claim.version)
    assert answer.status_code == 422
    assert "Another person must confirm it" in answer.content.decode()
    assert lines(claim)["99457"] == (1, False)


def test_who_asked_does_not_confirm_around_the_form_nor_in_another_role(held, bea):
    force = asked(held)
    held.cora.ends_on = date(2026, 4, 1)
    held.cora.save()
    again = factories.saved(
        type(held.cora)(
            practice=held.practice,
            user=held.cora.user,
            role=Role.BILLER,
            staff_kind="none",
            starts_on=date(2026, 4, 1),
        )
    )
    with pytest.raises(Refused, match="Another person"):
        acts.confirm_force(force, **said(force.claim, again))
    force.confirmed_by, force.confirmed_at, force.confirmed_reason = again, APRIL_5, "Yes."
    with pytest.raises(DatabaseError, match="confirmed by who asked"), transaction.atomic():
        force.save()


def test_two_who_confirm_at_once_do_it_once(held, bea):
    third = factories.membership(held.practice, "Cleo Biller", Role.BILLER, email="cleo@example.test")
    force = asked(held)
    seen = said(force.claim, bea)
    acts.confirm_force(force, **seen)
    with pytest.raises(StaleRow):
        acts.confirm_force(force, **(seen | {"by": third}))
    with pytest.raises(Refused, match="confirmed already"):
        acts.confirm_force(force, **said(force.claim, third))
    force.refresh_from_db()
    assert force.confirmed_by == bea


def test_a_double_click_asks_and_confirms_once(client, held, bea):
    claim = claim_of(held.jane)
    client.force_login(held.cora.user)
    data = {"operation_id": uuid4(), "reason": "Letter.", "version": claim.version}
    url = reverse("billing:line_force", args=[claim.pk, "99457"])
    assert [client.post(url, data).status_code for _ in range(2)] == [303, 303]
    force = Force.objects.get()
    client.force_login(bea.user)
    data = {"operation_id": uuid4(), "reason": "Read it.", "version": claim_of(held.jane).version}
    url = reverse("billing:force_confirm", args=[force.pk])
    assert [client.post(url, data).status_code for _ in range(2)] == [303, 303]
    assert force.history.count() == 2


def test_a_stale_form_keeps_what_was_typed(client, held):
    claim = claim_of(held.jane)
    acts.block(claim, "99454", **said(claim, held.cora))
    answer = send(
        client, held.cora, "line_force", claim.pk, "99457", reason="By letter.", version=claim.version
    )
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "changed while you were looking" in page
    assert "By letter." in page
    assert not Force.objects.exists()


@pytest.mark.parametrize("version", ["", "x"])
def test_a_form_without_its_version_does_nothing(client, held, version):
    claim = claim_of(held.jane)
    answer = send(client, held.cora, "line_force", claim.pk, "99457", reason="By letter.", version=version)
    assert answer.status_code == 422
    assert "By letter." in answer.content.decode()


def test_a_reason_is_asked_for(client, held):
    claim = claim_of(held.jane)
    answer = send(client, held.cora, "line_force", claim.pk, "99457", reason="  ", version=claim.version)
    assert answer.status_code == 422
    assert "Give the reason" in answer.content.decode()


def test_a_withdrawn_request_is_not_confirmed(held, bea):
    force = asked(held)
    acts.end_force(force, **said(force.claim, held.cora, "The letter is older."))
    with pytest.raises(Refused, match="withdrawn"):
        acts.confirm_force(force, **said(force.claim, bea))
    assert why_not_approve(claim_of(held.jane), by=bea).startswith("Every line")
    assert asked(held).pk != force.pk, "It may be asked for anew."


def test_a_force_is_taken_back_and_the_line_is_held_as_before(held, bea):
    force = forced(held, bea)
    claim = claim_of(held.jane)
    claim_acts.approve(claim, version=claim.version, by=bea, at=APRIL_5)
    acts.end_force(force, **said(claim, held.cora, "The letter is forged."))
    claim.refresh_from_db()
    assert (claim.state, claim.approved_by) == (ClaimState.ATTENTION, None)
    assert lines(claim)["99457"] == (1, False)
    assert claim.holds.filter(lifted_at=None, code="99457").get().slug == "payer-diagnosis"


def test_the_record_that_changed_between_asking_and_confirming_is_looked_at_again(held, bea):
    force = asked(held)
    factories.readings(held.jane, date(2026, 3, 24), 2)
    with pytest.raises(StaleRow, match="record changed"):
        acts.confirm_force(force, **said(force.claim, bea))
    assert lines(claim_of(held.jane))["99457"] == (1, False)


def test_a_month_decided_otherwise_ends_the_request_and_the_force(held, bea):
    forced(held, bea)
    asked(held, "99454")
    reclose(held, minutes=19)
    claim = claim_of(held.jane)
    assert set(Force.objects.values_list("ended_reason", flat=True)) == {"The month was decided again."}
    assert not any(released for _, released in lines(claim).values())


def test_a_month_decided_the_same_keeps_them(held, bea):
    force = forced(held, bea)
    reclose(held)
    force.refresh_from_db()
    assert force.stands
    assert lines(claim_of(held.jane))["99457"] == (1, True)


def test_an_open_month_is_not_forced(held, bea):
    force = asked(held)
    close.reopen(Period.objects.get(month=MARCH), reason="Late work.", by=held.ade, at=APRIL_5)
    work()
    for act in (lambda: asked(held, "99454"), lambda: acts.confirm_force(force, **said(force.claim, bea))):
        with pytest.raises(Refused, match="decided again when it closes"):
            act()


def test_an_approved_claim_is_not_forced(held, bea):
    forced(held, bea)
    claim = claim_of(held.jane)
    claim_acts.approve(claim, version=claim.version, by=bea, at=APRIL_5)
    with pytest.raises(Refused, match="is approved"):
        asked(held, "99454")


def test_who_logged_the_time_neither_asks_nor_confirms(held, bea):
    """A nurse who became a biller since."""
    held.rosa.ends_on = date(2026, 4, 1)
    held.rosa.save()
    rosa = factories.saved(
        type(held.rosa)(
            practice=held.practice,
            user=held.rosa.user,
            role=Role.BILLER,
            staff_kind="none",
            starts_on=date(2026, 4, 1),
        )
    )
    claim = claim_of(held.jane)
    with pytest.raises(Refused, match="You logged time"):
        acts.ask_force(claim, "99457", **said(claim, rosa))
    force = asked(held)
    with pytest.raises(Refused, match="You logged time"):
        acts.confirm_force(force, **said(claim, rosa))


def test_a_block_goes_before_a_force(held, bea):
    forced(held, bea)
    claim = claim_of(held.jane)
    acts.block(claim, "99457", **said(claim, held.cora))
    assert lines(claim)["99457"] == (1, False)
    acts.unblock(claim, "99457", **said(claim, held.cora))
    assert lines(claim)["99457"] == (1, True)


def test_what_was_not_earned_is_not_forced(held):
    assert "was not earned" in why_not_force(claim_of(held.jane), "99458", by=held.cora)


def test_a_released_line_needs_no_force(closed):
    assert "released already" in why_not_force(claim_of(closed.jane), "99457", by=closed.cora)


def test_no_judgement_cures_a_minimum_a_missing_paper_or_anothers_bill(held):
    """Each hold that is not for judgement, beside one that is: by the page's sentence, and around it."""
    for slug in sorted({*HOLD_WORDS, "no-coverage", "second-count"} - JUDGED):
        with transaction.atomic():
            never_forced(held, slug, claim_of(held.jane))
            transaction.set_rollback(True)


def never_forced(held, slug: str, claim: Claim) -> None:
    whole = slug in {"no-coverage", "second-count"}
    own = {"practice": held.practice, "claim": claim}
    factories.saved(Hold(code="" if whole else "99457", slug=slug, placed_at=APRIL_5, **own))
    assert "cannot be forced" in why_not_force(claim, "99457", by=held.cora), slug
    row = {"units": 1, "digest": "d", "reason": "r", "asked_by": held.cora, "asked_at": APRIL_5}
    row |= {"selection": claim.selection, "code": "99457", **own}
    for holds in (["payer-diagnosis", slug], ["payer-diagnosis"]):
        with pytest.raises(DatabaseError), transaction.atomic():
            Force(holds=holds, **row).save()


def test_the_database_knows_the_same_holds_for_judgement(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'billing_force_is_sound'")
        source = cursor.fetchone()[0]
    assert {slug for slug in HOLD_WORDS if f'"{slug}"' in source} == JUDGED


def test_a_line_is_not_forced_by_what_was_only_asked_for(held):
    asked(held)
    with transaction.atomic():
        force = "force_id = (SELECT id FROM billing_force)"
        in_sql(f"UPDATE billing_claimline SET released = true, {force} WHERE code = '99457' AND standing")
        refused_at_its_end("is not forced")


def test_a_line_released_by_nobody_is_seen(held):
    with transaction.atomic():
        in_sql("UPDATE billing_claimline SET released = true WHERE code = '99457' AND standing")
        assert "released-by-rule-or-forced-by-two" in broken()
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "change",
    [
        "reason = 'other'",
        "units = 9",
        "confirmed_reason = 'other'",
        "confirmed_at = NULL, confirmed_by_id = NULL, confirmed_reason = ''",
    ],
)
def test_what_two_people_wrote_does_not_change(held, bea, change):
    forced(held, bea)
    with pytest.raises(DatabaseError, match="is decided"), transaction.atomic():
        in_sql(f"UPDATE billing_force SET {change}")


@pytest.mark.parametrize("who", ["rosa", "lena", "ana", "omar", "ade"])
def test_nobody_but_a_biller_blocks_or_forces(client, held, who):
    force, claim = asked(held), claim_of(held.jane)
    pages = [(name, (claim.pk, "99457")) for name in ("line_block", "line_unblock", "line_force")]
    pages += [(name, (force.pk,)) for name in ("force_confirm", "force_end")]
    for name, args in pages:
        assert send(client, getattr(held, who), name, *args, reason="x", version=1).status_code == 403
        assert send(client, held.dora, name, *args, reason="x", version=1).status_code == 404


def test_a_transaction_that_ends_without_its_practice_lets_nothing_pass(closed):
    """What must not be there is looked for at its end: seen from nowhere, nothing would be found."""
    cursor = connection.cursor()
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    cursor.execute("UPDATE billing_claimline SET released = released WHERE standing AND released")
    assert cursor.rowcount
    with pytest.raises(DatabaseError, match="is not seen here"), nowhere(), transaction.atomic():
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
