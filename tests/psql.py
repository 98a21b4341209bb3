"""PostgreSQL's own client, as an attacker at the keyboard has it: a process of its own, past everything of ours."""

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import connection

from devtools import pgbin
from devtools.say import Problem
from rpmportal.environment import LIMITS, database

PLAIN = ("--no-psqlrc", "--no-password", "--quiet", "--no-align", "--tuples-only")


@dataclass(frozen=True, slots=True)
class Told:
    """What psql printed: rows, and errors and notices."""

    rows: str
    errors: str


@cache
def client() -> Path | None:
    """The psql that lies beside the server's binaries; None where there are none."""
    try:
        found = pgbin.find(None) / "psql"
    except Problem:
        return None
    return found if found.exists() else None


def psql(script: str, **variables: object) -> Told:
    """The script as the app role in this test's database, to its end whatever fails. `variables` are psql's own."""
    app = database(os.environ["DATABASE_URL"], LIMITS["command"])
    name = connection.settings_dict["NAME"]
    where = {"host": app["HOST"], "port": app["PORT"], "user": app["USER"], "dbname": name}
    given = [word for key, value in variables.items() for word in ("--set", f"{key}={value}")]
    asked = " ".join(f"{key}={value}" for key, value in where.items() if value)
    env = {"PATH": os.environ["PATH"], "PGPASSWORD": app["PASSWORD"], "PGCLIENTENCODING": "UTF8"}
    done = subprocess.run(
        [client(), *PLAIN, *given, asked],
        input=script,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Told(done.stdout.strip(), done.stderr.strip())
