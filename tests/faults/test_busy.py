"""A lock that somebody holds: everybody else gets an answer in time, and afterwards everything goes on."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from dispatch.models import OutboxMessage
from tests.cast import make_cast
from tests.faults.people import nurse, somebody
from tests.faults.processes import Process, database_url, free_port, wait_until
from timelogs.clock.acts import start_session
from timelogs.models import Status, TimeEntry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]
SIGNERS, LOCK_SECONDS = 9, 2


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
        *("gunicorn", "rpmportal.wsgi", "-k", "gthread", "-w", "2", "--threads", "8", "--no-control-socket"),
        *("-b", f"127.0.0.1:{port}"),
        LOCK_SECONDS=str(LOCK_SECONDS),
    ).start()
    address = f"http://localhost:{port}"
    wait_until(lambda: alive(address), 60, "the web server did not start")
    yield address
    web.kill()


def alive(address: str) -> bool:
    try:
        return urlopen(f"{address}/healthz", timeout=5).status == 200
    except OSError:
        return False


def at_her_page(member, entry: TimeEntry) -> Client:
    client = Client()
    client.force_login(member.user)
    client.get(f"/sessions/{entry.pk}/")
    return client


def signs(address: str, client: Client, entry: TimeEntry) -> tuple[int, str]:
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    body = f"csrfmiddlewaretoken={token}&operation_id={uuid4()}&version={entry.version}&said=She+is+well"
    request = Request(f"{address}/sessions/{entry.pk}/sign/", body.encode(), {"Cookie": cookies})
    try:
        with urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_nine_signers_behind_one_lock_are_told_to_try_again_and_the_site_lives(server):
    cast = make_cast()
    nurses = [nurse(cast, f"N{number}") for number in range(SIGNERS)]
    drafts = [
        start_session(somebody(cast, f"P{number}"), by=member, at=timezone.now())
        for number, member in enumerate(nurses)
    ]
    clients = [at_her_page(*each) for each in zip(nurses, drafts, strict=True)]
    with held("SELECT 1 FROM timelogs_timeentry FOR UPDATE"), ThreadPoolExecutor(SIGNERS) as pool:
        began = time.monotonic()
        answers = [pool.submit(signs, server, *each) for each in zip(clients, drafts, strict=True)]
        assert alive(server)
        told = [each.result() for each in answers]
    assert [status for status, _ in told] == [503] * SIGNERS
    assert all("Nothing is lost. Try again" in page and "She is well" in page for _, page in told)
    assert time.monotonic() - began < 20
    assert TimeEntry.objects.filter(status=Status.DRAFT).count() == SIGNERS
    status, page = signs(server, clients[0], drafts[0])
    assert status == 422, page
    assert "She is well" in page


def test_a_relay_whose_connections_are_cut_waits_and_comes_back_with_one_line():
    cast = make_cast()
    relay = Process("manage", "relay", "--idle", "0.2").start()
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(database_url(owner=True), autocommit=True) as owner:
        connection.close()

        def connected() -> bool:
            return owner.execute(f"SELECT count(*) {others}").fetchone()[0] > 0

        try:
            wait_until(connected, 30, "the relay did not listen")
            owner.execute(f"SELECT pg_terminate_backend(pid) {others}")
            OutboxMessage.objects.create(
                practice=cast.practice, topic="x", body={}, request_id=uuid4(), actor_label="test"
            )
            wait_until(
                lambda: OutboxMessage.objects.exclude(published_at=None).exists(),
                30,
                "the relay did not come back",
            )
            assert relay.alive()
            assert relay.said().count("Relay waits") == 1, relay.said()
            assert "Relay goes on" in relay.said()
        finally:
            relay.kill()


def test_migrate_gives_up_a_lock_soon_and_tries_again():
    owner = {"DB_ROLE": "owner", "DATABASE_OWNER_URL": database_url(owner=True)}
    migrate = Process("manage", "migrate", LOCK_SECONDS="1", **owner)
    try:
        with held("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE", owner=True):
            migrate.start()
            wait_until(lambda: "try 2 of" in migrate.said(), 60, "it did not try again")
        wait_until(lambda: not migrate.alive(), 60, "it did not end")
        assert migrate.child.returncode == 0, migrate.said()
        assert "No migrations to apply" in migrate.said()
    finally:
        migrate.kill()
