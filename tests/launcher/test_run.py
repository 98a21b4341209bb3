"""`./dev run`: one command, and what happens when things die."""

import os
import signal
import socket
import subprocess
from contextlib import closing

import pytest

from devtools.ports import free_port
from tests.launcher.conftest import answer, eventually

pytestmark = pytest.mark.launcher


def kept(url: str) -> int:
    return (answer(url + "/kept") or {}).get("kept", -1)


@pytest.fixture
def running(house):
    running = house.start("run")
    running.url()
    return running


def test_a_run_from_start_to_end(fresh_checkout):
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=fresh_checkout.root, check=True)
    running = fresh_checkout.start("run")
    url = running.url()
    assert answer(url)["checkout"] == str(fresh_checkout.root)
    assert kept(url) == 1
    steps = (
        "starting PostgreSQL",
        "migrating",
        "loading the demo practice",
        "starting the web server",
        "is at",
    )
    said = [running.output.index(step) for step in steps]
    assert said == sorted(said)
    for person in ("nurse", "lead", "physician", "biller", "auditor", "admin"):
        assert f"{person}@demo.test" in running.output
    for words in (
        "postgres -D",
        "redis-server",
        "gunicorn",
        "celery beat",
        "celery worker",
        "manage.py relay",
    ):
        eventually(lambda words=words: fresh_checkout.process(*words.split()), what=f"no {words}")

    running.says("rpm@localhost ready")

    again = fresh_checkout.dev("run")
    assert again.returncode == 1
    assert f"process {running.process.pid}, {url}" in again.stderr

    told = fresh_checkout.echo()
    assert told["role"] == "rpm_app"
    assert answer(url), "a command that shared the servers took them away"

    running.ends_well(signal.SIGINT)
    assert not fresh_checkout.processes()
    assert "ended with code" not in running.output
    status = ["git", "status", "--porcelain", "--untracked-files=all"]
    untouched = subprocess.run(
        status, cwd=fresh_checkout.root, capture_output=True, text=True, check=True
    ).stdout
    assert [line for line in untouched.splitlines() if not line.startswith("A ")] == []


def test_terminate_is_ctrl_c(house, running):
    running.ends_well(signal.SIGTERM)
    assert not house.processes()


def test_nothing_outlives_a_killed_launcher_and_the_next_start_finds_the_data(house, running):
    running.end(signal.SIGKILL)
    eventually(lambda: not house.processes(), 10, "processes stayed")
    port = str(free_port())
    again = house.start("run", PORT=port)
    assert again.url().endswith(f":{port}")
    assert kept(again.url()) == 1, "the demo practice was lost, or loaded twice"
    again.ends_well()


def test_everything_killed_at_once(house, running):
    for pid in house.processes():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    running.process.wait(60)
    eventually(lambda: not house.processes(), 10, "processes stayed")
    again = house.start("run")
    assert kept(again.url()) == 1
    again.end()


def test_what_dies_is_started_again(house, running):
    url = running.url()
    victims = {
        "web": ("gunicorn",),
        "worker": ("celery", " worker "),
        "beat": ("celery", " beat "),
        "relay": ("manage.py relay",),
        "postgres": ("postgres", "-D"),
        "redis": ("redis-server",),
    }
    before = {name: eventually(lambda w=words: house.process(*w)) for name, words in victims.items()}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    for name, words in victims.items():
        back = eventually(
            lambda w=words, n=name: house.process(*w) not in (0, before[n]), what=f"{name} stayed dead"
        )
        assert back
    eventually(lambda: kept(url) == 1, what="the application did not come back")
    running.ends_well()


def test_the_servers_come_back_when_their_keeper_dies(house, running):
    url, keeper = running.url(), house.process("keep-servers")
    os.kill(keeper, signal.SIGKILL)
    running.says("starting them again")
    eventually(lambda: kept(url) == 1, 30, "the servers did not come back")
    assert house.process("keep-servers") != keeper
    running.ends_well()
    assert not house.processes()


def test_two_checkouts_run_side_by_side_each_with_its_own(make_checkout):
    runs = [make_checkout(name).start("run") for name in "ab"]
    urls = [running.url() for running in runs]
    assert len(set(urls)) == 2
    assert [answer(url)["checkout"] for url in urls] == [str(running.checkout.root) for running in runs]
    for running in runs:
        running.ends_well()
        assert not running.checkout.processes()


def test_a_port_that_was_asked_for_and_is_taken(house):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = house.dev("run", PORT=port)
    assert done.returncode == 1
    assert f"port {port} cannot be had" in done.stderr
