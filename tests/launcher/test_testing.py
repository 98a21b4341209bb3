"""`./dev test`: servers of its own, fast ones, and none left."""

import json
import os
import signal
import subprocess
import sys

import pytest

from devtools import testing
from tests.launcher.conftest import ROOT, eventually

pytestmark = pytest.mark.launcher
QUICK = ("checks", "-s", "-q", "-p", "no:django", "-p", "no:cacheprovider")


def told(output: str) -> dict:
    return json.loads(next(line for line in output.splitlines() if line.startswith("told "))[5:])


def test_runs_of_tests_meet_neither_each_other_nor_a_running_application(house):
    application = house.start("run")
    application.url()
    both = [house.start("test", *QUICK, PAUSE="1") for _ in range(2)]
    for running in both:
        assert running.process.wait(180) == 0, running.output
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
    assert first.process.wait(180) == 0, first.output
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


def test_a_run_killed_while_it_copies_its_database_files_leaves_none_half_made(make_checkout, tmp_path):
    checkout, slow = make_checkout(), tmp_path / "cp"
    slow.write_text('#!/bin/sh\nmkdir "$3" && touch "$3/PG_VERSION" && echo half copied && exec sleep 3\n')
    slow.chmod(0o755)
    running = checkout.start("test", *QUICK, PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    running.says("half copied")
    running.end(signal.SIGKILL)
    again = checkout.dev("test", *QUICK)
    assert again.returncode == 0, again.stdout + again.stderr


ALL_PROCESSORS = ["-n", "4"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ALL_PROCESSORS),
        (["tests/integration"], ALL_PROCESSORS),
        (["-k", "close", "--cov"], ALL_PROCESSORS),
        # Nothing in it waits, so there are no more workers than processors.
        (testing.QUICK, ["-n", "3"]),
        (["tests/integration/test_leaving.py"], []),
        (["tests/integration/test_leaving.py::test_a_person", "tests/unit"], []),
        (["-n", "4"], []),
        (["-n4"], []),
        (["--numprocesses=4"], []),
        (["-p", "no:xdist"], []),
        (["--pdb"], []),
        (["--co"], []),
    ],
)
def test_the_tests_are_shared_out_unless_files_are_named_or_the_person_says_otherwise(
    arguments, expected, monkeypatch
):
    monkeypatch.setattr(testing, "processors", lambda: 3)
    assert testing.workers(arguments) == expected


def test_what_quick_leaves_out_is_there():
    assert all((ROOT / word.partition("=")[2]).is_dir() for word in testing.QUICK)


@pytest.fixture
def three_files(tmp_path):
    """One waits, two compute; the run with so many workers gives {test: worker}, in the order of their ends."""
    faults = tmp_path / "tests" / "faults"
    faults.mkdir(parents=True)
    (tmp_path / "pytest.ini").touch()
    (tmp_path / "conftest.py").write_text(
        "from tests.conftest import pytest_collection_modifyitems, pytest_xdist_make_scheduler"
    )
    (tmp_path / "test_many.py").write_text("def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass\n")
    (tmp_path / "test_other.py").write_text("def test_d(): pass\ndef test_e(): pass\ndef test_f(): pass\n")
    (faults / "test_long.py").write_text("def test_g(): pass\ndef test_h(): pass\ndef test_i(): pass\n")

    def run(workers: int) -> dict[str, str]:
        options = ["-v", "-n", str(workers), "-p", "no:django", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        words = [line.split() for line in done.stdout.splitlines() if "PASSED" in line]
        assert len(words) == 9, done.stdout + done.stderr
        return {test.split("::")[1]: worker for worker, *_, test in words}

    return run


def test_what_waits_for_processes_is_given_out_before_other_files(three_files):
    assert list(three_files(1))[:3] == ["test_g", "test_h", "test_i"]


def test_of_several_workers_the_first_begins_with_what_computes(three_files):
    ran = three_files(2)
    assert (ran["test_a"], ran["test_g"]) == ("[gw0]", "[gw1]")
