"""What operations and administrators see: metrics, signs of life, the nightly check, a database that is full."""

import os
import resource
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from accounts.permissions import Role
from audit.models import InvariantRun
from dispatch import checks, pulse
from dispatch.models import Notice, OutboxMessage, Pulse
from dispatch.tasks import pulse as pulse_task
from rpmportal import health
from rpmportal.celery import app
from tests import factories
from tests.faults.processes import database_url

TOKEN = "only-operations-know"
LOG_FILE = 16 * 1024 * 1024
NIGHT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def asks(client, token: str = TOKEN):
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def open_metrics(settings):
    settings.METRICS_TOKEN = TOKEN


@pytest.mark.parametrize("token", ["", "wrong", "only-operations-kno"])
def test_metrics_are_not_there_without_the_token(db, client, open_metrics, token):
    assert asks(client, token).status_code == 404


def test_metrics_are_not_there_where_no_token_is_set(db, client, settings):
    settings.METRICS_TOKEN = ""
    assert asks(client, "").status_code == 404


def test_a_person_of_the_practice_gets_no_metrics(cast, client, open_metrics):
    client.force_login(cast.ade.user)
    assert client.get("/metrics").status_code == 404


def test_metrics_tell_the_age_of_the_outbox_and_of_each_sign_of_life_and_no_address(
    cast, client, open_metrics
):
    now = timezone.now()
    message = OutboxMessage.objects.create(
        practice=cast.practice, topic="x", body={}, request_id=uuid4(), actor_label="test"
    )
    OutboxMessage.objects.filter(pk=message.pk).update(created_at=now - timedelta(minutes=10))
    pulse.note("beat", at=now - timedelta(seconds=200))
    client.force_login(cast.rosa.user)
    client.get(f"/patients/{cast.jane.pk}/")
    text = asks(client).content.decode()
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(figures["rpm_outbox_waiting"]) == 1
    assert 600 <= float(figures["rpm_outbox_oldest_seconds"]) < 660
    assert 200 <= float(figures['rpm_silent_seconds{process="beat"}']) < 260
    assert any('view="chart"' in name and name.startswith("rpm_request_seconds_count") for name in figures)
    assert str(cast.jane.pk) not in text
    assert "DOE" not in text


def test_a_made_up_method_makes_no_series_of_its_own(db, client, open_metrics):
    client.generic("WHATEVER-1", "/healthy")
    text = asks(client).content.decode()
    assert "WHATEVER" not in text
    assert 'method="other"' in text


def test_where_the_database_does_not_answer_the_request_times_still_come(
    transactional_db, client, open_metrics
):
    with psycopg.connect(database_url(owner=True)) as other, connection.cursor() as cursor:
        other.execute("LOCK TABLE dispatch_outboxmessage IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SET lock_timeout = '100ms'")
        text = asks(client).content.decode()
        other.rollback()
    assert "rpm_database_answers 0.0" in text
    assert "rpm_request_seconds" in text
    assert "rpm_outbox" not in text
    assert "rpm_database_answers 1.0" in asks(client).content.decode()


def test_workers_that_were_replaced_are_forgotten_and_beat_never_is(db):
    for name in ("worker a", "worker b", "beat", pulse.READY):
        pulse.note(name, at=NIGHT)
    pulse.note("worker b", at=NIGHT + timedelta(seconds=1))
    assert set(pulse.ages(at=NIGHT + timedelta(days=1, seconds=1))) == {"worker b", "beat"}


def test_a_database_that_takes_nothing_in_is_not_ready(transactional_db, client):
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        answer = client.get("/readyz")
        cursor.execute("SET default_transaction_read_only = off")
    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "database": True,
        "migrations": True,
        "broker": True,
        "disk": True,
        "write": False,
    }


def set_longest_file(server: int, size: int) -> None:
    """From a process of the server's own account: even root may not change another's limits everywhere."""
    owner = os.stat(f"/proc/{server}")
    if child := os.fork():
        assert os.waitpid(child, 0)[1] == 0
        return
    try:
        if os.geteuid() == 0:
            os.setgid(owner.st_gid)
            os.setuid(owner.st_uid)
        resource.prlimit(server, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        os._exit(0)
    finally:
        os._exit(1)


def test_a_disk_that_has_no_more_space_is_not_ready(transactional_db, client, monkeypatch):
    """The system refuses the server's process a longer file, as a full disk does.

    The limit lies above the 16 MB of the server's own log, which it must be able to write or it stops; so what is asked
    for must be more.
    """
    monkeypatch.setattr(health, "SPILLED", 2_000_000)
    connection.ensure_connection()
    server = connection.connection.info.backend_pid
    set_longest_file(server, LOG_FILE + 1)
    try:
        answer = client.get("/readyz")
    finally:
        set_longest_file(server, resource.RLIM_INFINITY)
    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "database": True,
        "migrations": True,
        "broker": True,
        "disk": False,
        "write": True,
    }
    assert client.get("/readyz").status_code == 200


