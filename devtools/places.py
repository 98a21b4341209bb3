"""Where things lie: the checkout, its private `.local`, and short folders for sockets."""

import hashlib
import os
import re
import stat
from pathlib import Path

from devtools.privilege import Account, reachable
from devtools.say import Problem

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
PYTHON = ROOT / ".venv" / "bin" / "python"
SYSTEM_HOME = Path("/var/lib/rpmportal-dev")
# 107 bytes on Linux, 103 on macOS, and PostgreSQL adds a file name of its own.
LONGEST_SOCKET = 103
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./+-]+")


def fingerprint(path: Path = ROOT) -> str:
    """A short name for this checkout, the same on every start."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def local() -> Path:
    """`.local`, made on first use; others may pass through it, because as root PostgreSQL is another user."""
    LOCAL.mkdir(exist_ok=True)
    if LOCAL.stat().st_uid == os.geteuid():
        LOCAL.chmod(0o755)
    return LOCAL


def data_home(account: Account | None) -> Path:
    """Where PostgreSQL's files go: `.local`, or outside a checkout that its user cannot enter.

    Opening the checkout's parents instead would open somebody's home to everybody.
    """
    if account is None or reachable(local(), account):
        return local()
    home = SYSTEM_HOME / fingerprint()
    shared_folder(SYSTEM_HOME)
    return shared_folder(home)


def shared_folder(path: Path) -> Path:
    """A folder of ours that others may pass through, whatever the umask."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o755)
    return path


def socket_home(wanted: Path, longest_name: str) -> Path:
    """`wanted`, or a short folder in /tmp when a socket's path there would be too long or oddly spelled."""
    if len(os.fsencode(wanted / longest_name)) <= LONGEST_SOCKET and PLAIN_PATH.fullmatch(str(wanted)):
        return shared_folder(wanted)
    return private_tmp(Path("/tmp") / f"rpmportal-{os.geteuid()}-{fingerprint(wanted)}")


def private_tmp(path: Path) -> Path:
    """A folder in /tmp that is certainly ours: anybody may have made one of that name before us."""
    try:
        path.mkdir(mode=0o755)
    except FileExistsError:
        pass
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise Problem(f"{path} belongs to somebody else. Remove it, or move this checkout to a shorter path.")
    path.chmod(0o755)
    return path
