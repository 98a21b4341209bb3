"""`./dev test`: pytest on a PostgreSQL and a Redis of its own, gone afterwards."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

from devtools import browser, environment, external, install
from devtools.locks import Lock, free, holding
from devtools.places import PYTHON, ROOT, local
from devtools.postgres import APP, OWNER, Cluster, remove_tree
from devtools.process import foreground, wait_until
from devtools.redis import Redis
from devtools.say import Problem

PREFIX = "test-"


def run_tests(arguments: list[str], **more: str) -> int:
    install.setup()
    chromium = browser.find_or_install(arguments)
    with private_servers(fast=True) as addresses:
        env = environment.for_tests(addresses, **chromium, **more)
        # Playwright's loop runs in the thread of the tests; Django would refuse its own queries there.
        env |= {"DJANGO_ALLOW_ASYNC_UNSAFE": "true", "DB_ROLE": "owner"}
        return foreground([PYTHON, "-m", "pytest", *arguments], env=env, cwd=ROOT)


@contextmanager
def private_servers(*, fast: bool):
    """The given addresses, or servers in a folder of this run alone, so that runs never meet."""
    given = {**environment.given_database(), **environment.given_redis()}
    external.look_at(given, tests=True)
    with holding(local() / "tests.lock"):
        # Between making a folder and locking it nobody may take it for a left-over.
        remove_left_overs()
        name = Path(tempfile.mkdtemp(prefix=PREFIX, dir=local())).name
        lock = Lock(local() / name / "lock")
        lock.take()
    started = []
    try:
        addresses = start(name, started, fast=fast)
        yield {**addresses, **given}
    finally:
        for server in reversed(started):
            server.stop()
        remove_run(name, started)
        lock.release()


def start(name: str, started: list, *, fast: bool) -> dict[str, str]:
    """Starts what is not given; `started` is filled as it goes, so that a failure stops what runs."""
    addresses = {}
    if not environment.given_database():
        cluster = Cluster(name, fast=fast)
        begin(cluster, name, "postgres", started)
        addresses = {"DATABASE_URL": cluster.url(APP), "DATABASE_OWNER_URL": cluster.url(OWNER)}
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
    from devtools.places import data_home
    from devtools.privilege import server_account

    for folder in local().glob(PREFIX + "*"):
        lock = folder / "lock"
        if lock.exists() and free(lock):
            remove_tree(data_home(server_account()) / folder.name)
            remove_tree(folder)
