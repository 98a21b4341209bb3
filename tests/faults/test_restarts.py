"""PostgreSQL or Redis is started again under everything that runs: each waits, and comes back by itself."""

from uuid import uuid4

import pytest

from tests.faults.processes import wait_until
from tests.faults.servers import WORKER, Servers, own_servers

pytestmark = pytest.mark.kill
AWAY = 3
SEND = """
    INSERT INTO dispatch_outboxmessage
        (practice_id, topic, body, request_id, actor_label, created_at, attempts, last_error)
    VALUES (%s, 'x', '{}', %s, 'test', now(), 0, '') RETURNING id
"""


@pytest.fixture(scope="module")
def migrated():
    with own_servers() as made:
        yield made


@pytest.fixture
def servers(migrated):
    """Without the processes of the test before."""
    yield migrated
    migrated.end_processes()


@pytest.fixture
def relay(servers):
    return servers.process("manage", "relay", "--idle", "0.2")


@pytest.fixture
def worker(servers):
    return servers.process("celery", "-A", "rpmportal", "worker", *WORKER)


def rings(servers: Servers) -> None:
    """A message that is asked for is rung."""
    message = servers.ask(SEND, uuid4(), uuid4())
    asked = "SELECT published_at IS NOT NULL FROM dispatch_outboxmessage WHERE id = %s"
    wait_until(lambda: servers.ask(asked, message), "the relay did not ring")


def works(servers: Servers) -> None:
    """The worker takes what comes over the broker and writes it into the database."""
    name = f"asked {uuid4()}"
    servers.ring(name)
    wait_until(lambda: servers.heard_of(name), "the worker did not work")


def test_after_a_restart_of_the_database_relay_and_worker_go_on_and_the_relay_says_one_line(
    servers, relay, worker
):
    rings(servers)
    works(servers)
    servers.restart_postgres(away=AWAY)
    rings(servers)
    works(servers)
    assert relay.alive()
    assert worker.alive()
    said = relay.said().splitlines()[1:]
    assert len(said) == 1, said
    assert "Relay waits and tries again" in said[0]


def test_after_a_restart_of_an_emptied_broker_all_go_on(servers, relay, worker, tmp_path):
    schedule = ("-s", str(tmp_path / "beat"), "--pidfile=")
    beat = servers.process("celery", "-A", "rpmportal", "beat", *schedule)
    rings(servers)
    servers.hears("beat")
    servers.restart_redis(away=AWAY)
    rings(servers)
    works(servers)
    servers.hears("beat")
    assert all(process.alive() for process in (relay, worker, beat))
    assert relay.said().count("Relay waits and tries again") <= 1, relay.said()
