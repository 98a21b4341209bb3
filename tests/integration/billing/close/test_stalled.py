"""A close whose work fails for ever can be ended; and the moment up to which a close counts."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from audit.invariants import broken
from billing.close import acts as close
from billing.decisions import decide
from billing.models import Claim, CloseRun, RunState
from dispatch import outbox
from dispatch.models import Notice, OutboxMessage
from foundation.refusals import Refused
from tests.integration.billing.months import APRIL_5, MARCH, close_march, guides_example, work
from tests.integration.timelogs.notes import CALL, signed_session
from timelogs.models import Period, PeriodState


@pytest.fixture
def stalled(cast, monkeypatch) -> CloseRun:
    """A close of March whose facts cannot be decided, set aside."""
    guides_example(cast)
    work()

    def fails(*_):
        raise ValueError

    monkeypatch.setattr(decide, "decide", fails)
    run = close.start_close(cast.practice, MARCH, by=cast.cora, at=APRIL_5)
    message = OutboxMessage.objects.get(topic="billing.close_chunk")
    for _ in range(outbox.MAX_ATTEMPTS):
        with pytest.raises(ValueError):  # noqa: PT011
            outbox.deliver(message.pk)
    monkeypatch.undo()
    return run


def reopen(client, cast, **more):
    client.force_login(cast.ade.user)
    data = {"operation_id": uuid4(), "month_name": "March 2026", "reason": "The close cannot finish.", **more}
    return client.post(reverse("billing:reopen", args=[MARCH]), data)


def test_an_administrator_ends_it_and_the_reason_stays(client, cast, stalled):
    client.force_login(cast.ade.user)
    assert "its close stopped" in client.get(reverse("billing:closed_months")).content.decode()
    page = client.get(reverse("billing:reopen", args=[MARCH])).content.decode()
    assert "Re-opening ends that close." in page
    assert reopen(client, cast).status_code == 303
    period = Period.objects.get(month=MARCH)
    stalled.refresh_from_db()
    assert (period.state, period.reason) == (PeriodState.REOPENED, "The close cannot finish.")
    assert (stalled.state, bool(stalled.finished_at)) == (RunState.FAILED, True)
    assert Notice.objects.get(cause__startswith="reopen:").text.startswith("Its close did not finish.")


def test_its_page_says_that_it_was_ended(client, cast, stalled):
    reopen(client, cast)
    client.force_login(cast.cora.user)
    text = client.get(reverse("billing:run", args=[stalled.pk])).content.decode()
    assert "This close did not finish: 0 of 2 patients were decided." in text
    assert "is closed" not in text


def test_a_chunk_that_comes_late_does_nothing(client, cast, stalled):
    reopen(client, cast)
    message = OutboxMessage.objects.get(topic="billing.close_chunk")
    assert outbox.deliver(message.pk)
    stalled.refresh_from_db()
    assert (stalled.state, stalled.done, Claim.objects.count()) == (RunState.FAILED, 0, 0)
    assert Period.objects.get(month=MARCH).state == PeriodState.REOPENED


def test_the_month_closes_again_afterwards(client, cast, stalled):
    reopen(client, cast)
    run = close_march(cast, at=APRIL_5 + timedelta(hours=1))
    assert (run.number, run.state) == (2, RunState.DONE)


def test_a_close_that_somebody_works_on_is_not_ended(client, cast):
    run = close.start_close(cast.practice, MARCH, by=cast.cora, at=APRIL_5)
    assert "March 2026" not in closed_months(client, cast)
    assert reopen(client, cast).status_code == 422
    with pytest.raises(Refused, match="March 2026 is closing, so there is nothing to re-open"):
        close.reopen(run.period, reason="Too slow.", by=cast.ade, at=APRIL_5)
    run.refresh_from_db()
    assert run.state == RunState.RUNNING
    work()


def closed_months(client, cast) -> str:
    client.force_login(cast.ade.user)
    return client.get(reverse("billing:closed_months")).content.decode()


def test_a_biller_ends_no_close(client, cast, stalled):
    client.force_login(cast.cora.user)
    data = {"operation_id": uuid4(), "month_name": "March 2026", "reason": "The close cannot finish."}
    assert client.post(reverse("billing:reopen", args=[MARCH]), data).status_code == 403
    run = client.get(reverse("billing:run", args=[stalled.pk])).content.decode()
    assert "an administrator can end it" in run
    assert reverse("billing:reopen", args=[MARCH]) not in run
    close_march(cast)


def test_time_signed_while_the_gate_was_waited_for_is_before_the_cut_off(cast):
    """The close was asked for at noon and got the gate a moment later, after a signature."""
    guides_example(cast)
    signed_at = APRIL_5 + timedelta(milliseconds=40)
    start = datetime(2026, 3, 31, 14, tzinfo=UTC)
    signed_session(cast.jane, by=cast.rosa, starts_at=start, seconds=600, at=signed_at, **CALL)
    close_march(cast)
    assert Period.objects.get(month=MARCH).cut_off_at == signed_at
    assert broken() == {}
