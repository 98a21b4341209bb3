"""How a close is getting on, by its rows: the run, and the chunks asked for and not done."""

from billing.models import CloseRun, RunState
from dispatch.models import OutboxMessage
from timelogs.models import Period

TOPIC = "billing.close_chunk"


def latest_run(period: Period) -> CloseRun | None:
    return period.runs.order_by("-number").first()


def running(period: Period) -> CloseRun | None:
    return period.runs.filter(state=RunState.RUNNING).first()


def waiting_messages(run: CloseRun):
    """Chunks asked for, not done and not set aside."""
    return OutboxMessage.objects.filter(
        practice=run.practice_id, topic=TOPIC, body={"run": str(run.pk)}, done_at=None, failed_at=None
    ).order_by("id")


def stalled(run: CloseRun) -> bool:
    """Whether a running close has nobody at work on it any more."""
    return run.state == RunState.RUNNING and not waiting_messages(run).exists()
