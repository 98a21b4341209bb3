"""Closing a month: the gate first, in a transaction of its own, then the decisions in chunks that survive a crash."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max
from django.urls import reverse

from accounts.models import Membership
from billing import alerts
from billing.alert_recipients import billers
from billing.close.policies import why_not_close, why_not_reopen
from billing.close.runs import TOPIC, latest_run, running, stalled
from billing.decisions.decide import decide_patients
from billing.facts.gather import patients_of
from billing.models import Claim, ClaimState, CloseRun, RunState
from dispatch import notices, outbox
from foundation.context import because
from foundation.refusals import refuse_if
from foundation.tracked import lock
from patients.models import Patient
from timelogs.locks import take_gate
from timelogs.models import CountedInterval, Period, PeriodState

CHUNK = 100
# The states that a close's result is told by, in this order.
TOLD = (ClaimState.READY, ClaimState.ATTENTION, ClaimState.ON_HOLD, ClaimState.APPROVED, ClaimState.NOTHING)


@transaction.atomic
def start_close(practice, month: date, *, by: Membership | None, at: datetime) -> CloseRun:
    """Shut the gate with a cut-off and ask for the decisions. `by` is None when the schedule closes.

    A month that is closing already: its run is joined. A closed month: its last run, and nothing changes.
    """
    refuse_if(why_not_close(practice, month, at=at), field="month")
    period = take_gate(practice, month)
    if period.state == PeriodState.CLOSED:
        return latest_run(period)
    if period.state == PeriodState.CLOSING:
        return _join(period)
    period.state, period.cut_off_at = PeriodState.CLOSING, _cut_off(period, at)
    with because(f"Close of {month:%B %Y}" + ("" if by else ", by schedule")):
        period.save()
        run = CloseRun(
            practice=practice,
            period=period,
            number=period.runs.count() + 1,
            total=patients_of(practice, month).count(),
            started_at=at,
        )
        run.save()
    outbox.send(practice, TOPIC, run=str(run.pk))
    return run


def _cut_off(period: Period, at: datetime) -> datetime:
    """The moment asked for, or that of time signed while the gate was waited for. Asked under the gate."""
    counted = CountedInterval.objects.filter(
        practice=period.practice_id, patient_month__month=period.month, standing=True
    )
    latest = counted.aggregate(signed=Max("entry__signed_at"), stood=Max("stood_from"))
    return max([at, *filter(None, latest.values())])


def _join(period: Period) -> CloseRun:
    """The run under way. If its work was set aside after too many failures, it is asked for again."""
    run = running(period)
    if stalled(run):
        outbox.send(run.practice, TOPIC, run=str(run.pk))
    return run


@transaction.atomic
def work_chunk(practice, run_id: UUID, *, at: datetime) -> None:
    """Decide the next patients by id, note how far it is, and ask for the next chunk: all or nothing.

    The outbox's own transaction holds it too. A chunk that comes twice finds its patients decided and goes on.
    """
    run = lock(CloseRun.objects.for_practice(practice).get(pk=run_id))
    if run.state != RunState.RUNNING:
        return
    ids = _next_patients(run)
    if ids:
        _hold_patients(ids)
        run.sent_back += decide_patients(run, ids, at=at)
        alerts.settle(practice, run.period.month, ids, at=at)
        run.done, run.last_patient_id = run.done + len(ids), ids[-1]
    if len(ids) < CHUNK:
        _finish(run, at=at)
    else:
        run.save()
        outbox.send(run.practice, TOPIC, run=str(run.pk))


def _hold_patients(ids: list[UUID]) -> None:
    """Two months of one patient are decided one after the other: each must see what the other billed."""
    list(Patient.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _next_patients(run: CloseRun) -> list[UUID]:
    rows = patients_of(run.practice, run.period.month)
    if run.last_patient_id is not None:
        rows = rows.filter(pk__gt=run.last_patient_id)
    return list(rows.values_list("pk", flat=True)[:CHUNK])


def _finish(run: CloseRun, *, at: datetime) -> None:
    period = take_gate(run.practice, run.period.month)
    period.state = PeriodState.CLOSED
    with because(f"Close of {period.month:%B %Y}"):
        period.save()
        run.state, run.finished_at, run.total = RunState.DONE, at, run.done
        run.save()
    notices.notify(
        run.practice,
        billers(run.practice, on=run.practice.today(at)),
        kind="close",
        cause=f"close:{run.pk}",
        text=result_in_words(run),
        url=reverse("month_board", args=[period.month]),
    )


def result_in_words(run: CloseRun) -> str:
    """`March 2026 is closed: 84 ready to review, 13 need attention, 6 nothing to bill.`"""
    rows = Claim.objects.for_practice(run.practice).filter(period=run.period).values_list("state")
    counts = dict(rows.annotate(n=Count("pk")).order_by())
    said = ", ".join(f"{counts[state]} {_said(state, counts[state])}" for state in TOLD if counts.get(state))
    back = f" {run.sent_back} approved went back to review." if run.sent_back else ""
    return f"{run.period.month:%B %Y} is closed: {said or 'no patients'}.{back}"


def _said(state: ClaimState, count: int) -> str:
    return "need attention" if state == ClaimState.ATTENTION and count > 1 else state.label.lower()


@transaction.atomic
def reopen(period: Period, *, reason: str, by: Membership, at: datetime) -> Period:
    """Let time be written in a closed month again. Its claims are decided anew when it closes.

    A close that stalled is ended by it: what it decided so far stays, and a chunk that comes late finds it failed.
    """
    # The run before the gate, as a chunk takes them: one rung at last is waited for, and may finish the close.
    run = running(period)
    if run is not None:
        run = lock(run)
    period = take_gate(period.practice, period.month)
    refuse_if(why_not_reopen(period))
    ended = run is not None and run.state == RunState.RUNNING
    period.state, period.reason, period.cut_off_at = PeriodState.REOPENED, reason.strip(), None
    with because(reason):
        if ended:
            run.state, run.finished_at = RunState.FAILED, at
            run.save()
        period.save()
    alerts.ask_for_reopened(period)
    notices.notify(
        period.practice,
        billers(period.practice, on=period.practice.today(at)),
        kind="close",
        cause=f"reopen:{period.pk}:{period.version}",
        text=_reopened_in_words(period, by=by, ended=ended),
        url=reverse("month_board", args=[period.month]),
    )
    return period


def _reopened_in_words(period: Period, *, by: Membership, ended: bool) -> str:
    unfinished = "Its close did not finish. " if ended else ""
    return f"{unfinished}{period.month:%B %Y} was re-opened by {by.label}: {period.reason}"
