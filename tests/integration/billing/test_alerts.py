"""Threshold alerts: exactly once while they hold, and never not at all."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.practice_policies import set_policy
from billing import alerts
from billing.models import ThresholdAlert
from billing.tasks import reconcile_recent
from dispatch.emails import _message
from dispatch.models import EmailDelivery, Notice, OutboxMessage
from patients.models import Consent, OfficeVisit
from tests.integration.billing.months import NINE, guides_example, minutes_of, work
from tests.integration.timelogs.notes import CALL, signed_session
from timelogs.models import PatientMonth
from timelogs.signing.void import void

LATER = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)


def standing(patient, kind: str = "reached") -> list[int]:
    rows = ThresholdAlert.objects.filter(patient_month__patient=patient, withdrawn_at=None, kind=kind)
    return sorted(rows.values_list("minutes", flat=True))


@pytest.mark.parametrize(
    ("seconds", "lines"),
    [
        (599, []),
        (600, [10]),
        (1199, [10]),
        (1200, [10, 20]),
        (2399, [10, 20]),
        (2400, [10, 20, 40]),
        (3599, [10, 20, 40]),
        (3600, [10, 20, 40, 60]),
        (4799, [10, 20, 40, 60]),
        (4800, [10, 20, 40, 60, 80]),
    ],
)
def test_a_line_is_reached_at_its_second_and_not_before(cast, seconds, lines):
    minutes_of(cast.jane, cast.rosa, seconds)
    work()
    assert standing(cast.jane) == lines


def test_the_guides_example_raises_one_alert_at_10_and_one_at_20(cast):
    guides_example(cast)
    work()
    assert standing(cast.jane) == [10, 20]
    assert ThresholdAlert.objects.count() == 2


def test_reconciling_any_number_of_times_raises_nothing_twice(cast):
    minutes_of(cast.jane, cast.rosa, 1260)
    month = PatientMonth.objects.get()
    for _ in range(4):
        alerts.reconcile(month, at=LATER)
    assert (ThresholdAlert.objects.count(), Notice.objects.filter(kind="threshold").count()) == (2, 4)


def test_the_biller_and_the_nurse_who_signed_are_told_and_nobody_else(cast):
    minutes_of(cast.jane, cast.rosa, 600)
    work()
    told = Notice.objects.filter(kind="threshold").values_list("recipient", flat=True)
    assert set(told) == {cast.cora.user_id, cast.rosa.user_id}
    text = Notice.objects.filter(kind="threshold").first().text
    assert text == "DOE, Jane reached 10 min in March 2026"


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("billers_and_workers", ["cora", "rosa"]),
        ("and_lead_nurses", ["cora", "lena", "rosa"]),
        ("and_clinicians", ["ana", "cora", "lena", "rosa"]),
        ("billers", ["cora"]),
    ],
)
def test_whom_the_policy_names_is_told_from_its_day_on(value, names, cast):
    """Of two months of the patient the line of the first is reached the day before."""
    day = cast.practice.today(LATER)
    set_policy(
        cast.practice, key="alert_recipients", value=value, starts_on=day, why="Asked for by the team."
    )
    minutes_of(cast.jane, cast.rosa, 600)
    month = PatientMonth.objects.get()
    alerts.reconcile(month, at=LATER - timedelta(days=1))
    told = Notice.objects.filter(kind="threshold")
    assert set(told.values_list("recipient", flat=True)) == {cast.cora.user_id, cast.rosa.user_id}
    signed_session(cast.max, by=cast.rosa, starts_at=NINE + timedelta(hours=1), seconds=600, **CALL)
    alerts.reconcile(PatientMonth.objects.get(patient=cast.max), at=LATER)
    rows = told.filter(patient_id=cast.max.pk).values_list("recipient", flat=True)
    assert sorted(rows) == sorted(cast.user(name).pk for name in names)


@pytest.mark.parametrize(
    ("role", "told"), [("administrator", False), ("auditor", False), ("lead_nurse", True)]
)
def test_who_worked_and_sees_no_inbox_or_no_chart_since_is_not_told(role, told, cast):
    """A notice names the patient; an administrator sees no chart, and an auditor has no inbox."""
    minutes_of(cast.jane, cast.rosa, 600)
    cast.rosa.role, cast.rosa.staff_kind = role, "clinical_staff" if told else "none"
    cast.rosa.save()
    work()
    assert Notice.objects.filter(kind="threshold", recipient=cast.rosa.user).exists() is told
    assert Notice.objects.filter(kind="threshold", recipient=cast.cora.user).exists()


def test_the_e_mail_names_no_patient(cast):
    minutes_of(cast.jane, cast.rosa, 600)
    work()
    mails = [_message(delivery) for delivery in EmailDelivery.objects.all()]
    assert len(mails) == 2
    assert not any("DOE" in mail.subject + mail.body or "Jane" in mail.subject + mail.body for mail in mails)


def test_a_void_withdraws_what_it_took_away(cast):
    first = minutes_of(cast.jane, cast.rosa, 660)
    signed_session(cast.jane, by=cast.rosa, starts_at=NINE + timedelta(hours=1), seconds=660, **CALL)
    work()
    assert standing(cast.jane) == [10, 20]
    void(first, reason="Recorded for the wrong patient.", by=cast.rosa, at=NINE + timedelta(hours=3))
    work()
    assert standing(cast.jane) == [10]
    assert Notice.objects.filter(withdrawn_at=None, kind="threshold").count() == 2


def test_a_line_reached_again_is_announced_again(cast):
    first = minutes_of(cast.jane, cast.rosa, 600)
    work()
    void(first, reason="Recorded for the wrong patient.", by=cast.rosa, at=NINE + timedelta(hours=1))
    work()
    signed_session(cast.jane, by=cast.rosa, starts_at=NINE + timedelta(hours=2), seconds=600, **CALL)
    work()
    assert standing(cast.jane) == [10]
    assert ThresholdAlert.objects.count() == 2


def test_messages_in_any_order_and_twice_come_to_the_same(cast):
    guides_example(cast)
    ids = list(OutboxMessage.objects.order_by("-id").values_list("id", flat=True))
    from dispatch import outbox

    for message_id in [*ids, *ids]:
        outbox.deliver(message_id)
    assert standing(cast.jane) == [10, 20]
    assert ThresholdAlert.objects.count() == 2


def test_an_office_visit_recorded_later_withdraws_the_days_minutes(cast):
    from dispatch import outbox

    minutes_of(cast.jane, cast.rosa, 720)
    work()
    OfficeVisit(practice=cast.practice, patient=cast.jane, visited_on=date(2026, 3, 3)).save()
    outbox.send(cast.practice, "patients.permission_changed", patient=str(cast.jane.pk))
    work()
    assert standing(cast.jane) == []


def test_a_consent_revoked_before_the_session_withdraws_its_line(cast):
    from dispatch import outbox

    minutes_of(cast.jane, cast.rosa, 720)
    work()
    consent = Consent.objects.get(patient=cast.jane)
    consent.revoked_on, consent.revoke_reason = date(2026, 3, 1), "She no longer wants it."
    consent.save()
    outbox.send(cast.practice, "patients.permission_changed", patient=str(cast.jane.pk))
    work()
    assert standing(cast.jane) == []


def test_the_sweep_raises_what_a_lost_message_left_out(cast):
    minutes_of(cast.jane, cast.rosa, 720)
    OutboxMessage.objects.update(done_at=LATER)
    reconcile_recent()
    assert standing(cast.jane) == [10]
