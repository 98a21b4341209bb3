"""The Dockerfile's lines, run here as far as this machine can: no engine is needed for that."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.architecture.walk import ROOT
from tests.integration.deployment import compose


def instructions() -> list[tuple[str, str]]:
    """(instruction, rest) of every line, continued lines joined."""
    joined = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [tuple(re.split(r"\s+", line.strip(), maxsplit=1)) for line in lines]


def of(kind: str) -> list[str]:
    return [rest for name, rest in instructions() if name == kind]


def left_out(path: str) -> bool:
    """Whether .dockerignore keeps the path out of the image."""
    patterns = (ROOT / ".dockerignore").read_text().split()
    parts = [path, *(str(parent) for parent in Path(path).parents if str(parent) != ".")]
    return any(fnmatch(part, p.removeprefix("**/")) or fnmatch(part, p) for part in parts for p in patterns)


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Path:
    """What `COPY . .` brings into the image, with the packages of package-lock.json beside it."""
    place = tmp_path_factory.mktemp("image") / "app"
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in tracked.stdout.splitlines():
        if not left_out(name) and (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)
    (place / "node_modules").symlink_to(ROOT / "node_modules")
    return place


def shell(command: str, place: Path) -> subprocess.CompletedProcess:
    """As the build's shell runs it, with this project's own Python for the image's and nothing else of ours."""
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    env = {"PATH": path, "HOME": str(place), "LANG": "C.UTF-8"}
    env |= dict(
        pair.split("=", 1) for line in of("ENV") for pair in shlex.split(line) if not pair.startswith("PATH")
    )
    return subprocess.run(
        ["/bin/sh", "-c", command], cwd=place, env=env, capture_output=True, text=True, check=False
    )


def test_every_run_line_is_known_here():
    """A new line is either run below or judged by a test of its own."""
    known = (
        "npm ci ",
        "python -m venv /venv && /venv/bin/pip install ",
        "useradd ",
        "mkdir /attachments && chown rpm /attachments",
        "python -m devtools.assets ",
    )
    assert [line for line in of("RUN") if not line.startswith(known)] == []
    assert len(of("RUN")) == len(known)


def test_the_static_files_are_gathered_as_the_dockerfile_says(image):
    (line,) = [line for line in of("RUN") if "collectstatic" in line]
    done = shell(line, image)
    assert done.returncode == 0, done.stderr
    assert not (image / "node_modules").exists()
    manifest = json.loads((image / "staticfiles" / "staticfiles.json").read_text())
    assert {"vendor/bootstrap.min.css", "js/app.js"} <= set(manifest["paths"])


def test_the_image_starts_what_it_says(image):
    """After the build, from the image's own files alone: the web server and each command of compose."""
    for name in compose.APP:
        code = "import django; django.setup(); import rpmportal.wsgi"
        env = " ".join(f"{key}={shlex.quote(value)}" for key, value in compose.environment(name).items())
        env = re.sub(r"PROMETHEUS_MULTIPROC_DIR=\S+", "", env)
        done = shell(f"{env} python -c {shlex.quote(code)}", image)
        assert done.returncode == 0, done.stderr
    web = shell(f"{env} python -m gunicorn --check-config {' '.join(compose.command('web')[1:])}", image)
    assert web.returncode == 0, web.stderr


def test_no_secret_stays_in_the_image():
    """What settings need while building is given to one command, not to the image."""
    told = [line for line in of("ENV") + of("ARG") if re.search("SECRET|PASSWORD|DATABASE|KEY", line)]
    assert told == []


def test_what_is_copied_is_there_and_not_left_out():
    sources = [
        word
        for line in of("COPY")
        if not line.startswith("--from=")
        for word in line.split()[:-1]
        if word != "."
    ]
    assert {"package-lock.json", ".npmrc", "requirements.txt"} <= set(sources)
    assert [name for name in sources if not (ROOT / name).is_file() or left_out(name)] == []


def test_packages_are_installed_by_hash():
    """What `pip install --require-hashes` would refuse is refused here."""
    joined = re.sub(r"\\\n", " ", (ROOT / "requirements.txt").read_text())
    lines = [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) > 20
    assert [line for line in lines if "--hash=sha256:" not in line or "==" not in line] == []


def test_nothing_is_installed_from_a_system_without_versions():
    assert [line for line in of("RUN") if "apt" in line.split()] == []


def test_the_health_check_of_the_image_is_a_file_of_the_image(image):
    (line,) = of("HEALTHCHECK")
    words = json.loads(line[line.index("[") :])
    assert (image / words[1]).is_file()
