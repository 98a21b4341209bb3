"""Processes that outlived a killed launcher, where the kernel does not end them for us (macOS)."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from devtools.places import local


def list_path() -> Path:
    return local() / "run.json"


def remember(services: list) -> None:
    """Notes who runs for us. Linux ends them itself when we die, so there is nothing to note."""
    if sys.platform == "linux":
        return
    pids = {str(service.process.pid): started(service.process.pid) for service in services if service.running}
    text = json.dumps(pids)
    if not list_path().exists() or list_path().read_text() != text:
        list_path().write_text(text)


def end_leftovers() -> None:
    """Ends what an earlier launcher left; we hold its lock, so it is gone. A reused number is not ours."""
    try:
        noted = json.loads(list_path().read_text())
    except (OSError, ValueError):
        return
    for pid, when in noted.items():
        if when and started(int(pid)) == when:
            end_session(int(pid))
    list_path().unlink(missing_ok=True)


def end_session(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def started(pid: int) -> str:
    """When the process began: with its number, that names it for good."""
    command = ["ps", "-p", str(pid), "-o", "lstart="]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
