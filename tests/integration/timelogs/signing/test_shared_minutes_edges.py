"""Where two people's minutes both count: who else is in them, what comes after the decision, and what pages say."""

from datetime import UTC, datetime, timedelta
from functools import partial
from types import NoneType

import pytest

from accounts.permissions import Role
from accounts.practice_policies import set_policy
from audit.invariants import broken
from billing.claims import acts as claim_acts
from billing.close import acts as close
from billing.decisions.recheck import faults
from billing.facts.gather import gather
from billing.models import Claim, ClaimState, ThresholdAlert
from foundation.refusals import Refused
from tests import factories
from tests.cast import make_cast
from tests.faults.trials import at_once
from tests.integration.billing.months import APRIL_5, close_march, work
from tests.integration.timelogs.notes import CALL, NO_ANSWER, REVIEW, signed_session
from tests.integration.timelogs.pages import text_of
from tests.integration.timelogs.signing.test_shared_minutes import (
    LATER,
    MARCH,
    NINE,
    amend,
    both,
    counted,
    form,
    once,
    pair,
    reviewed,
    second_count,
)
from timelogs.counting.totals import month_total
from timelogs.locks import MonthShut
from timelogs.models import TimeEntry
from timelogs.note import drafts
from timelogs.signing.amend import amend as amend_session
from timelogs.signing.amend import amend_effect
from timelogs.signing.sign import sign
from timelogs.signing.void import void

__all__ = ["pair", "reviewed"]

AFTER = LATER + timedelta(hours=1)
TRY_AGAIN = {**NO_ANSWER, "action_detail": "Try again after lunch.", "follow_up_on": NINE.date()}


def at_minute(minute: float) -> datetime:
    return NINE + timedelta(minutes=minute)


# Nobody decided about these ----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ana", "lena"])
def test_who_signs_after_the_decision_counts_beside_nobody(reviewed, pair, who):
    """Luis may count beside Rosa. Ana meets Luis alone; Lena is the very reviewer who decided."""
    both(pair[1], by=reviewed.lena)
    by = getattr(reviewed, who)
    signed_session(reviewed.jane, by=by, starts_at=at_minute(10), seconds=300, at=AFTER, **REVIEW)
    assert counted(reviewed)["all"] == 1200


def test_time_that_the_other_person_adds_is_not_decided(reviewed, pair):
    both(pair[1], by=reviewed.lena)
    amend_session(pair[0], note=REVIEW, seconds=900, reason="Went on.", by=reviewed.rosa, at=AFTER)
    assert counted(reviewed)["all"] == 900


def test_what_was_taken_back_counts_once_whatever_was_decided_about_a_third(reviewed, pair):
    signed_session(reviewed.jane, by=reviewed.ana, starts_at=NINE, seconds=120, **REVIEW)
    both(pair[1], by=reviewed.lena)
    both(pair[0], by=reviewed.lena, reason="Rosa and Ana worked apart.")
    once(pair[1], by=reviewed.lena, at=AFTER)
    assert counted(reviewed)["all"] == 1020


def test_a_page_that_did_not_show_a_third_person_decides_nothing_about_them(reviewed, pair, client):
    client.force_login(reviewed.lena.user)
    address = f"/sessions/{pair[1].pk}/count-both/"
    client.get(address)
    signed_session(reviewed.jane, by=reviewed.ana, starts_at=at_minute(10), seconds=300, **REVIEW)
    assert client.post(address, form(pair[0])).status_code == 409


def test_a_call_that_reached_nobody_after_all_counts_once_when_it_did(reviewed):
    signed_session(reviewed.jane, by=reviewed.rosa, starts_at=NINE, seconds=600, **REVIEW)
    tried = signed_session(
        reviewed.jane,
        by=reviewed.luis,
        starts_at=NINE,
        seconds=600,
        **{**TRY_AGAIN, "data_reviewed": False, "no_data_reason": ""},
    )
    with pytest.raises(Refused, match="nothing to decide"):
        both(tried, by=reviewed.lena)
    amend_session(tried, note=CALL, seconds=None, reason="Reached her.", by=reviewed.luis, at=AFTER)
    assert counted(reviewed)["all"] == 600


def test_a_call_that_reached_nobody_counts_beside_nobody_whatever_the_policy(reviewed, pair):
    set_policy(
        reviewed.practice, key="attempts_counted", value=True, starts_on=MARCH, why="The payer asks for it."
    )
    both(pair[1], by=reviewed.lena)
    tried = {**TRY_AGAIN, "data_reviewed": False, "topics": [], "said": "", "contact_started_at": None}
    amend_session(pair[1], note=tried, seconds=None, reason="No answer.", by=reviewed.luis, at=AFTER)
    assert counted(reviewed)["all"] == 900 == second_count(reviewed)
    assert broken() == {}


def test_time_that_waits_for_approval_is_not_let_count_beside_others_yet(reviewed):
    signed_session(reviewed.jane, by=reviewed.rosa, starts_at=NINE, seconds=600, **REVIEW)
    then = NINE + timedelta(days=25)
    late = signed_session(reviewed.jane, by=reviewed.luis, starts_at=NINE, seconds=600, at=then, **CALL)
    assert late.needs_approval
    with pytest.raises(Refused):
        both(late, by=reviewed.lena, at=then)


# What is said is so ------------------------------------------------------------------------------------------


def test_unsigned_time_is_never_more_than_was_said(reviewed, pair):
    both(pair[1], by=reviewed.lena)
    draft = drafts.log_past(
        reviewed.jane, starts_at=at_minute(10), seconds=300, reason="Later.", by=reviewed.ana, at=AFTER
    )
    said = month_total(reviewed.jane, MARCH)
    draft = drafts.save_draft(draft, note=REVIEW, version=draft.version, by=reviewed.ana, at=AFTER)
    sign(draft, version=draft.version, by=reviewed.ana, at=AFTER)
    assert counted(reviewed)["all"] <= said.seconds + said.unsigned_seconds


