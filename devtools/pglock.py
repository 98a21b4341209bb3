"""A `postmaster.pid` that nobody stands behind any more.

PostgreSQL believes it as long as any process of that number and user exists, even a dead one that nobody
reaped: under a process 1 that does not reap it would never start again.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

from devtools.say import Problem

PATIENCE = 15


def clear_stale_lock(data: Path, sockets: Path) -> None:
    """Removes the lock files of a server that is gone; never while one of its processes lives."""
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    deadline = time.monotonic() + PATIENCE
    stop_left_over(data, lock)
    while alive := server_processes(data, lock):
        if time.monotonic() > deadline:
            raise Problem(
                f"another PostgreSQL (process {alive[0]}) is still using {data}. End it and try again."
            )
        time.sleep(0.1)
    lock.unlink(missing_ok=True)
    (sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def stop_left_over(data: Path, lock: Path) -> None:
    """Asks a server that outlived its launcher to stop: we hold the checkout's lock, so it is nobody's."""
    pid = noted_pid(lock)
    if pid in server_processes(data, lock):
        os.kill(pid, signal.SIGINT)


def server_processes(data: Path, lock: Path) -> list[int]:
    """Live processes of a server on `data`: by working folder where /proc shows it, else by the noted number."""
    if Path("/proc/self/cwd").exists():
        return [pid for pid in numbered_processes() if is_postgres(pid) and working_folder(pid) == data]
    pid = noted_pid(lock)
    return [pid] if pid and is_postgres(pid) else []


def noted_pid(lock: Path) -> int:
    try:
        return int(lock.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return 0


def numbered_processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def is_postgres(pid: int) -> bool:
    """Whether `pid` is a PostgreSQL process that still runs; a zombie does not."""
    state, name = state_and_name(pid)
    return name in {"postgres", "postmaster"} and state not in {"Z", "X", ""}


def state_and_name(pid: int) -> tuple[str, str]:
    try:
        head, _, tail = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
        return tail.split()[0], head.partition("(")[2]
    except FileNotFoundError:
        return ("", "") if Path("/proc/self").exists() else asked_ps(pid)
    except (OSError, IndexError):
        return "", ""


def asked_ps(pid: int) -> tuple[str, str]:
    """The same from `ps`, where there is no /proc."""
    command = ["ps", "-p", str(pid), "-o", "state=,comm="]
    words = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split(None, 1)
    return (words[0][:1], Path(words[1].strip()).name) if len(words) == 2 else ("", "")


def working_folder(pid: int) -> Path | None:
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        return None
