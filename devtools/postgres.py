"""The embedded PostgreSQL: real server binaries, our own life cycle, unix sockets only."""

import hashlib
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

from devtools import pgbin, process
from devtools.locks import holding
from devtools.pglock import clear_stale_lock
from devtools.places import data_home, local, shared_folder, socket_home
from devtools.privilege import Account, own, server_account
from devtools.say import Problem

SUPERUSER = "postgres"
DATABASE = "rpm"
OWNER, APP = "rpm_owner", "rpm_app"
ROLES = Path(__file__).with_name("roles.sql")
# Tests set triggers and keys aside to empty the tables between them, benches to fill them; nothing else may.
TEST_GRANT = f"GRANT SET ON PARAMETER session_replication_role TO {OWNER};\n"
# Losing a test's rows in a power cut costs nothing; waiting for the disk after each commit does.
FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
# The log names no patient: an error's text, its detail, its statement and its parameters can each hold one. Errors
# reach the application all the same, which logs their kind and place.
QUIET = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_duration": "off",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "debug_print_parse": "off",
    "debug_print_rewritten": "off",
    "debug_print_plan": "off",
}
# The server without clients says there, and nowhere else, what it refuses.
QUIET_ALONE = {name: value for name, value in QUIET.items() if name != "log_min_messages"}


def options(values: dict[str, str]) -> list[str]:
    """The server's command line for them."""
    return [word for name, value in values.items() for word in ("-c", f"{name}={value}")]


class Cluster:
    """One PostgreSQL data directory and the server on it."""

    def __init__(self, name: str = "", *, fast: bool = False):
        self.account: Account | None = server_account()
        self.home = data_home(self.account)
        self.thrown_away = bool(name)
        if name:
            self.home = shared_folder(self.home / name)
        self.bin = pgbin.find(self.account)
        self.major = pgbin.major(self.bin)
        # Named by major version: the next one cannot read these files and must not try.
        self.data = self.home / f"pg-{self.major}"
        self.fast = fast
        self.sockets = self._socket_folder()
        self.process: subprocess.Popen | None = None

    def _socket_folder(self) -> Path:
        folder = socket_home(self.home / "sock", "pg/.s.PGSQL.5432") / "pg"
        folder.mkdir(mode=0o700, exist_ok=True)
        own(folder, self.account)
        folder.chmod(0o700)
        return folder

    def url(self, user: str) -> str:
        """The address that Django's settings read."""
        return f"postgres:///{DATABASE}?host={quote(str(self.sockets))}&user={user}"

    # ------------------------------------------------------------------------------------------- birth

    def prepare(self) -> None:
        """Makes the data directory with the roles and the database, once; later only new roles."""
        if not self.data.exists():
            self._copy_template() if self.fast else self._create(self.data)
        elif self._roles_noted() != self._roles_digest():
            self._apply_roles(self.data)

    def _copy_template(self) -> None:
        """A test's cluster is a copy: making one takes two seconds, copying one a tenth of that.

        Copied aside and renamed, so that a run killed meanwhile leaves the next nothing half copied.
        """
        template = self.home.parent / f"{self.data.name}.template-{self._roles_digest()[:8]}"
        with holding(local() / "template.lock"):
            if not template.exists():
                self._create(template)
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        subprocess.run(["cp", "-Rp", template, fresh], check=True)
        fresh.rename(self.data)

    def _create(self, target: Path) -> None:
        """Builds aside and renames, so that a killed first start leaves nothing half made."""
        fresh = target.with_name(target.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        own(fresh, self.account)
        self._initdb(fresh)
        birth = f"CREATE ROLE {OWNER} LOGIN CREATEDB;\nCREATE DATABASE {DATABASE} OWNER {OWNER};\n"
        self._apply_roles(fresh, birth)
        fresh.rename(target)

    def _initdb(self, data: Path) -> None:
        locale = (
            ["--locale-provider=builtin", "--locale=C.UTF-8"] if self.major >= 17 else ["--locale=C.UTF-8"]
        )
        sync = ["--no-sync"] if self.fast else []
        self._run(["initdb", "-D", data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", *locale, *sync])

    def _apply_roles(self, data: Path, birth: str = "") -> None:
        clear_stale_lock(data, self.sockets)
        self._single(data, birth + self._roles())
        (data / "rpm-roles").write_text(self._roles_digest())

    def _roles(self) -> str:
        return ROLES.read_text() + (TEST_GRANT if self.thrown_away else "")

    def _roles_digest(self) -> str:
        return hashlib.sha256(self._roles().encode()).hexdigest()

    def _roles_noted(self) -> str:
        note = self.data / "rpm-roles"
        return note.read_text() if note.exists() else ""

    def _single(self, data: Path, sql: str) -> None:
        """Runs statements, one to a line, in a server without clients: no driver is needed."""
        lines = "".join(
            line for line in sql.splitlines(keepends=True) if line.strip() and not line.startswith("--")
        )
        more = FAST if self.fast else ()
        command = ["postgres", "--single", *options(QUIET_ALONE), *more, "-D", data, SUPERUSER]
        out = self._run(command, stdin=lines)
        if "ERROR:" in out or "FATAL:" in out:
            raise Problem(f"PostgreSQL refused to make its roles: {last_line(out, 'ERROR:', 'FATAL:')}")

    def _run(self, command, stdin: str = "") -> str:
        name, *rest = command
        done = process.spawn(
            [self.bin / name, *rest],
            env=server_environment(),
            cwd="/",
            account=self.account,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        out, _ = done.communicate(stdin)
        if done.returncode:
            raise Problem(f"{name} failed: {last_line(out)}")
        return out

    # --------------------------------------------------------------------------------------------- life

    def start(self, **more) -> subprocess.Popen:
        """Starts the server as a child; `ready` tells when it answers."""
        clear_stale_lock(self.data, self.sockets)
        command = [
            # The absolute path matters: found by name, the server looks for its files beside another PostgreSQL.
            *(self.bin / "postgres", "-D", self.data),
            *("-c", "listen_addresses=", "-c", f"unix_socket_directories={self.sockets}"),
            *("-c", "unix_socket_permissions=0700", "-c", "max_connections=200", "-c", "log_timezone=UTC"),
            *options(QUIET),
            *(FAST if self.fast else ()),
        ]
        self.process = process.spawn(
            command,
            env=server_environment(),
            cwd="/",
            account=self.account,
            death=signal.SIGQUIT if self.fast else signal.SIGINT,
            **more,
        )
        return self.process

    def ready(self) -> bool:
        """Whether our own server accepts connections: what pg_ctl looks at."""
        lines = read_lines(self.data / "postmaster.pid")
        return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"

    def stop(self) -> None:
        """A fast stop (SIGINT). SIGTERM would wait for the clients, for ever if one stays."""
        if self.process is not None:
            process.end(self.process, signal.SIGINT, grace=20)


def server_environment() -> dict:
    """Nothing of ours: a PGDATA or TZ left in the shell must not change the server."""
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def read_lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []


def last_line(text: str, *markers: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    chosen = [line for line in lines if any(mark in line for mark in markers)] if markers else lines
    return (chosen or ["no output"])[-1].strip()


def remove_tree(path: Path) -> None:
    """Removes a test's folder; what another process still writes there is left to the next clean-up."""
    if os.path.islink(path):
        return
    shutil.rmtree(path, ignore_errors=True)
