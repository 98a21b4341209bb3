"""The real processes on the test's own database and broker, to be killed by pid and started again."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection
from redis import Redis

ROOT = Path(__file__).resolve().parents[2]
# Seconds. A process that starts on a busy machine of two cores takes a minute; one that is wrong fails after this too.
PATIENCE = 240.0


def database_url(*, owner: bool = False) -> str:
    """The test database as the app role (or its owner), as a process of its own sees it."""
    given = connection.settings_dict
    query = {
        "user": given["USER"],
        **({} if owner else {"options": "-c role=rpm_app"}),
        **({"host": given["HOST"]} if given["HOST"] else {}),
    }
    if given["PASSWORD"]:
        query["password"] = given["PASSWORD"]
    if given["PORT"]:
        query["port"] = given["PORT"]
    return f"postgresql:///{quote(given['NAME'])}?{urlencode(query, quote_via=quote)}"


class Process:
    """A child in a session of its own, so that it is killed whole and nothing else is."""

    def __init__(self, *command: str, **env: str):
        self.command = [sys.executable, "-m", *command]
        self.temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.env = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "DB_ROLE": "app",
            "PYTHONPATH": str(ROOT),
            "TMPDIR": self.temporary.name,
            **env,
        }
        self.child: subprocess.Popen | None = None

    def start(self) -> "Process":
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self.child = subprocess.Popen(
            self.command, cwd=ROOT, env=self.env, start_new_session=True, stdout=self.log, stderr=self.log
        )
        return self

    def said(self) -> str:
        """The end of what it wrote, for a failing test's report."""
        self.log.seek(0)
        return f"{' '.join(self.command[2:])}\n{self.log.read()[-3000:].decode(errors='replace')}"

    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def kill(self) -> None:
        """SIGKILL to the child and everything it forked."""
        if self.child is None:
            return
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.child.wait()

    def wait_dead(self) -> None:
        wait_until(lambda: not self.alive(), f"{self.command[2]} did not die")
        self.kill()


def empty_broker() -> None:
    """Without what killed workers left, which the next one would do first, for minutes."""
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.delete("interactive", "close", "unacked", "unacked_index", "unacked_mutex")


def wait_until(true, otherwise: str, *, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(otherwise)
        time.sleep(0.05)
