"""No log names a patient: not PostgreSQL's, not the application's, not that of a process which dies."""

import os
import re
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from devtools.places import local
from devtools.postgres import QUIET, Cluster
from devtools.process import wait_until
from devtools.testing import remove_run
from foundation.refusals import Refused
from patients import services
from patients.models import Enrollment, Patient
from rpmportal.error_reporting import OneLineFormatter
from tests.integration.deployment import refused

ROOT = Path(__file__).resolve().parents[3]
READY = "database system is ready to accept connections"


@pytest.fixture
def zenobia(cast):
    patient = Patient(practice=cast.practice, **refused.WHO)
    patient.save()
    return patient


def server_log() -> str:
    """What the server has written; nothing where somebody else's server is used, whose settings are asked instead."""
    path = os.environ.get("POSTGRES_LOG")
    return Path(path).read_text(errors="replace") if path else ""


def told(text: str) -> list[str]:
    return [line for line in text.splitlines() if any(secret in line for secret in refused.SECRETS)]


@pytest.mark.parametrize("name", QUIET)
def test_the_server_is_told_to_be_quiet(name, db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        assert cursor.fetchone() == (QUIET[name],), f"ALTER SYSTEM SET {name} = '{QUIET[name]}';"


@pytest.mark.parametrize("kind", refused.PROVOKED)
def test_what_the_database_refuses_is_in_no_log(kind, zenobia, settings, caplog):
    settings.ROOT_URLCONF = refused.__name__
    answer = Client(raise_request_exception=False).get(f"/provoke/{kind}/")
    written = "\n".join(OneLineFormatter().format(record) for record in caplog.records)
    assert answer.status_code in {500, 503}, "The database did not refuse it."
    assert re.search(r"\w+ at \S+:\d+", written), written
    assert told(written + answer.content.decode() + server_log()) == []


@pytest.mark.parametrize("kind", ["no number", "no date", "raised"])
def test_a_process_that_dies_of_it_does_not_say_it(kind, zenobia):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        refused.PROVOKED[kind]()
    code = (
        "import sys; from rpmportal.crashes import keep_quiet; keep_quiet(); import django.db\n"
        f"def insert(): raise getattr(django.db, {type(caught.value).__name__!r})({str(caught.value)!r})\n"
        "import threading; work = threading.Thread(target=insert); work.start(); work.join(); insert()"
    )
    assert told(str(caught.value)), "This error names nobody, so the test would prove nothing."
    died = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert died.returncode == 1
    assert died.stderr.count(f"{type(caught.value).__name__} at ") == 2, died.stderr
    assert told(died.stdout + died.stderr) == []


def test_a_missing_setting_still_names_itself():
    code = "import rpmportal; from rpmportal.environment import env; env('NO_SUCH')"
    died = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "NO_SUCH is not set" in died.stderr


def test_every_process_of_ours_dies_quietly():
    """Commands, web, worker and beat: all import the package first."""
    code = "import rpmportal, sys; sys.exit(sys.excepthook.__module__ != 'rpmportal.crashes')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0


def test_a_server_process_that_is_killed_takes_its_statement_with_it():
    """PostgreSQL writes what a killed process was running, unless it is told to be terse."""
    name = f"test-{uuid4().hex[:8]}"
    cluster, log = Cluster(name, fast=True), local() / name / "postgres.log"
    cluster.prepare()
    log.parent.mkdir(exist_ok=True)
    try:
        with open(log, "wb") as out:
            cluster.start(stdout=out, stderr=out)
        wait_until(cluster.ready, seconds=60, what="PostgreSQL did not answer")
        run_and_kill(cluster, f"SELECT pg_sleep(60), '{refused.FAMILY}'")
        wait_until(lambda: "signal 9" in log.read_text(), seconds=20, what="the death was not logged")
        # Told to stop while it recovers, it went on for the 20 seconds after which it is killed.
        wait_until(lambda: log.read_text().count(READY) == 2, seconds=20, what="the server did not recover")
        assert told(log.read_text()) == []
    finally:
        cluster.stop()
        remove_run(name, [cluster])


def run_and_kill(cluster: Cluster, statement: str) -> None:
    with psycopg.connect(cluster.url("rpm_owner")) as one, one.cursor() as cursor:
        pid = one.info.backend_pid
        busy = threading.Thread(target=ends_badly, args=(cursor, statement))
        busy.start()
        with psycopg.connect(cluster.url("rpm_owner"), autocommit=True) as other:
            running = "SELECT query LIKE %s FROM pg_stat_activity WHERE pid = %s"
            wait_until(
                lambda: other.execute(running, [statement[:12] + "%", pid]).fetchone()[0],
                seconds=20,
                what="not run",
            )
            os.kill(pid, signal.SIGKILL)
            busy.join()


def ends_badly(cursor, statement: str) -> None:
    with pytest.raises(psycopg.OperationalError):
        cursor.execute(statement)


def test_our_triggers_raise_ids_only(db):
    """What a trigger says goes to whoever asked, and into logs: names of tables and ids."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        sources = dict(cursor.fetchall())
    said = [
        (name, argument.strip())
        for name, source in sources.items()
        for arguments in re.findall(r"RAISE\s+\w+\s+'[^']*'([^;]*?)(?:USING|;)", source)
        for argument in arguments.split(",")
        if argument.strip()
    ]
    assert len(said) >= 10
    strange = [
        (n, a) for n, a in said if not re.fullmatch(r"TG_TABLE_NAME|((OLD|NEW)\.id|((OLD|NEW)\.)?\w+_id)", a)
    ]
    assert strange == []


# ------------------------------------------------------------------------------------- asked before inserting


def inserts(queries) -> list[str]:
    return [q["sql"] for q in queries if q["sql"].startswith('INSERT INTO "patients_')]


def test_a_second_patient_with_one_mrn_is_refused_before_it_is_tried(zenobia, cast):
    twin = Patient(practice=cast.practice, **{**refused.WHO, "given_name": "Ursula"})
    with (
        CaptureQueriesContext(connection) as asked,
        pytest.raises(Refused, match="belongs to another patient"),
    ):
        services.save_unless_taken(twin, "This MRN belongs to another patient", field="mrn")
    assert inserts(asked.captured_queries) == []


def test_a_second_enrollment_of_the_same_days_too(cast):
    """An exclusion constraint is asked as well; days that only touch are no clash."""
    first = cast.jane_enrolled
    twin = Enrollment(practice=cast.practice, patient=cast.jane, started_on=first.started_on)
    with CaptureQueriesContext(connection) as asked, pytest.raises(Refused, match="already enrolled"):
        services.save_unless_taken(twin, "This patient is already enrolled on that day", field="started_on")
    assert inserts(asked.captured_queries) == []
    before = {
        "started_on": first.started_on - timedelta(days=9),
        "ended_on": first.started_on,
        "end_reason": "moved away",
    }
    earlier = Enrollment(practice=cast.practice, patient=cast.jane, **before)
    services.save_unless_taken(earlier, "This patient is already enrolled on that day", field="started_on")
    assert earlier.pk


def test_of_two_at_the_same_moment_the_constraint_refuses_one(zenobia, cast, monkeypatch):
    """Nobody was there yet when both asked."""
    monkeypatch.setattr(services, "_taken", lambda row: False)
    twin = Patient(practice=cast.practice, **refused.WHO)
    with pytest.raises(Refused, match="belongs to another patient"):
        services.save_unless_taken(twin, "This MRN belongs to another patient", field="mrn")
    assert told(server_log()) == []
