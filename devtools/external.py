"""Servers that somebody else runs: do they answer, and are both roles there with the rights they need?"""

import subprocess

from devtools import environment
from devtools.places import PYTHON, ROOT
from devtools.say import Problem


def look_at(addresses: dict[str, str], *, tests: bool) -> None:
    """Asks through the drivers that the application uses; a Problem carries the SQL that helps."""
    given = ["database"] * bool(environment.given_database()) + ["redis"] * bool(environment.given_redis())
    if not given:
        return
    command = [PYTHON, "-m", "devtools.probe", *given, *["tests"] * tests]
    done = subprocess.run(
        command,
        env={**environment.plain(), **addresses},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Problem(
            done.stdout.strip() or done.stderr.strip() or "the given servers could not be looked at"
        )
