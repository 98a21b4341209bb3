"""The embedded servers: whose they are, where they lie, and how they come back."""

import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from devtools.pglock import clear_stale_lock
from tests.launcher.conftest import IS_ROOT, Checkout, eventually, mode

pytestmark = pytest.mark.launcher


def socket_folder(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def owner_of(pid: int) -> int:
    return os.stat(f"/proc/{pid}").st_uid


def test_a_command_gets_its_servers_and_leaves_none_behind(house):
    told = house.echo()
    assert (told["role"], told["superuser"]) == ("rpm_app", False)
    assert told["REDIS_URL"].startswith("unix:///")
    assert told["DATABASE_OWNER_URL"].endswith("user=rpm_owner")
    assert (told["DEBUG"], told["HTTPS"], told["STATIC_MODE"], told["DB_ROLE"]) == ("0", "0", "finders", None)
    assert len(told["SECRET_KEY"]) >= 50
    assert house.echo()["SECRET_KEY"] == told["SECRET_KEY"]
    assert mode(house.root / ".local" / "secret") == 0o600
    assert not house.processes()


def test_commands_that_change_the_schema_run_as_its_owner(house):
    assert '{"DB_ROLE": "owner"}' in house.dev("manage", "flush").stdout


def test_the_exit_code_of_a_command_is_handed_on(house):
    assert house.dev("manage", "fail").returncode == 7


def test_as_root_postgres_is_another_user_and_no_mode_changes(house):
    before = mode(house.root.parent), mode(house.root)
    running = house.start("manage", "nap")
    running.says("napping")
    postgres = eventually(lambda: house.process("postgres", "-D"))
    assert (owner_of(postgres) != 0) if IS_ROOT else (owner_of(postgres) == os.geteuid())
    assert (mode(house.root.parent), mode(house.root)) == before
    running.end(signal.SIGTERM)


def test_a_checkout_that_others_cannot_enter_stays_closed(fresh_checkout):
    fresh_checkout.root.chmod(0o700)
    assert fresh_checkout.echo()["role"] == "rpm_app"
    inside, outside = fresh_checkout.homes()
    assert mode(inside) == 0o700
    assert (outside.is_dir(), list(inside.glob(".local/pg-*")) == []) == (IS_ROOT, IS_ROOT)


def test_a_closed_parent_folder_stays_closed(open_folder):
    closed = open_folder / "closed"
    checkout = Checkout(closed / "a")
    closed.chmod(0o700)
    try:
        assert checkout.echo()["role"] == "rpm_app"
        assert mode(closed) == 0o700
    finally:
        checkout.clear()


@pytest.mark.parametrize("name", ["a b,é", "deep-" + "x" * 120])
def test_a_path_no_socket_can_have(make_checkout, name):
    checkout = make_checkout(name)
    folder = socket_folder(checkout.echo()["DATABASE_URL"])
    assert folder.parts[1] == "tmp"
    assert folder.parent.name.startswith(f"rpmportal-{os.geteuid()}-")
    assert mode(folder) == 0o700
    shutil.rmtree(folder.parent)
    # Anybody may make a folder in /tmp, and knows its name.
    folder.parent.symlink_to("/tmp")
    refused = checkout.dev("manage", "echo")
    folder.parent.unlink()
    assert refused.returncode == 1
    assert "belongs to somebody else" in refused.stderr


# ------------------------------------------------------------------------------------- stale lock files


def lines_of_a_lock(pid: int) -> str:
    return f"{pid}\n/nowhere\n0\n5432\n/nowhere\n\n0 0\nready\n"


def test_a_lock_of_a_dead_or_reused_number_is_no_obstacle(house):
    house.echo()
    data = next(path for path in house.clusters() if "template" not in path.name)
    for number in (os.getpid(), 2**22 - 1):
        (data / "postmaster.pid").write_text(lines_of_a_lock(number))
        shutil.chown(data / "postmaster.pid", data.stat().st_uid, data.stat().st_gid)
        assert house.echo()["role"] == "rpm_app"


def test_a_dead_server_that_nobody_reaped_is_no_obstacle(tmp_path):
    program = tmp_path / "postgres"
    shutil.copy2("/bin/sleep", program)
    dead = subprocess.Popen([program, "60"], cwd=tmp_path)
    (tmp_path / "postmaster.pid").write_text(lines_of_a_lock(dead.pid))
    dead.kill()
    eventually(lambda: Path(f"/proc/{dead.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z")
    clear_stale_lock(tmp_path, tmp_path)
    assert not (tmp_path / "postmaster.pid").exists()
    dead.wait()


def test_a_lock_is_not_removed_while_a_server_process_lives(tmp_path):
    program = tmp_path / "postgres"
    shutil.copy2("/bin/sleep", program)
    backend = subprocess.Popen([program, "60"], cwd=tmp_path)
    lock = tmp_path / "postmaster.pid"
    lock.write_text(lines_of_a_lock(2**22 - 1))
    thread = threading.Thread(target=clear_stale_lock, args=(tmp_path, tmp_path))
    thread.start()
    thread.join(0.5)
    assert lock.exists()
    backend.kill()
    backend.wait()
    thread.join(5)
    assert not lock.exists()


# --------------------------------------------------------------------------------------------- sharing


def test_commands_share_the_servers_and_the_last_one_stops_them(house):
    first = house.start("manage", "nap")
    first.says("napping")
    keeper = house.process("keep-servers")
    second = house.start("manage", "nap")
    second.says("napping")
    assert first.end(signal.SIGTERM) == 128 + signal.SIGTERM
    assert house.process("keep-servers") == keeper
    assert house.process("redis-server")
    second.end(signal.SIGTERM)
    assert not house.processes()


def test_a_killed_command_leaves_no_server(house):
    running = house.start("manage", "nap")
    running.says("napping")
    running.end(signal.SIGKILL)
    eventually(lambda: not house.processes(), 10, "servers stayed")
    assert house.echo()["role"] == "rpm_app"


def test_two_first_starts_at_once(fresh_checkout):
    both = [fresh_checkout.start("manage", "echo") for _ in range(2)]
    for running in both:
        assert running.process.wait(180) == 0, running.output
        assert '"role": "rpm_app"' in running.output
    assert not fresh_checkout.processes()
