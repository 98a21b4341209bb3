"""Keeps a set of processes running: their lines prefixed, their deaths mended, their end orderly."""

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from devtools.deaths import Deaths
from devtools.process import end_group, spawn
from devtools.say import say

GRACE = 30.0
COLORS = (36, 33, 32, 35, 34, 31)


@dataclass
class Service:
    """One process to keep running."""

    name: str
    argv: list
    env: dict
    cwd: str
    death: int = signal.SIGTERM
    pass_fds: tuple = ()
    process: subprocess.Popen | None = None
    unfinished: bytes = b""
    deaths: Deaths = field(default_factory=Deaths)
    start_at: float = 0.0

    def start(self) -> None:
        self.process = spawn(
            self.argv,
            env=self.env,
            cwd=self.cwd,
            death=self.death,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=self.pass_fds,
        )
        os.set_blocking(self.process.stdout.fileno(), False)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Starts the services and watches them until asked to stop or one cannot be kept alive."""

    def __init__(self, services: list[Service], *, every_second: Callable[[], None] = lambda: None):
        self.services = services
        self.every_second = every_second
        self.selector = selectors.DefaultSelector()
        self.asked_to_stop = 0
        self.width = max(len(service.name) for service in services)
        self._next_second = 0.0

    # -------------------------------------------------------------------------------------------- running

    def run(self, when_started: Callable[[], bool] = lambda: True) -> int:
        """Until Ctrl-C, SIGTERM or SIGHUP: 0; 1 when a service died too often. Calls `when_started` until true."""
        self._listen_for_signals()
        try:
            for service in self.services:
                self._start(service)
            return self._watch(when_started)
        finally:
            self._stop()

    def _watch(self, when_started: Callable[[], bool]) -> int:
        greeted = False
        while not self.asked_to_stop:
            self._read_lines(0.1)
            greeted = greeted or when_started()
            if not self._mend():
                return 1
            if time.monotonic() >= self._next_second:
                self._next_second = time.monotonic() + 1
                self.every_second()
        return 0

    def _listen_for_signals(self) -> None:
        """Signals also write to a socket that the selector watches, so that none waits for the next log line."""
        self._wake, ours = socket.socketpair()
        for end in (self._wake, ours):
            end.setblocking(False)
        signal.set_wakeup_fd(ours.fileno(), warn_on_full_buffer=False)
        self._ours = ours
        self.selector.register(self._wake, selectors.EVENT_READ, None)
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._ask_to_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _ask_to_stop(self, *_) -> None:
        self.asked_to_stop += 1

    def _start(self, service: Service) -> None:
        service.start()
        self.selector.register(service.process.stdout, selectors.EVENT_READ, service)

    def _mend(self) -> bool:
        """Starts again what died, after a pause that doubles; False when one died too often."""
        now = time.monotonic()
        for service in self.services:
            if service.running:
                continue
            if service.process is None:
                if now >= service.start_at:
                    self._start(service)
                continue
            if not self._plan_restart(service, now):
                return False
        return True

    def _plan_restart(self, service: Service, now: float) -> bool:
        code = service.process.returncode
        self._bury(service)
        often = service.deaths.another()
        if service.deaths.too_many:
            say(
                f"{service.name} ended {often} times within a minute (last code {code}): stopping everything."
            )
            return False
        pause = service.deaths.pause
        say(f"{service.name} ended with code {code}; starting it again in {pause:g} s.")
        service.start_at = now + pause
        return True

    def _bury(self, service: Service) -> None:
        """Ends what the dead process left of its session, and shows its last lines."""
        end_group(service.process)
        self._drain(service)
        self.selector.unregister(service.process.stdout)
        service.process.stdout.close()
        service.process = None

    # ----------------------------------------------------------------------------------------------- lines

    def _read_lines(self, seconds: float) -> None:
        for key, _ in self.selector.select(seconds):
            if key.data is None:
                self._empty_wake()
            elif not self._drain(key.data):
                time.sleep(0.005)  # its pipe is closed and it is about to end: do not spin until it has

    def _empty_wake(self) -> None:
        try:
            self._wake.recv(4096)
        except BlockingIOError:
            pass

    def _drain(self, service: Service) -> bool:
        """Prints what the service has written; False when it has closed its output."""
        for _ in range(16):
            try:
                chunk = os.read(service.process.stdout.fileno(), 65536)
            except BlockingIOError:
                return True
            if not chunk:
                self._print(service, service.unfinished)
                service.unfinished = b""
                return False
            *lines, service.unfinished = (service.unfinished + chunk).split(b"\n")
            for line in lines:
                self._print(service, line)
        return True

    def _print(self, service: Service, line: bytes) -> None:
        if line:
            say(self.prefix(service) + line.decode(errors="replace").rstrip("\r"))

    def prefix(self, service: Service) -> str:
        label = f"{service.name:<{self.width}} | "
        if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
            return label
        return f"\x1b[{COLORS[self.services.index(service) % len(COLORS)]}m{label}\x1b[0m"

    # ------------------------------------------------------------------------------------------------- end

    def _stop(self) -> None:
        """Asks all to finish what they do; ends what has not after the grace, or at the second Ctrl-C."""
        asked, deadline = self.asked_to_stop, time.monotonic() + GRACE
        for service in self.services:
            if service.running:
                service.process.terminate()
        while any(service.running for service in self.services) and time.monotonic() < deadline:
            self._read_lines(0.05)
            if self.asked_to_stop > max(asked, 1):
                say("stopping at once.")
                break
        for service in self.services:
            if service.process is not None:
                self._bury(service)