def test_a_sign_of_life_counts_when_a_worker_has_taken_it(db):
    with pytest.raises(CommandError, match="Nothing was heard of the beat"):
        call_command("alive", "beat")
    pulse_task("beat")
    for process in ("beat", "worker"):
        call_command("alive", process)
    with pytest.raises(CommandError, match="relay"):
        call_command("alive", "relay")


@pytest.mark.parametrize(("seconds", "alive"), [(119, True), (120, False), (121, False)])
def test_after_two_minutes_without_one_a_process_is_taken_for_dead(db, seconds, alive):
    pulse.note("relay", at=NIGHT)
    assert pulse.is_alive("relay", at=NIGHT + timedelta(seconds=seconds)) is alive
    assert Pulse.objects.count() == 1


def test_beat_asks_for_signs_of_life_and_for_the_nightly_check():
    tasks = {entry["task"]: entry for entry in app.conf.beat_schedule.values()}
    assert tasks["dispatch.tasks.pulse"]["schedule"] * 2 < pulse.DEAD_AFTER.total_seconds()
    assert tasks["dispatch.tasks.check_invariants"]["schedule"].minute == {0, 30}


def test_the_nightly_check_is_a_row_and_is_done_once(cast):
    run = checks.check_nightly(at=NIGHT)
    assert (run.broken, run.started_at) == ({}, NIGHT)
    assert run.checked > 90
    assert checks.check_nightly(at=NIGHT + timedelta(hours=1)) is None
    assert checks.check_nightly(at=NIGHT + timedelta(hours=24, seconds=-1)) is None
    assert checks.check_nightly(at=NIGHT + timedelta(hours=24)) is not None
    assert not Notice.objects.exists()


def test_a_nightly_check_that_the_database_had_no_time_for_is_done_with_the_next_message(cast):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '1ms'")
        with pytest.raises(OperationalError):
            checks.check_nightly(at=NIGHT)
        cursor.execute("SET LOCAL statement_timeout = 0")
    assert checks.check_nightly(at=NIGHT + timedelta(minutes=30)) is not None


@pytest.mark.breaks_invariants
def test_administrators_of_every_practice_are_told_once_and_without_detail(cast, client):
    away = factories.membership(cast.elsewhere, "Adi", Role.ADMINISTRATOR, "", email="adi@example.test")
    message = OutboxMessage.objects.create(
        practice=cast.practice, topic="x", body={}, request_id=uuid4(), actor_label="test"
    )
    OutboxMessage.objects.filter(pk=message.pk).update(created_at=timezone.now() - timedelta(hours=1))
    run = checks.check(at=timezone.now())
    assert run.broken == {"outbox-drained": [str(message.pk)]}
    told = Notice.objects.filter(kind="invariants")
    assert set(told.values_list("recipient", flat=True)) == {cast.ade.user_id, away.user_id}
    assert {notice.text for notice in told} == {"The nightly check found 1 rule of the records broken."}
    client.force_login(cast.ade.user)
    page = client.get("/status/").content.decode()
    assert "outbox-drained" in page
    assert "Found something" in page


def test_the_status_page_says_what_is_silent_and_what_was_missed(cast, client):
    client.force_login(cast.ade.user)
    page = client.get("/status/").content.decode()
    assert page.count("Silent") == 2
    assert "Overdue" in page
    pulse.note("beat", at=timezone.now())
    pulse.note("relay", at=timezone.now())
    checks.check(at=timezone.now())
    page = client.get("/status/").content.decode()
    assert "Silent" not in page
    assert "Overdue" not in page
    assert "All sound" in page


def test_a_run_of_the_check_is_never_changed(cast):
    run = checks.check(at=NIGHT)
    with pytest.raises(DatabaseError), transaction.atomic():
        InvariantRun.objects.filter(pk=run.pk).update(checked=0)
