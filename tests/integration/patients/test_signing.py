"""Whose signature: the clinician's own, a transcript of hers, and nothing that counts before either."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.practice_policies import set_policy
from dispatch.models import Notice
from foundation.context import acting
from foundation.refusals import Refused, StaleRow
from patients import signing
from patients.as_read import as_read
from patients.attachments import attach
from patients.models import CarePlan, Order, RequestState, SignatureRequest
from patients.papers import record_order, write_care_plan
from patients.services import OrderGiven, PlanGiven
from tests import factories
from tests.integration.billing.months import MARCH, close_march, guides_example
from tests.integration.timelogs.pages import text_of
from tests.rows import signs, signs_all
from timelogs.counting.totals import month_total

PDF = b"%PDF-1.7 test"
NOW = datetime(2026, 3, 10, 16, tzinfo=UTC)


def asked(cast, *, of=None, text="Remote monitoring of weight.", at=NOW) -> SignatureRequest:
    given = OrderGiven(text=text, signed_by=of or cast.ana)
    return record_order(cast.jane_enrolled, given, by=cast.rosa, at=at)


def transcribed(cast, *, on=date(2026, 3, 9), at=NOW) -> Order:
    given = OrderGiven(text="Remote monitoring.", signed_by=cast.ana, signed_on=on)
    return record_order(cast.jane_enrolled, given, by=cast.rosa, at=at)


# Asking -----------------------------------------------------------------------------------------------------------


def test_what_a_nurse_writes_waits_in_the_clinicians_inbox_and_holds_for_nothing(cast):
    row = asked(cast)
    assert (row.state, row.asked_of, row.asked_by) == (RequestState.WAITING, cast.ana, cast.rosa)
    assert Order.objects.filter(enrollment=cast.jane_enrolled).count() == 1
    notice = Notice.objects.get(kind="signature")
    assert (notice.recipient, notice.url) == (cast.ana.user, f"/signatures/{row.pk}/")
    assert "DOE" not in notice.headline


def test_a_clinician_signs_at_once_what_she_writes_herself(cast):
    order = record_order(cast.jane_enrolled, OrderGiven(text="t", signed_by=cast.ana), by=cast.ana, at=NOW)
    assert (order.signature, order.signed_by, order.signed_at, order.signed_on) == (
        "own",
        cast.ana,
        NOW,
        date(2026, 3, 10),
    )


def test_nobody_but_a_clinician_is_asked_or_transcribed(cast):
    for on in (None, date(2026, 3, 9)):
        given = OrderGiven(text="t", signed_by=cast.lena, signed_on=on)
        with pytest.raises(Refused, match="no physician, NP or PA"):
            record_order(cast.jane_enrolled, given, by=cast.rosa, at=NOW)


def test_a_plan_without_a_named_clinician_waits_for_any(cast):
    given = PlanGiven(goals="g", actions="a", effective_on=date(2026, 3, 1))
    row = write_care_plan(cast.jane_enrolled, given, by=cast.rosa, at=NOW)
    assert row.asked_of is None
    assert list(signing.waiting_for(cast.ana)) == [row]
    plan = signs_all(cast.ana, NOW)[0]
    assert (plan.number, plan.author, plan.signed_by) == (2, cast.rosa, cast.ana)
    assert plan.effective_on == date(2026, 3, 10), "Never before the day of the signature."


# Signing ----------------------------------------------------------------------------------------------------------


def test_signing_covers_what_was_read_and_is_never_dated_back(cast):
    row = asked(cast, text="Monitoring of weight, daily.")
    order = signs([row], by=cast.ana, at=NOW + timedelta(days=3))[0]
    assert (order.text, order.signed_on) == ("Monitoring of weight, daily.", date(2026, 3, 13))
    row.refresh_from_db()
    assert (row.state, row.order) == (RequestState.SIGNED, order)
    assert Notice.objects.get(kind="signature").withdrawn_at is not None


def test_what_changed_since_it_was_read_is_not_signed_and_neither_is_the_rest(cast):
    first, second = asked(cast), asked(cast, text="Another.")
    read = as_read(cast.practice, [first, second], on=date(2026, 3, 10))
    first.text = "Other words."
    first.save()
    with pytest.raises(StaleRow, match="Order of DOE, Jane: it was changed"):
        signing.sign(read, by=cast.ana, at=NOW)
    assert set(SignatureRequest.objects.values_list("state", flat=True)) == {"waiting"}


@pytest.mark.parametrize("who", ["rosa", "lena", "cora", "ade"])
def test_who_is_no_clinician_signs_nothing(cast, who):
    row = asked(cast)
    with pytest.raises(Refused, match="Only a physician"):
        signs([row], by=getattr(cast, who), at=NOW)


def test_nobody_signs_for_another_clinician(cast):
    other = factories.membership(cast.practice, "Noa Other", "qhp", "NP", email="noa@example.test")
    row = asked(cast)
    with pytest.raises(Refused, match="Nobody signs for another"):
        signs([row], by=other, at=NOW)
    assert not signing.waiting_for(other).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_signatures_at_once_one_order_comes(cast):
    row, barrier, found = asked(cast), Barrier(2), []

    def one():

        barrier.wait()
        try:
            with acting("Ana"):
                found.append(signs([row], by=cast.ana, at=NOW))
        except Refused:
            found.append(None)
        connection.close()

    threads = [Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each is None for each in found) == [False, True]
    assert Order.objects.filter(request=row).count() == 1


def test_a_returned_paper_says_why_and_tells_who_wrote_it(cast):
    row = signing.return_unsigned(asked(cast), reason="Wrong device.", by=cast.ana, at=NOW)
    assert (row.state, row.reason) == (RequestState.RETURNED, "Wrong device.")
    assert Notice.objects.get(kind="returned").recipient == cast.rosa.user
    with pytest.raises(Refused, match="waits no more"):
        signs([row], by=cast.ana, at=NOW)


# What releases ----------------------------------------------------------------------------------------------------


def minutes(cast) -> int:
    return month_total(cast.jane, MARCH).seconds // 60


def test_until_it_is_signed_nothing_is_released_and_time_counts_from_that_day_on(without_order):
    cast = without_order
    guides_example(cast)
    row = asked(cast)
    close_march(cast)
    assert "no-order" in set(cast.jane.claims.get().holds.values_list("slug", flat=True))
    signs([row], by=cast.ana, at=datetime(2026, 3, 12, 15, tzinfo=UTC))
    assert minutes(cast) == 12, "The 10 minutes of 3 March lie before the order."


@pytest.mark.parametrize(
    ("value", "scan", "releases"),
    [
        ("scan", False, False),
        ("scan", True, True),
        ("any", False, True),
        ("never", True, False),
    ],
)
def test_a_transcript_releases_as_the_practice_decided(without_order, value, scan, releases):
    cast = without_order
    guides_example(cast)
    if value != "scan":
        set_policy(cast.practice, key="transcripts", value=value, starts_on=date(2026, 1, 1), why="test")
    order = transcribed(cast, on=date(2026, 3, 1))
    if scan:
        paper = attach(cast.jane, PDF, kind="order", title="Order", by=cast.rosa, at=NOW)
        signing.add_scan(order, paper, by=cast.rosa, at=NOW)
    close_march(cast)
    claim = cast.jane.claims.get()
    assert ("no-order" not in set(claim.holds.values_list("slug", flat=True))) is releases
    assert "dissent" not in claim.selection.evidence or not claim.selection.evidence["dissent"]


def test_the_claim_says_how_the_order_was_signed(without_order, client):
    cast = without_order
    guides_example(cast)
    order = transcribed(cast, on=date(2026, 3, 1))
    paper = attach(cast.jane, PDF, kind="order", title="Order", by=cast.rosa, at=NOW)
    signing.add_scan(order, paper, by=cast.rosa, at=NOW)
    close_march(cast)
    client.force_login(cast.cora.user)
    page = text_of(client.get(f"/claims/{cast.jane.claims.get().pk}/"))
    assert (
        "Order of 01-Mar-2026 by Ana Rivera, MD: transcript of a signed paper, "
        "seen by Rosa Nguyen, RN on 10-Mar-2026, with its scan." in page
    )


# Pages ------------------------------------------------------------------------------------------------------------


def send(client, path: str, **typed):
    return client.post(path, {"operation_id": str(uuid4()), **typed})


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana.user)
    return client


def test_what_was_not_opened_cannot_be_ticked_or_signed(cast, ana):
    row = asked(cast, at=timezone.now())
    assert "Not read" in text_of(ana.get("/signatures/"))
    mark = as_read(cast.practice, [row], on=cast.practice.today())[0].mark
    refused = send(ana, "/signatures/sign/", papers=[mark])
    assert refused.status_code == 422
    assert "Read it again, then sign." in text_of(refused)
    assert ana.get(f"/signatures/{row.pk}/").status_code == 200
    sent = {"operation_id": str(uuid4()), "papers": [mark]}
    assert [ana.post("/signatures/sign/", sent).status_code for _ in range(2)] == [303, 303]
    assert Order.objects.filter(request=row).count() == 1


def test_changed_after_reading_it_must_be_read_again(cast, ana):
    row = asked(cast, at=timezone.now())
    ana.get(f"/signatures/{row.pk}/")
    (read,) = as_read(cast.practice, [row], on=cast.practice.today())
    row.text = "Other words."
    row.save()
    assert "Not read" in text_of(ana.get("/signatures/"))
    assert send(ana, "/signatures/sign/", papers=[read.mark]).status_code == 409


def test_nothing_ticked_is_said(cast, ana):
    answer = send(ana, "/signatures/sign/")
    assert (answer.status_code, "Tick what you sign." in text_of(answer)) == (422, True)


def test_the_queue_asks_as_often_for_many_as_for_one(cast, ana, django_assert_max_num_queries):
    for number in range(30):
        asked(cast, text=f"Order {number}", at=timezone.now())
    ana.get("/signatures/")
    with django_assert_max_num_queries(16):
        page = ana.get("/signatures/")
    assert page.content.decode().count("Not read") == 25


def test_a_nurse_writes_an_order_on_the_page_and_withdraws_it(cast, client):
    client.force_login(cast.rosa.user)
    chart = f"/patients/{cast.jane.pk}"
    assert send(client, f"{chart}/orders/new/", text="Weight.", signed_by=str(cast.ana.pk)).status_code == 303
    row = SignatureRequest.objects.get()
    page = text_of(client.get(f"{chart}/enrollment/"))
    assert "Waits for Ana Rivera, MD. It holds for nothing until then." in page
    assert send(client, f"{chart}/signatures/{row.pk}/withdraw/", reason="Twice.").status_code == 303
    row.refresh_from_db()
    assert (row.state, row.history.first().history_change_reason) == ("withdrawn", "Twice.")


# By the database --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"signature": "transcript"},
        {"signed_at": None},
        {"seen_on": date(2026, 3, 1)},
        {"signature": "transcript", "signed_at": None, "seen_on": date(2026, 3, 1)},
    ],
)
def test_the_database_refuses_a_signature_that_is_half_of_each(cast, change):
    for model in (Order, CarePlan):
        row = model.objects.filter(enrollment=cast.jane_enrolled).first()
        for name, value in change.items():
            setattr(row, name, value)
        with pytest.raises(DatabaseError), transaction.atomic():
            row.save()


@pytest.mark.parametrize(
    "change",
    [
        {"state": "signed"},
        {"state": "returned", "ended_at": NOW},
        {"ended_at": NOW},
        {"text": ""},
        {"kind": "care_plan"},
    ],
)
def test_the_database_refuses_a_request_that_ended_in_no_way(cast, change):
    row = asked(cast)
    for name, value in change.items():
        setattr(row, name, value)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()


def test_the_queue_is_empty_where_nothing_waits(cast, ana):
    with time_machine.travel(NOW):
        ana.force_login(cast.ana.user)
        assert "Nothing waits for your signature." in text_of(ana.get("/signatures/"))
