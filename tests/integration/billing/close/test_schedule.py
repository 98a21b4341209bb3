"""What the schedule does by itself: every month whose day has come, and nothing that stops at one failure."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from accounts.models import Practice
from billing import alerts, tasks
from billing.close import acts as close
from billing.models import CloseRun
from dispatch.models import OutboxMessage, Slot
from tests.integration.billing.months import MARCH, guides_example, minutes_of, work
from timelogs.models import PatientMonth, Period

APRIL = date(2026, 4, 1)
MAY_1 = datetime(2026, 5, 1, 14, tzinfo=UTC)
MAY_6 = datetime(2026, 5, 6, 14, tzinfo=UTC)


def closed_in_order() -> list[date]:
    return list(
        CloseRun.objects.order_by("started_at", "period__month").values_list("period__month", flat=True)
    )


def test_a_month_that_was_missed_is_closed_late_and_once(cast):
    guides_example(cast)
    for _ in range(2):
        tasks.close_if_due(cast.practice, at=MAY_1)
        work()
    assert closed_in_order() == [MARCH]


def test_months_are_closed_oldest_first_each_on_its_own_day(cast, monkeypatch):
    guides_example(cast)
    asked = []
    start = close.start_close
    monkeypatch.setattr(close, "start_close", lambda p, m, **how: asked.append(m) or start(p, m, **how))
    tasks.close_if_due(cast.practice, at=MAY_6)
    work()
    tasks.close_if_due(cast.practice, at=MAY_6)
    assert asked == [MARCH, APRIL]
    assert Slot.objects.filter(job=f"close:{cast.practice.pk}").count() == 2


def test_months_before_the_practices_first_gate_are_not_closed(cast):
    """Its patients were enrolled in November; nobody wrote time here before March."""
    guides_example(cast)
    tasks.close_if_due(cast.practice, at=MAY_6)
    work()
    assert min(Period.objects.values_list("month", flat=True)) == MARCH


def test_a_month_that_fails_does_not_keep_the_next_from_closing(cast, monkeypatch, caplog):
    guides_example(cast)
    start = close.start_close

    def fails_for_march(practice, month, **how):
        if month == MARCH:
            raise ValueError("DOE, Jane")
        return start(practice, month, **how)

    monkeypatch.setattr(close, "start_close", fails_for_march)
    tasks.close_if_due(cast.practice, at=MAY_6)
    work()
    assert closed_in_order() == [APRIL]
    assert f"{cast.practice.pk} was passed over: ValueError" in caplog.text
    assert "DOE" not in caplog.text
    monkeypatch.undo()
    tasks.close_if_due(cast.practice, at=MAY_6)
    work()
    assert set(closed_in_order()) == {MARCH, APRIL}


def test_a_practice_that_fails_does_not_keep_the_others_from_closing(cast, monkeypatch, caplog):
    seen, first = [], Practice.objects.order_by("pk").first()

    def fails_first(practice, at):
        seen.append(practice.pk)
        if practice == first:
            raise RuntimeError("DOE, Jane")

    monkeypatch.setattr(tasks, "close_if_due", fails_first)
    tasks.close_due_months()
    assert len(seen) == 2
    assert f"practice {first.pk} was passed over: RuntimeError" in caplog.text
    assert "DOE" not in caplog.text


def test_a_patient_month_that_fails_does_not_keep_the_others_from_their_alerts(cast, monkeypatch, caplog):
    minutes_of(cast.jane, cast.rosa, 1200)
    minutes_of(cast.max, cast.luis, 1200)
    first, second = PatientMonth.objects.order_by("month", "patient")
    reconcile, seen = alerts.reconcile, []

    def fails_first(month, *, at):
        seen.append(month.pk)
        if month == first:
            raise RuntimeError
        reconcile(month, at=at)

    monkeypatch.setattr(alerts, "reconcile", fails_first)
    OutboxMessage.objects.update(created_at=timezone.now(), done_at=timezone.now())
    tasks.reconcile_recent()
    assert seen == [first.pk, second.pk]
    assert second.alerts.filter(withdrawn_at=None).count() == 2
    assert f"patient-month {first.pk} was passed over" in caplog.text


@pytest.mark.parametrize(("now", "expected"), [(MAY_1, [MARCH]), (MAY_6, [MARCH, APRIL])])
def test_the_close_day_is_each_months_own(cast, now, expected):
    guides_example(cast)
    assert tasks._due_months(cast.practice, today=cast.practice.today(now)) == expected
