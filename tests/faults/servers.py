"""A PostgreSQL and a Redis of a test's own, which it may stop, kill and start again."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
from kombu import Connection

from devtools.postgres import APP, OWNER, SUPERUSER, Cluster
from devtools.redis import Redis
from devtools.testing import begin, own_folder, remove_run
from rpmportal.celery import app
from rpmportal.environment import broker
from tests.faults.processes import Process, wait_until

WORKER = ("-Q", "interactive,close", "-c", "1", "--without-gossip", "--without-mingle", "-l", "WARNING")


class Broker:
    """A Redis of its own, which loses everything as often as one likes."""

    def __init__(self, name: str, started: list):
        self.name, self.redis = name, Redis(name)
        begin(self.redis, name, "redis", started)

    def stop(self) -> None:
        self.redis.process.kill()
        self.redis.process.wait()

    def start_empty(self) -> None:
        """It comes back with nothing of what it held."""
        for part in self.redis.data.rglob("*.aof"):
            part.unlink()
        begin(self.redis, self.name, "redis", [])

    def flush(self) -> None:
        with Connection(broker(self.redis.url())) as connection:
            connection.default_channel.client.flushall()


class Servers:
    """The migrated database, the broker, and processes that use them."""

    def __init__(self, name: str, started: list):
        self.name, self.started = name, started
        self.cluster = Cluster(name, fast=True)
        begin(self.cluster, name, "postgres", started)
        self.broker = Broker(name, started)
        self.redis = self.broker.redis
        self.processes: list[Process] = []
        migrate = self.process("manage", "migrate", "-v", "0", DB_ROLE="owner")
        assert migrate.child.wait(120) == 0, migrate.said()

    def process(self, *command: str, **more: str) -> Process:
        env = {
            "DATABASE_URL": self.cluster.url(APP),
            "DATABASE_OWNER_URL": self.cluster.url(OWNER),
            "REDIS_URL": self.redis.url(),
        }
        self.processes.append(Process(*command, **env, **more).start())
        return self.processes[-1]

    def end_processes(self) -> None:
        for process in self.processes:
            process.kill()
        self.processes.clear()

    def restart_postgres(self, *, away: float) -> None:
        self.cluster.stop()
        time.sleep(away)
        begin(self.cluster, self.name, "postgres", [])

    def restart_redis(self, *, away: float) -> None:
        """It comes back with nothing of what it held."""
        self.broker.stop()
        time.sleep(away)
        self.broker.start_empty()

    def ask(self, sql: str, *values):
        """The first column of the first row, asked over a connection of its own."""
        address = {"host": str(self.cluster.sockets), "user": SUPERUSER, "dbname": "rpm"}
        with psycopg.connect(**address) as connection:
            # A message may belong to a practice that is not there: none of these tests is about what it says.
            connection.execute("SET session_replication_role = replica")
            row = connection.execute(sql, values).fetchone()
            return row[0] if row else None

    def heard_of(self, sender: str) -> datetime | None:
        return self.ask("SELECT at FROM dispatch_pulse WHERE name = %s", sender)

    def hears(self, sender: str) -> None:
        """A sign of life of `sender` comes round that was sent from now on."""
        before = self.ask("SELECT now()")
        wait_until(
            lambda: (at := self.heard_of(sender)) is not None and at > before,
            f"nothing was heard of {sender}: {[each.said() for each in self.processes]}",
        )

    def ring(self, sender: str) -> None:
        """A sign of life, sent by nobody."""
        # By the one app: a second would become the current one, and later tests' messages would go to its broker.
        with Connection(broker(self.redis.url())) as connection:
            app.send_task("dispatch.tasks.pulse", args=[sender], queue="interactive", connection=connection)


@contextmanager
def own_servers() -> Iterator[Servers]:
    with _own(Servers) as servers:
        try:
            yield servers
        finally:
            servers.end_processes()


@contextmanager
def own_broker() -> Iterator[Broker]:
    with _own(Broker) as found:
        yield found


@contextmanager
def _own(make) -> Iterator:
    """Made in a folder of its own; everything that it started is stopped again."""
    lock, started = own_folder(), []
    name = lock.path.parent.name
    try:
        yield make(name, started)
    finally:
        for server in reversed(started):
            server.stop()
        remove_run(name, started)
        lock.release()
