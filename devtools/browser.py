"""Finding a Chromium for the browser tests, or getting one."""

import os
import shutil
import subprocess
from pathlib import Path

from devtools import environment
from devtools.places import PYTHON, ROOT
from devtools.say import say

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
CACHES = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")
BUILDS = (
    "chromium-*/chrome-linux*/chrome",
    "chromium_headless_shell-*/chrome-*/*headless?shell",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
HOW_TO_GET = (
    "No Chromium was found and none could be installed, so browser tests cannot run. "
    "Install one (apt-get install chromium, or .venv/bin/python -m playwright install chromium), "
    "or set CHROMIUM to the path of one."
)


def find_or_install(arguments: list[str]) -> dict[str, str]:
    """`CHROMIUM` for the tests, or `CHROMIUM_MISSING` with the sentence they fail with."""
    path = find()
    if not path and wanted_by(arguments):
        say("installing Chromium for the browser tests …")
        install()
        path = find()
    return {"CHROMIUM": path} if path else {"CHROMIUM_MISSING": HOW_TO_GET}


def find() -> str:
    given = os.environ.get("CHROMIUM")
    if given:
        return given if os.access(given, os.X_OK) else ""
    on_path = [found for name in NAMES if (found := shutil.which(name))]
    applications = [path for path in APPLICATIONS if os.access(path, os.X_OK)]
    return next(iter([*on_path, *applications, *downloaded()]), "")


def downloaded() -> list[str]:
    """What Playwright's own installer has fetched, newest first."""
    caches = (
        [os.environ["PLAYWRIGHT_BROWSERS_PATH"]] if os.environ.get("PLAYWRIGHT_BROWSERS_PATH") else CACHES
    )
    folders = [Path(cache).expanduser() for cache in caches]
    found = [path for folder in folders for build in BUILDS for path in folder.glob(build)]
    return [str(path) for path in sorted(found, reverse=True) if os.access(path, os.X_OK) and path.is_file()]


def wanted_by(arguments: list[str]) -> bool:
    """Whether these pytest arguments can reach a browser test: named paths outside them need no browser."""
    paths = [Path(word.partition("::")[0]) for word in arguments if not word.startswith("-")]
    named = [(ROOT / path).resolve() for path in paths if (ROOT / path).exists()]
    browser_tests = [ROOT / "tests" / name for name in ("functional", "faults")]
    return not named or any(
        tests.is_relative_to(path) or path.is_relative_to(tests) for path in named for tests in browser_tests
    )


def install() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quietly(["apt-get", "update", "-qq"])
        quietly(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"])
    if not find():
        quietly([PYTHON, "-m", "playwright", "install", "chromium"])


def quietly(command: list) -> None:
    env = {**environment.plain(), "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=900
        )
    except subprocess.TimeoutExpired:
        return
