"""`./dev test`: servers of its own, fast ones, and none left."""

import json
import signal

import pytest

from tests.launcher.conftest import eventually

pytestmark = pytest.mark.launcher
QUICK = ("checks", "-s", "-q", "-p", "no:django", "-p", "no:cacheprovider")


def told(output: str) -> dict:
    return json.loads(next(line for line in output.splitlines() if line.startswith("told "))[5:])


def test_runs_of_tests_meet_neither_each_other_nor_a_running_application(house):
    application = house.start("run")
    application.url()
    both = [house.start("test", *QUICK, PAUSE="1") for _ in range(2)]
    for running in both:
        assert running.process.wait(60) == 0, running.output
    seen = [told(running.output) for running in both] + [house.echo()]
    assert len({addresses["DATABASE_URL"] for addresses in seen}) == 3
    assert len({addresses["REDIS_URL"] for addresses in seen}) == 3
    assert (seen[0]["fsync"], seen[0]["DB_ROLE"], seen[0]["SOAK"]) == ("off", "owner", None)
    application.ends_well()
    assert not house.processes()
    assert not [
        path for home in house.homes() for path in home.glob("**/test-*") if "checks" not in str(path)
    ]


def test_a_killed_run_of_tests_leaves_no_process_and_the_next_removes_its_files(house):
    kept = house.start("test", *QUICK, PAUSE="30")
    kept.says("told ")
    beside = house.start("test", *QUICK, PAUSE="30")
    beside.says("told ")
    for running in (kept, beside):
        running.end(signal.SIGKILL)
    eventually(lambda: not house.processes(), 10, "processes stayed")
    left = list((house.root / ".local").glob("test-*"))
    assert left
    first = house.start("soak", *QUICK, SOAK="0", PAUSE="1")
    assert house.dev("test", *QUICK).returncode == 0
    assert first.process.wait(60) == 0, first.output
    assert told(first.output)["SOAK"] == "1"
    assert not left[0].exists()


def test_the_database_files_of_one_run_serve_the_next_unless_the_machine_went_down_meanwhile(house):
    def mark() -> bool:
        """Whether the cluster is the one that was marked before; marks it."""
        (cluster,) = [path for home in house.homes() for path in home.glob("**/kept-tests/pg-*")]
        seen = (cluster / "seen").exists()
        (cluster / "seen").touch()
        return seen

    house.dev("test", *QUICK)
    mark()
    house.dev("test", *QUICK)
    assert mark()
    (house.root / ".local/kept-tests/boot").write_text("another boot")
    assert house.dev("test", *QUICK).returncode == 0
    assert not mark()
