"""The broker is stopped, flushed and started again empty, again and again: no alert is lost, and none is late."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from billing.models import ThresholdAlert
from dispatch.models import OutboxMessage
from tests import factories
from tests.cast import make_cast
from tests.faults.processes import Process, wait_until
from tests.faults.servers import WORKER, own_broker
from tests.faults.trials import trials
from tests.integration.timelogs.notes import CALL, signed_session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]
WITHIN = timedelta(seconds=120)
FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def broker():
    """With a relay and a worker that know no other."""
    with own_broker() as found:
        env = {"REDIS_URL": found.redis.url()}
        commands = (("manage", "relay", "--idle", "0.2"), ("celery", "-A", "rpmportal", "worker", *WORKER))
        processes = [Process(*command, **env).start() for command in commands]
        yield found
        for process in processes:
            process.kill()
            print(process.said())


def signs(cast, number: int) -> datetime:
    """A patient's eleven minutes, signed now; when that was."""
    patient = factories.patient(
        cast.practice, "Cycle", f"P{number}", mrn=f"C-{number}", born_on=factories.LONG_AGO
    )
    factories.enrollment(patient, clinician=cast.ana, taken_by=cast.rosa)
    at = FIRST + number * timedelta(minutes=30)
    signed_session(patient, by=cast.rosa, starts_at=at, seconds=660, **CALL)
    return timezone.now()


def test_after_fifty_losses_of_the_broker_all_alerts_are_there_within_two_minutes(broker):
    """Signed while it is away, just before it is flushed, and just before it is stopped, in turns."""
    cast, signed = make_cast(), {}
    for number in range(trials(50)):
        if number % 3 == 0:
            broker.stop()
            signed[f"C-{number}"] = signs(cast, number)
            broker.start_empty()
        elif number % 3 == 1:
            signed[f"C-{number}"] = signs(cast, number)
            broker.flush()
        else:
            signed[f"C-{number}"] = signs(cast, number)
            broker.stop()
            broker.start_empty()
    alerts = ThresholdAlert.objects.filter(minutes=10, kind="reached")
    wait_until(lambda: alerts.count() == len(signed), f"of {len(signed)} alerts some are missing")
    for mrn, raised_at in alerts.values_list("patient_month__patient__mrn", "raised_at"):
        assert raised_at - signed[mrn] < WITHIN, mrn
    # A message that waited when the broker was lost is rung for again within the same time.
    wait_until(lambda: not OutboxMessage.objects.filter(done_at=None).exists(), "messages were left")
    assert alerts.count() == len(signed)
