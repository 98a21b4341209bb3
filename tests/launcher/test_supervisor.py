"""The supervisor by itself, on processes of one line."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.launcher
ROOT = Path(__file__).resolve().parents[2]


def supervise(body: str, *, seconds: float = 120) -> subprocess.CompletedProcess:
    """Runs a script in which `service(name, code)` makes a service of a line of Python."""
    head = """
        import os, signal, sys, time
        from devtools import deaths, supervisor
        from devtools.supervisor import Service, Supervisor

        def service(name, code):
            return Service(name, [sys.executable, "-u", "-c", code], dict(os.environ), "/")
    """
    script = textwrap.dedent(head) + textwrap.dedent(body)
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)


def test_five_deaths_within_a_minute_end_everything():
    done = supervise("""
        deaths.Deaths.pause = 0.05
        broken, sound = service("broken", "exit(3)"), service("sound", "import time; time.sleep(60)")
        code = Supervisor([broken, sound]).run()
        print("code", code, "sound is", sound.process)
    """)
    assert "broken ended 5 times within a minute (last code 3): stopping everything." in done.stdout
    assert "code 1 sound is None" in done.stdout


def test_the_pause_before_a_restart_grows():
    from devtools.deaths import Deaths

    deaths, pauses = Deaths(), []
    while not deaths.too_many:
        deaths.another()
        pauses.append(deaths.pause)
    assert pauses == sorted(set(pauses))
    assert len(pauses) == 5


TALK = """
import sys, time
print("half", end="")
time.sleep(0.3)
print(" line")
sys.stdout.buffer.write(b"\\xff\\n")
sys.stdout.flush()
time.sleep(60)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(60)
"""
PARENT = """
import os, subprocess, time
print("child", subprocess.Popen(["sleep", "61"]).pid)
time.sleep(0.2)
os.kill(os.getpid(), 9)
"""
# Ctrl-C after a moment.
ENOUGH = """
        end = time.monotonic() + 1.5
        def enough():
            return time.monotonic() > end and bool(os.kill(os.getpid(), signal.SIGINT) or True)
"""


def test_lines_carry_the_name_of_who_wrote_them():
    done = supervise(f"""{ENOUGH}
        Supervisor([service("a", {TALK!r}), service("longer", "import time; time.sleep(60)")]).run(when_started=enough)
    """)
    assert "a      | half line\n" in done.stdout
    assert "a      | \ufffd\n" in done.stdout


def test_a_process_that_will_not_stop_is_ended_after_the_grace():
    done = supervise(f"""{ENOUGH}
        supervisor.GRACE = 0.5
        deaf = service("deaf", {DEAF!r})
        print("code", Supervisor([deaf]).run(when_started=enough), deaf.process)
    """)
    assert "code 0 None" in done.stdout


def test_grandchildren_end_with_their_parent():
    done = supervise(f"""{ENOUGH}
        deaths.Deaths.pause = 60
        Supervisor([service("parent", {PARENT!r})]).run(when_started=enough)
    """)
    child = next(line.split()[-1] for line in done.stdout.splitlines() if "child" in line)
    stat = Path(f"/proc/{child}/stat")
    assert not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"
