"""The keeper: the process that has the embedded servers as its children."""

import json
import os
import signal
import sys
import time

from devtools.deaths import Deaths
from devtools.locks import Lock
from devtools.places import local
from devtools.postgres import APP, OWNER, Cluster
from devtools.process import end_group, wait_until
from devtools.redis import Redis
from devtools.say import Problem
from devtools.servers import lock_path, notice_path

PATIENCE = 60.0


class Stop(Exception):
    """Somebody asked the keeper to end."""


def keep_servers(names: list[str]) -> int:
    """Starts the named servers, restarts one that dies, and stops them when their last user has gone."""
    os.chdir(local())
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, stop_now)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    ours = Lock(lock_path("keeper"))
    # Who looks whether the lock is free holds it for a moment: one refusal is not yet another keeper.
    wait_until(lambda: ours.take(wait=False), seconds=5, what="another keeper did not end")
    return Keeper(names).run()


def stop_now(*_):
    raise Stop


class Keeper:
    def __init__(self, names: list[str]):
        makers = {"postgres": Cluster, "redis": Redis}
        self.servers = {name: makers[name]() for name in names}
        self.deaths = Deaths()
        self.users = Lock(lock_path("users"))

    def run(self) -> int:
        try:
            for name in self.servers:
                self._start(name)
            self._publish()
            while not self.users.take(wait=False):
                self._restart_dead()
                time.sleep(0.1)
        except Stop:
            note("asked to stop")
        finally:
            self._stop()
        return 0

    def _start(self, name: str) -> None:
        server = self.servers[name]
        server.prepare()
        child = server.start(stdout=sys.stdout, stderr=sys.stderr)
        deadline = time.monotonic() + PATIENCE
        while not server.ready():
            if child.poll() is not None:
                raise Problem(f"{name} ended with code {child.returncode} while starting")
            if time.monotonic() > deadline:
                raise Problem(f"{name} did not answer within {PATIENCE:g} seconds")
            time.sleep(0.01)

    def _restart_dead(self) -> None:
        for name, server in self.servers.items():
            if server.process.poll() is None:
                continue
            note(f"{name} ended with code {server.process.returncode}; starting it again")
            self._count_death(name)
            end_group(server.process)
            self._start(name)

    def _count_death(self, name: str) -> None:
        often = self.deaths.another()
        if self.deaths.too_many:
            raise Problem(f"{often} deaths of the servers within a minute, the last of {name}: giving up")

    def _publish(self) -> None:
        """Written aside and renamed: a reader sees all of it or nothing."""
        addresses = {}
        if "postgres" in self.servers:
            cluster = self.servers["postgres"]
            addresses = {"DATABASE_URL": cluster.url(APP), "DATABASE_OWNER_URL": cluster.url(OWNER)}
        if "redis" in self.servers:
            addresses["REDIS_URL"] = self.servers["redis"].url()
        text = json.dumps({"pid": os.getpid(), "servers": list(self.servers), "addresses": addresses})
        fresh = notice_path().with_suffix(".new")
        fresh.write_text(text)
        fresh.rename(notice_path())

    def _stop(self) -> None:
        """Redis before PostgreSQL; a second request to stop changes nothing."""
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, signal.SIG_IGN)
        notice_path().unlink(missing_ok=True)
        for server in reversed(self.servers.values()):
            server.stop()


def note(text: str) -> None:
    print(f"keeper: {text}", flush=True)