def test_the_claim_says_that_both_count_only_where_they_do(reviewed, pair):
    both(pair[1], by=reviewed.lena)
    void(pair[0], reason="Wrong patient.", by=reviewed.rosa, at=AFTER)
    assert gather(reviewed.practice, MARCH, [reviewed.jane.pk])[reviewed.jane.pk].notes == ()


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("seconds", [240, 300, 540, 600, 601, 900])
def test_the_effect_of_an_amendment_is_the_one_that_was_shown(reviewed, pair, which, seconds):
    both(pair[1], by=reviewed.lena)
    _, after = amend_effect(pair[which], seconds=seconds, at=AFTER)
    amend(pair[which], seconds, at=AFTER)
    assert counted(reviewed)["all"] == after == second_count(reviewed)
    assert broken() == {}


def test_the_effect_is_shown_for_each_month_of_the_session(reviewed, client):
    midnight = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
    signed_session(reviewed.jane, by=reviewed.rosa, starts_at=midnight, seconds=300, **REVIEW)
    before = midnight - timedelta(minutes=5)
    second = signed_session(reviewed.jane, by=reviewed.luis, starts_at=before, seconds=600, **CALL)
    client.force_login(reviewed.lena.user)
    page = text_of(client.get(f"/sessions/{second.pk}/count-both/"))
    assert "March total 5 min → <b>5 min</b>, unchanged" in page
    assert "April total 5 min → <b>10 min</b>" in page
    close_march(reviewed)
    with pytest.raises(MonthShut):
        both(second, by=reviewed.lena)


# Who and when ------------------------------------------------------------------------------------------------


def test_who_worked_in_the_other_session_does_not_take_it_back(reviewed, client):
    signed_session(reviewed.jane, by=reviewed.lena, starts_at=NINE, seconds=600, **REVIEW)
    second = signed_session(reviewed.jane, by=reviewed.luis, starts_at=NINE, seconds=600, **CALL)
    both(second, by=reviewed.ana)
    with pytest.raises(Refused, match="worked in neither session"):
        once(second, by=reviewed.lena)
    client.force_login(reviewed.lena.user)
    assert "Count it once again…" not in text_of(client.get(f"/sessions/{second.pk}/"))


def test_a_decision_in_a_reopened_month_sends_the_claim_back_and_withdraws_what_no_longer_holds(reviewed):
    for person, note in ((reviewed.rosa, CALL), (reviewed.luis, REVIEW)):
        entry = signed_session(reviewed.jane, by=person, starts_at=NINE, seconds=900, **note)
    close_march(reviewed)
    claim = Claim.objects.get(patient=reviewed.jane)
    claim_acts.approve(claim, version=claim.version, by=reviewed.cora, at=APRIL_5)
    reached = ThresholdAlert.objects.filter(minutes=20, withdrawn_at=None)
    close.reopen(claim.period, reason="Looking again.", by=reviewed.ade, at=APRIL_5)
    both(entry, by=reviewed.lena)
    close_march(reviewed, at=APRIL_5 + timedelta(hours=1))
    claim.refresh_from_db()
    assert (claim.state, claim.approved_by, reached.count()) == (ClaimState.READY, None, 1)
    assert list(faults(claim.selection)) == []
    close.reopen(claim.period, reason="Once more.", by=reviewed.ade, at=APRIL_5 + timedelta(hours=2))
    once(entry, by=reviewed.lena, at=APRIL_5)
    work()
    assert reached.count() == 0


def test_five_people_two_of_them_decided_and_one_amended(reviewed):
    more = [
        factories.membership(reviewed.practice, name, Role.NURSE, "RN", email=f"{name}@example.test")
        for name in ("nia", "noa")
    ]
    made = [
        signed_session(
            reviewed.jane, by=p, starts_at=at_minute(2 * n), seconds=600, at=at_minute(30 - n), **REVIEW
        )
        for n, p in enumerate([reviewed.rosa, reviewed.luis, reviewed.ana, *more])
    ]
    amend_session(made[0], note=REVIEW, seconds=700, reason="Longer.", by=reviewed.rosa, at=LATER)
    for entry in (made[1], made[3]):
        both(entry, by=reviewed.lena)
        assert second_count(reviewed) == counted(reviewed)["all"]


# At once -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_decisions_amendments_and_voids_at_once_leave_a_month_that_adds_up():
    cast = make_cast()
    set_policy(
        cast.practice, key="concurrent_time", value="reviewed", starts_on=MARCH, why="Counsel's advice."
    )
    for trial in range(4):
        since = NINE + timedelta(days=trial)
        one = signed_session(cast.jane, by=cast.rosa, starts_at=since, seconds=600, **REVIEW)
        two = signed_session(cast.jane, by=cast.luis, starts_at=since, seconds=600, **CALL)
        at = since + timedelta(hours=3)
        change = {"note": REVIEW, "seconds": 540, "reason": "Shorter."}
        acts = [
            partial(both, one, by=cast.lena, at=at),
            partial(both, two, by=cast.ana, at=at),
            partial(amend_session, one, **change, by=cast.rosa, at=at),
            partial(void, two, reason="Wrong.", by=cast.luis, at=at),
        ]
        # Half of them without the void: then something is left to count beside.
        done = at_once(acts[: 4 - trial % 2])
        assert all(isinstance(each, (TimeEntry, Refused, NoneType)) for each in done), done
        assert second_count(cast) == counted(cast)["all"]
        assert broken() == {}
