"""compose.yaml: what each container is given and gives up, and that its command starts with those settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.postgres import QUIET, options
from tests.architecture.walk import ROOT
from tests.integration.deployment import compose

SERVICES = compose.services()
TRY_CELERY = """
import sys, django
from celery.bin.celery import celery
django.setup()
command = celery.get_command(None, sys.argv[3])
command.callback = lambda **values: print("taken")
celery.main(sys.argv[1:], standalone_mode=False)
"""
TRY_MANAGE = """
import sys, django
from django.core.management import get_commands, load_command_class
django.setup()
name, *rest = sys.argv[1:]
load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(rest)
"""


def test_it_asks_for_what_it_needs_and_nothing_more():
    assert compose.asked_for() == set(compose.GIVEN)


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_confined(name):
    service = SERVICES[name]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert not service.get("privileged")
    assert service["read_only"] is True
    assert any(line.startswith("/tmp:") for line in service["tmpfs"])
    assert service["mem_limit"]
    assert service["pids_limit"]
    runs_as = service.get("user") or ("rpm" if "USER rpm" in (ROOT / "Dockerfile").read_text() else "root")
    assert runs_as not in {"root", "0"}


@pytest.mark.parametrize("name", SERVICES)
def test_only_migrate_has_the_owners_password(name):
    """The server itself is told it once, to make the role."""
    has_it = "ownerpassword" in str(SERVICES[name])
    assert has_it == (name in {"migrate", "db"})


def test_nothing_but_the_proxy_is_reached_from_outside():
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy", "mllp"}
    listener = SERVICES["mllp"]
    assert listener["profiles"] == ["mllp"], "It begins only where it is asked for,"
    assert listener["ports"] == ["127.0.0.1:2575:2575"], "and to this machine, unless told otherwise."


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_every_lasting_container_is_asked_how_it_is_and_started_again(name):
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    image_asks = name == "web" and "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()
    assert image_asks or service["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", ["worker", "beat", "relay"])
def test_a_silent_process_is_found_by_its_message(name):
    """`manage.py alive` says no after two minutes without a message that went all the way round."""
    health = SERVICES[name]["healthcheck"]
    assert health["test"] == ["CMD", "python", "manage.py", "alive", name]
    assert not health.get("disable")


def test_the_database_is_as_quiet_as_the_embedded_one():
    assert SERVICES["db"]["command"] == ["postgres", *options(QUIET)]


def test_the_production_page_asks_for_the_same_quiet():
    page = (ROOT / "docs" / "production.md").read_text()
    missing = [name for name, value in QUIET.items() if f"{name} = {value}" not in page]
    assert missing == []


def run(name: str, *command: str) -> subprocess.CompletedProcess:
    """With the container's environment alone, and no server there."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **compose.environment(name)}
    env.pop("PROMETHEUS_MULTIPROC_DIR", None)
    env["DJANGO_SETTINGS_MODULE"] = "rpmportal.settings"
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", compose.APP)
def test_the_settings_load_with_what_it_is_given_and_are_fit_for_production(name):
    done = run(name, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", sorted(set(compose.GIVEN) - {"TLS_DIR"}))
def test_a_missing_value_stops_the_start(missing):
    given = {name: value for name, value in compose.GIVEN.items() if name != missing}
    with pytest.raises(KeyError, match=missing):
        compose.services(given)


@pytest.mark.parametrize("name", compose.APP)
def test_its_command_is_one_that_the_program_takes(name):
    program, *words = compose.command(name)
    if program == "gunicorn":
        done = run(name, "-m", "gunicorn", "--check-config", *words)
    elif program == "celery":
        done = run(name, "-c", TRY_CELERY, *words)
    else:
        assert (program, words[0]) == ("python", "manage.py")
        done = run(name, "-c", TRY_MANAGE, *words[1:])
    assert done.returncode == 0, done.stderr


def test_the_procfile_runs_the_same_programs():
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    for name in ("web", "worker", "beat", "relay"):
        words = [word for word in lines[name].split() if "=" not in word or word.startswith("--")]
        assert words[:2] == compose.command(name)[:2], name


def test_every_file_that_is_mounted_is_there():
    mounted = [
        Path(line.split(":")[0])
        for service in SERVICES.values()
        for line in service.get("volumes", ())
        if line.startswith("./")
    ]
    assert len(mounted) >= 3
    assert [str(path) for path in mounted if not (ROOT / path).exists()] == []
