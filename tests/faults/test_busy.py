"""A lock that somebody holds: everybody else gets an answer in time, and afterwards everything goes on."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from urllib.request import urlopen

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from devtools.ports import free_port
from tests.cast import make_cast
from tests.faults.forms import FormReader, cookie_of, send
from tests.faults.people import nurse, somebody
from tests.faults.processes import Process, database_url, wait_until
from tests.integration.timelogs.notes import CALL
from timelogs.models import Status, TimeEntry
from timelogs.note import drafts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]
SIGNERS, LOCK_SECONDS = 9, 5


@contextmanager
def held(sql: str, *, owner: bool = False):
    """Somebody holds what `sql` locks, in a transaction of their own."""
    with psycopg.connect(database_url(owner=owner)) as other:
        other.execute(sql)
        yield
        other.rollback()


@pytest.fixture
def server():
    """The address of a web server whose requests wait for a lock no longer than LOCK_SECONDS."""
    port = free_port()
    web = Process(
        *("gunicorn", "rpmportal.wsgi", "-c", "deploy/gunicorn.conf.py", "-b", f"127.0.0.1:{port}"),
        LOCK_SECONDS=str(LOCK_SECONDS),
    ).start()
    address = f"http://localhost:{port}"
    wait_until(lambda: alive(address), "the web server did not start")
    yield address
    web.kill()


def alive(address: str) -> bool:
    try:
        return urlopen(f"{address}/healthz", timeout=5).status == 200
    except OSError:
        return False


def noted(cast, number: int) -> TimeEntry:
    """A draft of a nurse and a patient of its own, ready to be signed."""
    member, patient = nurse(cast, f"N{number}"), somebody(cast, f"P{number}")
    at = timezone.now()
    entry = drafts.log_past(
        patient, starts_at=at - timedelta(minutes=11), seconds=660, reason="Logged later.", by=member, at=at
    )
    drafts.save_draft(entry, note=CALL | {"contact_seconds": 20}, version=None, by=member, at=at)
    return entry


class Signer:
    """A nurse before the page of her draft, who presses *Sign and finish*."""

    def __init__(self, address: str, entry: TimeEntry):
        page = f"{address}/sessions/{entry.pk}/"
        session = cookie_of(entry.author.user)
        _, _, text = send(page, session)
        self.form, self.url = FormReader.values(text), f"{page}sign/"
        self.cookie = f"{session}; {settings.CSRF_COOKIE_NAME}={self.form['csrfmiddlewaretoken']}"

    def signs(self) -> tuple[int, float]:
        """The status, and the seconds that it took. A busy page's form is what she sends the next time."""
        began = time.monotonic()
        status, _, text = send(self.url, self.cookie, self.form)
        took = time.monotonic() - began
        if status == 503:
            self.form = FormReader.values(text, "send-again")
        return status, took


def test_nine_signers_behind_one_lock_are_told_to_try_again_and_the_site_lives(server):
    cast = make_cast()
    signers = [Signer(server, noted(cast, number)) for number in range(SIGNERS)]
    with held("SELECT 1 FROM timelogs_timeentry FOR UPDATE", owner=True), ThreadPoolExecutor(SIGNERS) as pool:
        answers = [pool.submit(signer.signs) for signer in signers]
        wait_until(lambda: waiting_for_locks() == SIGNERS, "they did not all come to wait")
        assert alive(server)
        assert waiting_for_locks() == SIGNERS, "It lives while they wait, not once they have given up."
        told = [each.result() for each in answers]
    assert [status for status, _ in told] == [503] * SIGNERS
    assert max(took for _, took in told) < LOCK_SECONDS + 15
    assert TimeEntry.objects.filter(status=Status.DRAFT).count() == SIGNERS
    assert [signer.signs()[0] for signer in signers] == [303] * SIGNERS
    assert TimeEntry.objects.filter(status=Status.SIGNED).count() == SIGNERS


def waiting_for_locks() -> int:
    return connection_asks("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")


def connection_asks(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_migrate_gives_up_a_lock_soon_and_tries_again():
    owner = {"DB_ROLE": "owner", "DATABASE_OWNER_URL": database_url(owner=True)}
    migrate = Process("manage", "migrate", LOCK_SECONDS="1", **owner)
    try:
        with held("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE", owner=True):
            migrate.start()
            wait_until(lambda: "try 2 of" in migrate.said(), "it did not try again")
        wait_until(lambda: not migrate.alive(), "it did not end")
        assert migrate.child.returncode == 0, migrate.said()
        assert "No migrations to apply" in migrate.said()
    finally:
        migrate.kill()
