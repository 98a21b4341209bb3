"""The embedded servers of a checkout, shared by everything that runs in it.

Who needs them holds `users.lock` (shared) and, if nobody keeps them yet, starts a keeper. The keeper has the
servers as its children and stops them when nobody holds the lock any more, however the last user ended.
"""

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from devtools import environment, external
from devtools.locks import Lock, free, holding
from devtools.places import ROOT, local
from devtools.say import Problem, say

BIG_LOG = 5_000_000


def lock_path(name: str) -> Path:
    return local() / f"{name}.lock"


def log_path() -> Path:
    return local() / "servers.log"


def notice_path() -> Path:
    """Written by the keeper once all servers answer: who keeps which, and their addresses."""
    return local() / "servers.json"


def needed() -> list[str]:
    """The servers that nobody gave us an address for."""
    names = [] if environment.given_database() else ["postgres"]
    return names + ([] if environment.given_redis() else ["redis"])


class Use:
    """Our part in the shared servers; `addresses` are what the settings need."""

    def __init__(self):
        self.names = needed()
        self.addresses: dict[str, str] = {}
        self.keeper: subprocess.Popen | None = None
        self._lock = Lock(lock_path("users"))

    def join(self) -> None:
        """Starts the servers, or joins those that another `./dev` of this checkout started."""
        if self.names:
            # Waits for a keeper that is just stopping: it holds this lock until all is down.
            self._lock.take(shared=True)
            self.ensure()
        given = {**environment.given_database(), **environment.given_redis()}
        self.addresses = {**self.addresses, **given}

    def ensure(self) -> None:
        """Makes sure somebody keeps the servers; also what a running `./dev run` does when the keeper died."""
        with holding(lock_path("start")):
            notice = self._notice()
        missing = [name for name in self.names if name not in notice["servers"]]
        if missing:
            raise Problem(
                f"another ./dev keeps the servers without {missing[0]}; end it first (it has its address set)."
            )
        self.addresses = notice["addresses"]

    def lost(self) -> bool:
        """Whether the servers' keeper is gone."""
        if self.keeper is not None:
            self.keeper.poll()
        return bool(self.names) and free(lock_path("keeper"))

    def leave(self, seconds: float = 40) -> None:
        """Lets go; the keeper stops the servers if we were the last, and we wait for that."""
        self._lock.release()
        deadline = time.monotonic() + seconds
        while self.names and time.monotonic() < deadline and not free(lock_path("keeper")):
            if self._somebody_else():
                return
            if self.keeper is not None:
                self.keeper.poll()
            time.sleep(0.05)

    def _somebody_else(self) -> bool:
        """Whether another `./dev` still uses the servers: its shared lock lets ours in, the keeper's would not."""
        probe = Lock(lock_path("users"))
        others = not probe.take(wait=False) and probe.take(shared=True, wait=False)
        probe.release()
        return others

    def _start_keeper(self) -> None:
        notice_path().unlink(missing_ok=True)
        mode = "wb" if not log_path().exists() or log_path().stat().st_size > BIG_LOG else "ab"
        with open(log_path(), mode) as log:
            self.keeper = subprocess.Popen(
                [sys.executable, str(ROOT / "dev"), "keep-servers", *self.names],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=ROOT,
            )

    def _notice(self, seconds: float = 60) -> dict:
        """The keeper's word that all servers answer; started here if nobody keeps them."""
        started = False
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if notice := read_notice():
                return notice
            if started and self.keeper.poll() is not None:
                raise Problem(f"the servers did not start: {last_log_line()} (all of it: {log_path()})")
            if not started and free(lock_path("keeper")):
                self._start_keeper()
                started = True
            time.sleep(0.02)
        raise Problem(f"the servers did not answer within {seconds:g} seconds; see {log_path()}")


def read_notice() -> dict | None:
    try:
        notice = json.loads(notice_path().read_text())
    except (OSError, ValueError):
        return None
    return notice if not free(lock_path("keeper")) else None


def last_log_line() -> str:
    lines = [line for line in log_path().read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].removeprefix("./dev: ") if lines else "no output"


@contextmanager
def servers(*, tests: bool = False):
    """The addresses of PostgreSQL and Redis for the length of a block; given ones are looked at first."""
    use = Use()
    try:
        use.join()
        external.look_at(use.addresses, tests=tests)
        yield use
    finally:
        use.leave()


def serve_only() -> int:
    """`./dev servers`: keeps the servers up and prints their addresses, for an editor or a second shell."""
    with servers() as use:
        for name, value in environment.for_people(use.addresses).items():
            if name in environment.development() or name in use.addresses:
                say(f"export {name}={quoted(value)}")
        # A shell that starts us in the background has SIGINT ignored, and Python would leave it so.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        say("# Ctrl-C stops the servers")
        try:
            while not use.lost():
                time.sleep(0.5)
        except KeyboardInterrupt:
            return 0
        raise Problem(f"the servers are gone; see {log_path()}")


def quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"
