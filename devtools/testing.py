"""`./dev test`: pytest on a PostgreSQL and a Redis of its own.

PostgreSQL's files are kept for the next run, with a template of the migrated database in them. A run that finds another
one at work on them has servers for itself, gone afterwards.
"""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

from devtools import browser, environment, external, install
from devtools.locks import Lock, free, holding
from devtools.places import PYTHON, ROOT, data_home, local, shared_folder
from devtools.postgres import APP, OWNER, Cluster, remove_tree
from devtools.privilege import server_account
from devtools.process import foreground, wait_until
from devtools.redis import Redis
from devtools.say import Problem

PREFIX, KEPT = "test-", "kept-tests"
# `--quick` leaves out what waits for browsers, killed processes and copies of ./dev.
QUICK = [f"--ignore=tests/{folder}" for folder in ("functional", "faults", "launcher")]
# With one of these the run stays in one process, or says itself how many it wants; so with pytest's -n and -p.
ONE_PROCESS = {
    "--numprocesses",
    "--dist",
    "--pdb",
    "--pdbcls",
    "--trace",
    "--collect-only",
    "--co",
    "-s",
    "--capture",
}
# More would want more Redis databases and connections than the servers have.
MOST_WORKERS = 8


def run_tests(arguments: list[str], **more: str) -> int:
    """The tests are shared out between the processors; those of named files run in one process, which starts sooner."""
    install.setup()
    quick = "--quick" in arguments
    arguments = QUICK * quick + [word for word in arguments if word != "--quick"]
    chromium = {} if quick else browser.find_or_install(arguments)
    with private_servers(fast=True) as addresses:
        env = environment.for_tests(addresses, **chromium, **more)
        # Playwright's loop runs in the thread of the tests; Django would refuse its own queries there.
        env |= {"DJANGO_ALLOW_ASYNC_UNSAFE": "true", "DB_ROLE": "owner"}
        spread = [] if "SOAK" in more else workers(arguments)
        return foreground([PYTHON, "-m", "pytest", *spread, *arguments], env=env, cwd=ROOT)


def workers(arguments: list[str]) -> list[str]:
    """What shares the tests out; nothing where single files are named."""
    one_process = any(
        word.startswith(("-n", "-p")) or word.partition("=")[0] in ONE_PROCESS for word in arguments
    )
    files = any((ROOT / word.partition("::")[0]).is_file() for word in arguments if not word.startswith("-"))
    return [] if one_process or files else ["-n", str(min(wanted_workers(arguments), MOST_WORKERS))]


def wanted_workers(arguments: list[str]) -> int:
    """As many as processors, and one because tests of browsers and processes wait for them. With two more the suite
    took longer on two processors: each worker collects all tests, and processes started slowly."""
    return processors() + (0 if set(QUICK) <= set(arguments) else 1)


def processors() -> int:
    """Those that this process may use; fewer than there are in a container that is given a part."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def private_servers(*, fast: bool):
    """The given addresses, or servers that no other run uses, so that runs never meet."""
    given = {**environment.given_database(), **environment.given_redis()}
    external.look_at(given, tests=True)
    lock = (fast and kept_folder()) or own_folder()
    name = lock.path.parent.name
    started = []
    try:
        addresses = start(name, started, fast=fast)
        yield {**addresses, **given}
    finally:
        for server in reversed(started):
            server.stop()
        if name == KEPT:
            boot_note().unlink(missing_ok=True)
        else:
            remove_run(name, started)
        lock.release()


def kept_folder() -> Lock | None:
    """The lock on the files that one run leaves to the next; None while another run has them.

    They are not written to the disk before a run says so: after a power cut they are made anew.
    """
    shared_folder(local() / KEPT)
    lock = Lock(local() / KEPT / "lock")
    if not lock.take(wait=False):
        return None
    if boot_note().exists() and boot_note().read_text() != this_boot():
        remove_tree(data_home(server_account()) / KEPT / Cluster(KEPT, fast=True).data.name)
    remove_tree(local() / KEPT / "redis")
    boot_note().write_text(this_boot())
    return lock


def boot_note() -> Path:
    """Says during which run of the machine the kept files were last opened; gone once they are closed."""
    return local() / KEPT / "boot"


def this_boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        return "unknown"


def own_folder() -> Lock:
    """The lock on a folder for this run alone."""
    with holding(local() / "tests.lock"):
        # Between making a folder and locking it nobody may take it for a left-over.
        remove_left_overs()
        lock = Lock(Path(tempfile.mkdtemp(prefix=PREFIX, dir=local())) / "lock")
        lock.take()
    return lock


def start(name: str, started: list, *, fast: bool) -> dict[str, str]:
    """Starts what is not given; `started` is filled as it goes, so that a failure stops what runs."""
    addresses = {}
    if not environment.given_database():
        cluster = Cluster(name, fast=fast)
        begin(cluster, name, "postgres", started)
        addresses = {"DATABASE_URL": cluster.url(APP), "DATABASE_OWNER_URL": cluster.url(OWNER)}
        # What the server says of its own; a test reads it for names of patients.
        addresses["POSTGRES_LOG"] = str(local() / name / "postgres.log")
    if not environment.given_redis():
        redis = Redis(name)
        begin(redis, name, "redis", started)
        addresses["REDIS_URL"] = redis.url()
    return addresses


def begin(server, name: str, what: str, started: list) -> None:
    started.append(server)
    server.prepare()
    log = local() / name / f"{what}.log"
    with open(log, "wb") as out:
        child = server.start(stdout=out, stderr=out)

    def answers_or_died():
        if child.poll() is not None:
            lines = log.read_text(errors="replace").splitlines() or ["no output"]
            raise Problem(f"{what} ended while starting: {lines[-1]}")
        return server.ready()

    wait_until(answers_or_died, seconds=60, what=f"{what} did not answer")


def remove_run(name: str, started: list) -> None:
    for server in started:
        if isinstance(server, Cluster):
            remove_tree(server.home)
            remove_short_folder(server.sockets)
        else:
            server.socket.unlink(missing_ok=True)
            remove_short_folder(server.socket.parent)
    remove_tree(local() / name)


def remove_short_folder(folder: Path) -> None:
    """The socket's folder where it had to lie in /tmp."""
    if folder.parent.parent == Path("/tmp"):
        remove_tree(folder.parent)


def remove_left_overs() -> None:
    """The folders of runs that were killed: their lock is free, so nobody uses them."""
    for folder in local().glob(PREFIX + "*"):
        lock = folder / "lock"
        if lock.exists() and free(lock):
            remove_tree(data_home(server_account()) / folder.name)
            remove_tree(folder)
