"""Which user PostgreSQL runs as: it refuses root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CANDIDATES = ("postgres", "rpmportal-dev", "nobody")


@dataclass(frozen=True)
class Account:
    """A user to drop to."""

    uid: int
    gid: int


def server_account() -> Account | None:
    """The user for PostgreSQL when we are root; None when we can run it ourselves."""
    if os.geteuid() != 0:
        return None
    return (
        account_named("postgres")
        or account_named("rpmportal-dev")
        or made_account()
        or account_named("nobody")
    )


def account_named(name: str) -> Account | None:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(found.pw_uid, found.pw_gid)


def made_account() -> Account | None:
    """A system user made for the purpose, where the machine has useradd."""
    useradd = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    if not useradd:
        return None
    command = [useradd, "--system", "--no-create-home", "--shell", "/bin/false", "rpmportal-dev"]
    subprocess.run(command, check=False, capture_output=True)
    return account_named("rpmportal-dev")


def reachable(path: Path, account: Account, mode: int = os.X_OK) -> bool:
    """Whether `account` may pass through (or run) `path`; asked by becoming that user for a moment."""
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
            os._exit(0 if os.access(path, mode) else 1)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def own(path: Path, account: Account | None) -> None:
    """Hands one folder of ours to the server's user; never a parent, never recursively."""
    if account is not None:
        os.chown(path, account.uid, account.gid)
