"""`./dev run`: the whole application on one machine."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from devtools import environment, install
from devtools.deaths import Deaths
from devtools.leftovers import end_leftovers, remember
from devtools.locks import Lock
from devtools.places import PYTHON, ROOT, local
from devtools.process import spawn
from devtools.say import Problem, say
from devtools.servers import Use, log_path, servers
from devtools.supervisor import Service, Supervisor

FIRST_PORT, LAST_PORT = 8000, 8099
QUEUES = "interactive,close,intake,exports"
SIGN_INS = ("nurse", "lead", "physician", "biller", "auditor", "admin")
DEMO = ("demo", "--patients", "120", "--months", "3", "--seed", "7")


def run_stack() -> int:
    lock = Lock(local() / "run.lock")
    if not lock.take(wait=False):
        raise Problem(f"already running here: {lock.read_note() or 'it is just starting'}")
    lock.note(f"process {os.getpid()}, still starting")
    install.setup()
    end_leftovers()
    say("starting PostgreSQL and Redis …")
    with listening_socket() as listener, servers() as use:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        env = environment.for_people(use.addresses, DEMO="1", SITE_URL=url)
        prepare_database(env)
        lock.note(f"process {os.getpid()}, {url}")
        say("starting the web server, the worker, its clock and the relay …")
        return supervise(services(env, listener), use, url)


def listening_socket() -> socket.socket:
    """`PORT`, else 8000, else the next free one; held from here on, so that nobody else gets it."""
    wanted = os.environ.get("PORT", "")
    if wanted and not wanted.isdigit():
        raise Problem(f"PORT must be a number, not {wanted!r}.")
    for port in [int(wanted)] if wanted else range(FIRST_PORT, LAST_PORT + 1):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(128)
            return listener
        except OSError as error:
            listener.close()
            reason = error.strerror
    raise Problem(
        f"port {wanted or f'{FIRST_PORT} to {LAST_PORT}'} cannot be had: {reason}. Set PORT to a free one."
    )


# --------------------------------------------------------------------------------------------- the database


def prepare_database(env: dict) -> None:
    say("migrating …")
    step(["migrate", "--noinput", "-v", "0"], env | {"DB_ROLE": "owner"})
    if wants_demo():
        say("loading the demo practice, this once: months of work by invented people …")
        step(list(DEMO), env)
        demo_marker().touch()


def wants_demo() -> bool:
    """Once per embedded database; a database that somebody gave us gets made-up patients only when asked."""
    if environment.given_database() and os.environ.get("DEMO") != "1":
        return False
    return not demo_marker().exists()


def demo_marker() -> Path:
    """Beside the data it speaks of: with another database, another marker."""
    from devtools.places import fingerprint
    from devtools.postgres import Cluster

    if environment.given_database():
        return local() / f"demo-{fingerprint(Path(os.environ['DATABASE_OWNER_URL']))}"
    cluster = Cluster()
    born = int((cluster.data / "PG_VERSION").stat().st_mtime)
    return local() / f"demo-{cluster.data.name}-{born}"


def step(arguments: list[str], env: dict) -> None:
    """One management command before the start; Ctrl-C ends it with us."""
    child = spawn([PYTHON, "manage.py", *arguments], env=env, cwd=ROOT, stdin=subprocess.DEVNULL)
    try:
        code = child.wait()
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise
    if code:
        raise Problem(f"manage.py {arguments[0]} failed with code {code}; see above.")


# -------------------------------------------------------------------------------------------- the processes


def services(env: dict, listener: socket.socket) -> list[Service]:
    """The web server, Celery's worker and clock, and the outbox relay.

    When the launcher is killed the kernel sends them their signal for "at once": nobody is left to wait for
    what they have in hand, and tasks come again.
    """
    web = ["gunicorn", "rpmportal.wsgi", "-c", "deploy/gunicorn.conf.py"]
    # One worker has no neighbours to talk to; its name is fixed because a laptop's changes with the network.
    worker = [
        "celery",
        "-A",
        "rpmportal",
        "worker",
        "-n",
        "rpm@localhost",
        "--without-mingle",
        "--without-gossip",
    ]
    worker += ["-Q", QUEUES, "-c", "2", "-l", "INFO"]
    beat = ["celery", "-A", "rpmportal", "beat", "-l", "INFO", "-s", local() / "beat", "--pidfile="]
    fd = listener.fileno()

    def service(name, argv, death=signal.SIGTERM, **more):
        return Service(name, argv, env, str(ROOT), death, **more)

    return [
        service("web", [PYTHON, "-m", *web, "--bind", f"fd://{fd}"], signal.SIGQUIT, pass_fds=(fd,)),
        service("worker", [PYTHON, "-m", *worker], signal.SIGQUIT),
        service("beat", [PYTHON, "-m", *beat]),
        service("relay", [PYTHON, "manage.py", "relay"]),
    ]


def supervise(processes: list[Service], use: Use, url: str) -> int:
    follow, deaths = LogFollower(log_path()), Deaths()

    def every_second():
        follow.show()
        remember(processes)
        if use.lost():
            mend_servers(use, deaths)

    supervisor = Supervisor(processes, every_second=every_second)
    code = supervisor.run(when_started=Greeting(url))
    say("stopping the servers …" if code == 0 else "stopping the servers after a failure …")
    return code


def mend_servers(use: Use, deaths: Deaths) -> None:
    """The servers' keeper was killed or gave up: starts another, unless that has not helped."""
    often = deaths.another()
    if deaths.too_many:
        raise Problem(f"PostgreSQL and Redis were lost {often} times within a minute; see {log_path()}")
    say("PostgreSQL and Redis are gone; starting them again.")
    use.ensure()


class Greeting:
    """Says where the application is, once it answers."""

    def __init__(self, url: str):
        self.url = url
        self.host = url.removeprefix("http://")

    def __call__(self) -> bool:
        if not self._answers():
            return False
        people = ", ".join(f"{name}@demo.test" for name in SIGN_INS)
        say(f"\n  RPM Portal is at {self.url}\n  Sign in as {people}\n  password: demo-only")
        say("  Ctrl-C stops everything.\n")
        return True

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(self.host, timeout=0.5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()


class LogFollower:
    """Shows what the servers' keeper and the servers themselves complain about."""

    WORTH_SHOWING = ("keeper:", "FATAL:", "PANIC:", "./dev:")

    def __init__(self, path: Path):
        self.path = path
        self.position = path.stat().st_size if path.exists() else 0

    def show(self) -> None:
        if not self.path.exists():
            return
        size = self.path.stat().st_size
        if size == self.position:
            return
        with open(self.path, "rb") as log:
            log.seek(self.position if size > self.position else 0)
            text = log.read().decode(errors="replace")
        self.position = size
        for line in text.splitlines():
            if any(word in line for word in self.WORTH_SHOWING):
                say(f"servers | {line}")
        sys.stdout.flush()
