"""Recorded in error: a wrong scan comes off its paper, an order or a plan is withdrawn, and neither releases time."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.practice_policies import set_policy
from billing.claims.staleness import why_outdated
from billing.models import ThresholdAlert
from dispatch.models import OutboxMessage
from foundation.refusals import Refused
from foundation.tracked import lock
from patients import attachments, signing
from patients.attachments import attach
from patients.completeness import missing_parts
from patients.models import Attachment, CarePlan, Order
from patients.papers import record_order, withdraw_paper, write_care_plan
from patients.selectors import care_plan_on
from patients.services import OrderGiven, PlanGiven
from tests import factories
from tests.integration.billing.months import MARCH, close_march, guides_example, work
from tests.integration.timelogs.pages import text_of
from timelogs.counting.totals import month_total

PDF = b"%PDF-1.7 test"
NOW = datetime(2026, 3, 20, 16, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
TODAY = date(2026, 3, 20)


def scanned(cast, paper, title: str = "Order of 01-Mar-2026") -> Attachment:
    scan = attach(cast.jane, PDF, kind="order", title=title, by=cast.rosa, at=NOW)
    signing.add_scan(paper, scan, by=cast.rosa, at=NOW)
    return scan


def transcribed(cast, *, on=date(2026, 3, 1), scan=True) -> Order:
    given = OrderGiven(text="Remote monitoring.", signed_by=cast.ana, signed_on=on)
    order = record_order(cast.jane_enrolled, given, by=cast.rosa, at=NOW)
    if scan:
        scanned(cast, order)
        order.refresh_from_db()
    return order


def planned(cast) -> CarePlan:
    given = PlanGiven(
        goals="From a paper.", actions="a", effective_on=TODAY, signed_by=cast.ana, signed_on=TODAY
    )
    return write_care_plan(cast.jane_enrolled, given, by=cast.rosa, at=NOW)


def minutes(cast) -> int:
    return month_total(cast.jane, MARCH).seconds // 60


def alerts(cast) -> set[int]:
    standing = ThresholdAlert.objects.filter(patient_month__patient=cast.jane, withdrawn_at=None)
    return set(standing.values_list("minutes", flat=True))


# The wrong scan ---------------------------------------------------------------------------------------------------


def test_a_wrong_scan_comes_off_its_order_which_waits_for_the_right_one(without_order):
    cast = without_order
    order = transcribed(cast)
    scan = attachments.withdraw(order.scan, reason="Of another patient.", by=cast.rosa, at=LATER)
    order.refresh_from_db()
    assert (order.scan, scan.withdrawn_at, scan.withdraw_reason) == (None, LATER, "Of another patient.")
    changes = [(row.scan_id, row.history_change_reason) for row in order.history.all()[:2]]
    assert changes == [(None, "Of another patient."), (scan.pk, "")]
    right = scanned(cast, order, "The right one")
    order.refresh_from_db()
    assert order.scan == right


def test_without_its_scan_a_transcript_releases_nothing_until_the_right_one_is_there(without_order):
    cast = without_order
    guides_example(cast)
    order = transcribed(cast, on=date(2026, 3, 12))
    transcribed(cast, on=date(2026, 3, 17))
    work()
    assert (minutes(cast), alerts(cast)) == (12, {10})
    attachments.withdraw(
        Order.objects.get(signed_on=date(2026, 3, 17)).scan, reason="r", by=cast.rosa, at=LATER
    )
    attachments.withdraw(order.scan, reason="r", by=cast.rosa, at=LATER)
    assert "signed order" in missing_parts(cast.practice, [cast.jane.pk], TODAY)[cast.jane.pk]
    close_march(cast)
    claim = cast.jane.claims.get()
    assert "no-order" in set(claim.holds.values_list("slug", flat=True))
    assert not claim.selection.evidence.get("dissent")
    scanned(cast, order)
    work()
    assert (minutes(cast), alerts(cast)) == (12, {10})


def test_where_any_transcript_releases_the_scan_takes_nothing_with_it(without_order):
    cast = without_order
    set_policy(cast.practice, key="transcripts", value="any", starts_on=date(2026, 1, 1), why="test")
    guides_example(cast)
    order = transcribed(cast, on=date(2026, 3, 12))
    attachments.withdraw(order.scan, reason="r", by=cast.rosa, at=LATER)
    assert minutes(cast) == 12


def test_a_scan_of_a_plan_comes_off_as_well(cast):
    plan = planned(cast)
    scan = scanned(cast, plan)
    attachments.withdraw(scan, reason="Page missing.", by=cast.rosa, at=LATER)
    plan.refresh_from_db()
    assert plan.scan is None


def test_a_withdrawn_paper_of_the_record_becomes_no_scan(cast):
    order, scan = (
        transcribed(cast, scan=False),
        attach(cast.jane, PDF, kind="order", title="t", by=cast.rosa, at=NOW),
    )
    attachments.withdraw(scan, reason="r", by=cast.rosa, at=NOW)
    with pytest.raises(Refused, match="This paper was withdrawn"):
        signing.add_scan(order, scan, by=cast.rosa, at=LATER)


# The wrong order --------------------------------------------------------------------------------------------------


def test_an_order_transcribed_with_a_wrong_date_is_withdrawn_and_releases_nothing(without_order):
    cast = without_order
    guides_example(cast)
    wrong = transcribed(cast)
    transcribed(cast, on=date(2026, 3, 12))
    work()
    assert (minutes(cast), alerts(cast)) == (22, {10, 20})
    withdraw_paper(wrong, reason="The paper says 12 March.", by=cast.rosa, at=LATER)
    work()
    assert (minutes(cast), alerts(cast)) == (12, {10})
    wrong.refresh_from_db()
    assert (wrong.withdrawn_at, wrong.withdraw_reason) == (LATER, "The paper says 12 March.")
    assert wrong.history.first().history_change_reason == "The paper says 12 March."
    close_march(cast)
    claim = cast.jane.claims.get()
    assert claim.selection.facts["order_signed_on"] == "2026-03-12"
    assert not claim.selection.evidence.get("dissent")


@pytest.mark.parametrize("value", ["any", "scan", "never"])
def test_whatever_the_policy_a_withdrawn_order_releases_nothing(without_order, value):
    cast = without_order
    if value != "scan":
        set_policy(cast.practice, key="transcripts", value=value, starts_on=date(2026, 1, 1), why="test")
    guides_example(cast)
    withdraw_paper(transcribed(cast), reason="r", by=cast.rosa, at=LATER)
    assert not Order.objects.filter(enrollment=cast.jane_enrolled).releasing(value).exists()
    assert "signed order" in missing_parts(cast.practice, [cast.jane.pk], TODAY)[cast.jane.pk]
    close_march(cast)
    claim = cast.jane.claims.get()
    assert "no-order" in set(claim.holds.values_list("slug", flat=True))
    assert not claim.selection.evidence.get("dissent")


def test_a_decided_month_says_that_it_no_longer_stands(without_order, client):
    cast = without_order
    guides_example(cast)
    order = transcribed(cast)
    close_march(cast)
    claim = cast.jane.claims.get()
    assert why_outdated(claim) is None
    withdraw_paper(order, reason="Of another patient.", by=cast.rosa, at=LATER)
    assert "nothing on it would be released now" in why_outdated(claim)
    client.force_login(cast.cora.user)
    page = text_of(client.get(f"/claims/{claim.pk}/"))
    assert "It was withdrawn on 21-Mar-2026: Of another patient." in page


def test_a_withdrawn_order_is_withdrawn_once_and_takes_no_scan(cast):
    order = withdraw_paper(transcribed(cast, scan=False), reason="r", by=cast.rosa, at=NOW)
    with pytest.raises(Refused, match="This order was withdrawn already"):
        withdraw_paper(order, reason="again", by=cast.rosa, at=LATER)
    scan = attach(cast.jane, PDF, kind="order", title="t", by=cast.rosa, at=NOW)
    with pytest.raises(Refused, match="This order was withdrawn"):
        signing.add_scan(order, scan, by=cast.rosa, at=LATER)


def test_the_scan_of_a_withdrawn_order_can_be_withdrawn_too_and_stays_named_by_it(cast):
    order = withdraw_paper(transcribed(cast), reason="r", by=cast.rosa, at=NOW)
    attachments.withdraw(order.scan, reason="Of another patient.", by=cast.rosa, at=LATER)
    order.refresh_from_db()
    assert order.scan is not None


def test_what_a_clinician_signed_here_only_she_withdraws(cast):
    order = cast.jane_enrolled.orders.get()
    ben = factories.membership(cast.practice, "Ben Second", "qhp", "NP", email="ben@example.test")
    for who in (cast.rosa, ben):
        with pytest.raises(Refused, match="Nobody else withdraws it"):
            withdraw_paper(order, reason="r", by=who, at=NOW)
    assert withdraw_paper(order, reason="Of another patient.", by=cast.ana, at=NOW).withdrawn_at == NOW


def test_a_withdrawn_plan_leaves_the_one_before_in_effect_and_its_number_is_not_given_again(cast):
    plan = planned(cast)
    assert care_plan_on(cast.jane_enrolled, TODAY) == plan
    withdraw_paper(plan, reason="Of another patient.", by=cast.rosa, at=LATER)
    assert care_plan_on(cast.jane_enrolled, TODAY).number == 1
    assert planned(cast).number == 3


def test_without_any_plan_that_stands_it_is_missing(cast):
    withdraw_paper(cast.jane_enrolled.care_plans.get(), reason="r", by=cast.ana, at=NOW)
    assert "care plan" in missing_parts(cast.practice, [cast.jane.pk], TODAY)[cast.jane.pk]


# A consent has no such state: revoked from its own first day, it holds on no day -------------------------------------


def test_a_consent_recorded_in_error_is_revoked_from_its_first_day_and_counts_nothing(cast, client):
    guides_example(cast)
    consent = cast.jane.consents.get()
    client.force_login(cast.rosa.user)
    page = text_of(client.get(f"/patients/{cast.jane.pk}/consent/{consent.pk}/revoke/"))
    assert "If it was recorded by mistake, revoke it from 02-Nov-2025: then it held on no day." in page
    sent = {"operation_id": str(uuid4()), "revoked_on": "2025-11-02", "reason": "Of another patient."}
    assert client.post(f"/patients/{cast.jane.pk}/consent/{consent.pk}/revoke/", sent).status_code == 303
    close_march(cast)
    claim = cast.jane.claims.get()
    assert minutes(cast) == 0
    assert not claim.selection.evidence.get("dissent")


# Pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def rosa(cast, client):
    client.force_login(cast.rosa.user)
    return client


def chart(cast) -> str:
    return f"/patients/{cast.jane.pk}"


def send(client, path: str, **typed):
    return client.post(path, {"operation_id": str(uuid4()), **typed})


def test_on_the_page_a_scan_is_said_to_be_wrong_and_the_right_one_attached(rosa, cast):
    order = transcribed(cast)
    page = text_of(rosa.get(f"{chart(cast)}/enrollment/"))
    address = f"{chart(cast)}/papers/{order.scan_id}/withdraw/"
    assert f'href="{address}">This scan is wrong' in page
    form = text_of(rosa.get(address))
    assert "It is the scan of the order of 01-Mar-2026, which then waits for its scan again." in form
    assert send(rosa, address, reason="").status_code == 422
    sent = {"operation_id": str(uuid4()), "reason": "Page missing."}
    assert [rosa.post(address, sent).status_code for _ in range(2)] == [303, 303]
    page = text_of(rosa.get(f"{chart(cast)}/enrollment/"))
    assert "without a scan" in page
    assert f'href="{chart(cast)}/orders/{order.pk}/scan/"' in page
    assert "<s>Order of 01-Mar-2026</s>" in page
    stale = send(rosa, address, reason="Opened before.")
    assert (stale.status_code, "This paper was withdrawn already." in text_of(stale)) == (422, True)


@pytest.mark.parametrize("what", ["orders", "care-plan"])
def test_on_the_page_a_paper_is_withdrawn_and_stays_with_its_reason(rosa, cast, what):
    paper = transcribed(cast) if what == "orders" else planned(cast)
    address = f"{chart(cast)}/{what}/{paper.pk}/withdraw/"
    assert f'href="{address}"' in text_of(rosa.get(f"{chart(cast)}/enrollment/"))
    assert send(rosa, address, reason="").status_code == 422
    before = OutboxMessage.objects.count()
    sent = {"operation_id": str(uuid4()), "reason": "Wrong date."}
    assert [rosa.post(address, sent).status_code for _ in range(2)] == [303, 303]
    asked_anew = OutboxMessage.objects.order_by("id").values_list("topic", flat=True)[before:]
    assert list(asked_anew) == ["patients.permission_changed"]
    page = text_of(rosa.get(f"{chart(cast)}/enrollment/"))
    assert "<strong>Withdrawn</strong>: Wrong date." in page
    assert f'href="{address}"' not in page
    assert send(rosa, address, reason="Opened before.").status_code == 422
    assert "Withdrawn" in text_of(rosa.get(f"{chart(cast)}/{what}/{paper.pk}/print/"))


def test_the_link_stands_only_where_the_act_may_be_done(rosa, cast):
    order = cast.jane_enrolled.orders.get()
    address = f'href="{chart(cast)}/orders/{order.pk}/withdraw/"'
    assert address not in text_of(rosa.get(f"{chart(cast)}/enrollment/"))
    rosa.force_login(cast.ana.user)
    assert address in text_of(rosa.get(f"{chart(cast)}/enrollment/"))


def test_another_patients_chart_withdraws_nothing(rosa, cast):
    order = transcribed(cast)
    assert send(rosa, f"/patients/{cast.max.pk}/orders/{order.pk}/withdraw/", reason="r").status_code == 404


def test_a_plan_is_withdrawn_only_when_nobody_signs_beside_it(cast):
    """Whoever signs holds the enrollment: so does who withdraws, before she takes the paper."""
    plan = planned(cast)
    with CaptureQueriesContext(connection) as asked:
        withdraw_paper(plan, reason="Wrong.", by=cast.rosa, at=NOW)
    held = [
        each["sql"].partition('FROM "')[2].partition('"')[0] for each in asked if "FOR NO KEY" in each["sql"]
    ]
    assert held[:2] == ["patients_enrollment", "patients_careplan"]


def leaves(who) -> None:
    row = lock(who)
    row.ends_on = LATER.date()
    row.save()


def does_the_books(who) -> None:
    row = lock(who)
    row.role, row.staff_kind, row.npi = "biller", "none", ""
    row.save()


@pytest.mark.parametrize("goes", [leaves, does_the_books])
def test_what_she_signed_who_left_any_clinician_withdraws_and_nobody_else(cast, goes):
    ben = factories.membership(cast.practice, "Ben Second", "qhp", "NP", email="ben@example.test")
    order = cast.jane_enrolled.orders.get()
    with pytest.raises(Refused, match="Nobody else withdraws it"):
        withdraw_paper(order, reason="Wrong.", by=ben, at=NOW)
    goes(cast.ana)
    with pytest.raises(Refused, match="signed it here and left. A physician, NP or PA withdraws it"):
        withdraw_paper(order, reason="Wrong.", by=cast.rosa, at=LATER)
    assert withdraw_paper(order, reason="Wrong.", by=ben, at=LATER).withdrawn_at == LATER


def test_the_link_stands_for_another_clinician_once_the_signer_left(rosa, cast):
    ben = factories.membership(cast.practice, "Ben Second", "qhp", "NP", email="ben@example.test")
    rosa.force_login(ben.user)
    address = f'href="{chart(cast)}/orders/{cast.jane_enrolled.orders.get().pk}/withdraw/"'
    assert address not in text_of(rosa.get(f"{chart(cast)}/enrollment/"))
    leaves(cast.ana)
    assert address in text_of(rosa.get(f"{chart(cast)}/enrollment/"))


# By the database --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"withdrawn_at": NOW}, {"withdraw_reason": "r"}])
def test_the_database_refuses_half_a_withdrawal(cast, change):
    for row in (cast.jane_enrolled.orders.get(), cast.jane_enrolled.care_plans.get()):
        for name, value in change.items():
            setattr(row, name, value)
        with pytest.raises(DatabaseError), transaction.atomic():
            row.save()
