"""Real copies of `./dev` around a tiny application, each in a folder of its own."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FAKE = Path(__file__).parent / "fake"
OURS = (
    "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DB_ROLE", "PORT", "SECRET_KEY", "DEMO", "DEBUG", "HTTPS",
    "DJANGO_SETTINGS_MODULE", "PYTHONPATH", "CHROMIUM", "CHROMIUM_MISSING", "SOAK", "SITE_URL",
)  # fmt: skip
IS_ROOT = os.geteuid() == 0
collect_ignore = ["fake"]


def eventually(done, seconds: float = 120, what: str = "it did not happen"):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := done():
            return answer
        time.sleep(0.1)
    pytest.fail(f"{what} within {seconds} s")


class Checkout:
    """A folder with the launcher, the tiny application and the packages of the real checkout."""

    def __init__(self, root: Path, *, installed: bool = True, seed: "Checkout | None" = None):
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        for name in (
            "dev",
            "requirements-dev.txt",
            "package.json",
            "package-lock.json",
            ".npmrc",
            ".gitignore",
        ):
            shutil.copy2(ROOT / name, root / name)
        shutil.copytree(ROOT / "devtools", root / "devtools", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(FAKE, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        # The web server's own, as it is.
        for name in ("deploy/gunicorn.conf.py", "rpmportal/web_worker.py"):
            (root / name).parent.mkdir(exist_ok=True)
            shutil.copy2(ROOT / name, root / name)
        if installed:
            (root / ".venv").symlink_to(ROOT / ".venv")
            shutil.copytree(ROOT / "assets" / "vendor", root / "assets" / "vendor")
        if seed is not None:
            (root / ".local").mkdir()
            subprocess.run(["cp", "-a", *seed.clusters(), root / ".local"], check=True)
        self.started: list[subprocess.Popen] = []

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        return {**kept, **more}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.root / "dev"), *arguments]

    def dev(
        self, *arguments: str, timeout: float = 60, prefix=(), **more: str
    ) -> subprocess.CompletedProcess:
        return subprocess.run(
            [*prefix, *self.command(*arguments)],
            env=self.environment(**more),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def echo(self, **more: str) -> dict:
        """What `./dev manage` hands to a command, and what the command found in the database."""
        done = self.dev("manage", "echo", **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def start(self, *arguments: str, **more: str) -> "Running":
        # Opened here, read through its path: the launcher writes for as long as it runs.
        output = self.root.with_name(self.root.name + f".{len(self.started)}.out")
        with open(output, "wb") as out:
            process = subprocess.Popen(
                self.command(*arguments),
                env=self.environment(**more),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.started.append(process)
        return Running(self, process, output)

    def homes(self) -> list[Path]:
        """Where its data may lie: in it, or outside when PostgreSQL's user cannot enter it."""
        from devtools.places import SYSTEM_HOME, fingerprint

        return [self.root, SYSTEM_HOME / fingerprint(self.root)]

    def clusters(self) -> list[Path]:
        return [path for home in self.homes() for path in [*home.glob(".local/pg-*"), *home.glob("pg-*")]]

    def processes(self) -> dict[int, str]:
        """Everything that runs for this checkout, by its working folder or its command line."""
        found = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                command = (
                    Path(f"/proc/{name}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
                folder = os.readlink(f"/proc/{name}/cwd")
            except OSError:
                continue
            if any(str(home) in command or folder.startswith(str(home)) for home in self.homes()):
                found[int(name)] = command
        found.pop(os.getpid(), None)
        return found

    def process(self, *words: str) -> int:
        """The oldest process of this checkout whose command has all the words."""
        matching = [
            pid for pid, command in self.processes().items() if all(word in command for word in words)
        ]
        return min(matching) if matching else 0

    def end_processes(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()
        eventually(
            lambda: not self.processes(), 30, f"processes of {self.root} did not end: {self.processes()}"
        )

    def clear(self) -> None:
        self.end_processes()
        for home in self.homes():
            shutil.rmtree(home, ignore_errors=True)


class Running:
    """A `./dev` verb that runs in the background."""

    def __init__(self, checkout: Checkout, process: subprocess.Popen, output: Path):
        self.checkout, self.process, self.path = checkout, process, output

    @property
    def output(self) -> str:
        return self.path.read_text(errors="replace")

    def says(self, text: str, seconds: float = 120) -> str:
        def heard():
            if text not in self.output and self.process.poll() is not None and text not in self.output:
                pytest.fail(f"ended with {self.process.returncode} before saying {text!r}:\n{self.output}")
            return text in self.output

        eventually(heard, seconds, f"{text!r} was not said; output:\n{self.output}")
        return self.output

    def url(self) -> str:
        line = next(line for line in self.says("RPM Portal is at").splitlines() if "RPM Portal is at" in line)
        return line.split()[-1]

    def ends_well(self, signum: int = signal.SIGINT) -> None:
        assert self.end(signum) == 0, self.output

    def end(self, signum: int = signal.SIGINT) -> int:
        self.process.send_signal(signum)
        return self.process.wait(240)


def answer(url: str) -> dict | None:
    """What the tiny application says of itself; None while it does not answer."""
    try:
        with urllib.request.urlopen(url, timeout=3) as reply:
            return json.loads(reply.read())
    except (urllib.error.URLError, OSError, ValueError):
        return None


@contextmanager
def folder_for_all():
    """A folder that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="rpm-launcher-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def open_folder():
    with folder_for_all() as folder:
        yield folder


@pytest.fixture(scope="session")
def seed():
    """One with a new and empty database, for others to start from: making one takes two seconds each."""
    with folder_for_all() as folder:
        checkout = Checkout(folder / "seed")
        checkout.echo()
        yield checkout
        checkout.clear()


@pytest.fixture
def make_checkout(open_folder, seed):
    made = []

    def make(name: str = "a", **options) -> Checkout:
        made.append(Checkout(open_folder / name, **{"seed": seed, **options}))
        return made[-1]

    yield make
    for checkout in made:
        checkout.clear()


@pytest.fixture
def checkout(make_checkout):
    return make_checkout()


@pytest.fixture
def fresh_checkout(make_checkout):
    """One that has never been started."""
    return make_checkout(seed=None)


@pytest.fixture(scope="module")
def module_house(seed):
    with folder_for_all() as folder:
        checkout = Checkout(folder / "house", seed=seed)
        yield checkout
        checkout.clear()


@pytest.fixture
def house(module_house):
    """One that the tests of a module use after each other; nothing runs in it between them."""
    assert not module_house.processes()
    yield module_house
    module_house.end_processes()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
