"""SIGKILL at the worst moments, real processes: no alert lost, none doubled."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from billing.models import ThresholdAlert
from devtools.ports import free_port
from dispatch import outbox
from dispatch.models import Notice, Operation, OutboxMessage
from tests import factories
from tests.cast import make_cast
from tests.faults.forms import FormReader, cookie_of, send
from tests.faults.processes import Process, empty_broker, wait_until
from tests.faults.trials import trials
from tests.integration.timelogs.notes import CALL, signed_session
from timelogs.models import Status, TimeEntry
from timelogs.note import drafts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]
STEP = timedelta(minutes=30)
# Of each kind of process: together more than two hundred.
KILLS = 70


@pytest.fixture
def stage(tmp_path):
    """The cast, a worker that works, and patients made as needed."""
    processes: list[Process] = []

    def start(*command, **env):
        processes.append(Process(*command, DIE_FILE=str(tmp_path / "die"), **env).start())
        return processes[-1]

    empty_broker()
    cast = make_cast()
    yield cast, start, tmp_path / "die"
    for process in processes:
        process.kill()
        print(process.said())


WORKER = (
    "celery",
    "-A",
    "tests.faults.dying_worker:app",
    "worker",
    "-c",
    "1",
    "-Q",
    "interactive",
    "--without-gossip",
    "--without-mingle",
    "-l",
    "ERROR",
)


def somebody(cast, number: int):
    patient = factories.patient(
        cast.practice, "Kill", f"P{number}", mrn=f"K-{number}", born_on=factories.LONG_AGO
    )
    factories.enrollment(patient, clinician=cast.ana, taken_by=cast.rosa)
    return patient


def all_done() -> bool:
    return not OutboxMessage.objects.filter(done_at=None).exists()


def assert_once(cast, patient) -> None:
    """One alert at 10 minutes, none lost and none doubled, and one line in the biller's inbox."""
    alerts = ThresholdAlert.objects.filter(patient_month__patient=patient)
    assert [a.minutes for a in alerts] == [10]
    causes = [f"threshold:{alert.pk}" for alert in alerts]
    assert Notice.objects.filter(recipient=cast.cora.user, cause__in=causes).count() == 1


def test_a_relay_killed_between_publish_and_mark_loses_and_doubles_nothing(stage):
    cast, start, _ = stage
    start(*WORKER)
    for number in range(trials(KILLS, part=14)):
        patient = somebody(cast, number)
        signed_session(
            patient,
            by=cast.rosa,
            starts_at=datetime(2026, 3, 2, 9, tzinfo=UTC) + number * STEP,
            seconds=660,
            **CALL,
        )
        start("tests.faults.dying_relay").wait_dead()
        steady = start("manage", "relay", "--idle", "0.2")
        wait_until(all_done, "the outbox was not drained")
        steady.kill()
        assert_once(cast, patient)


def test_a_worker_killed_before_its_acknowledgement_loses_and_doubles_nothing(stage):
    cast, start, die = stage
    start("manage", "relay", "--idle", "0.2")
    for number in range(trials(KILLS, part=14)):
        die.touch()
        worker = start(*WORKER)
        patient = somebody(cast, number)
        signed_session(
            patient,
            by=cast.rosa,
            starts_at=datetime(2026, 3, 2, 9, tzinfo=UTC) + number * STEP,
            seconds=660,
            **CALL,
        )
        worker.wait_dead()
        second = start(*WORKER)
        other = somebody(cast, 1000 + number)
        signed_session(
            other,
            by=cast.luis,
            starts_at=datetime(2026, 3, 2, 9, tzinfo=UTC) + number * STEP,
            seconds=660,
            **CALL,
        )
        wait_until(all_done, "the outbox was not drained")
        time.sleep(2.5)  # the unacknowledged message comes back after two seconds
        second.kill()
        assert_once(cast, patient)
        assert_once(cast, other)


def test_a_web_process_killed_right_after_its_commit_loses_and_doubles_nothing(stage):
    cast, start, _ = stage
    port = free_port()
    base = f"http://localhost:{port}"
    start(
        "gunicorn",
        "tests.faults.dying_web:application",
        "-b",
        f"127.0.0.1:{port}",
        "-w",
        "1",
        "--no-control-socket",
        ALLOWED_HOSTS="localhost",
    )
    start(*WORKER)
    start("manage", "relay", "--idle", "0.2")
    session = cookie_of(cast.rosa.user)
    wait_until(lambda: send(f"{base}/healthz", session) is not None, "the web process did not start")
    at = timezone.now()
    for number in range(trials(KILLS, part=14)):
        patient = somebody(cast, number)
        at -= timedelta(seconds=661)
        entry = drafts.log_past(
            patient, starts_at=at, seconds=660, reason="Logged later.", by=cast.rosa, at=timezone.now()
        )
        drafts.save_draft(
            entry, note=CALL | {"contact_seconds": 20}, version=None, by=cast.rosa, at=timezone.now()
        )
        status, _, page = send(f"{base}/sessions/{entry.pk}/", session)
        assert status == 200
        body = FormReader.values(page)
        cookie = f"{session}; {settings.CSRF_COOKIE_NAME}={body['csrfmiddlewaretoken']}"
        assert send(f"{base}/sessions/{entry.pk}/sign/", cookie, body, die=True) is None
        wait_until(lambda: send(f"{base}/healthz", session) is not None, "the web process did not come back")
        status, _, page = send(f"{base}/sessions/{entry.pk}/sign/", cookie, body)
        assert status in {302, 303}, page
        assert TimeEntry.objects.get(pk=entry.pk).status == Status.SIGNED
        assert Operation.objects.filter(operation_id=body["operation_id"]).count() == 1
        wait_until(all_done, "the outbox was not drained")
        assert_once(cast, patient)


def test_ringing_again_waits_for_the_lease():
    cast = make_cast()
    signed_session(
        cast.jane, by=cast.rosa, starts_at=datetime(2026, 3, 2, 9, tzinfo=UTC), seconds=660, **CALL
    )
    rung: list[int] = []
    now = timezone.now()
    assert outbox.relay_once(lambda i, t: rung.append(i), at=now) == 1
    assert outbox.relay_once(lambda i, t: rung.append(i), at=now + outbox.RING_AGAIN) == 0
    assert (
        outbox.relay_once(lambda i, t: rung.append(i), at=now + outbox.RING_AGAIN + timedelta(seconds=1)) == 1
    )
    assert rung[0] == rung[1]
