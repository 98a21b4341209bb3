"""`./dev check` looks and changes nothing; `./dev fix` edits."""

import os
import subprocess

from devtools import environment
from devtools.places import PYTHON, ROOT
from devtools.say import say
from devtools.servers import servers

BIN = ROOT / ".venv" / "bin"
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as main; main()"


def check() -> int:
    """Runs every check even when one fails; 1 if any did."""
    failed = [name for name, command, env in all_checks() if not passes(name, command, env)]
    failed += schema_checks()
    say("all checks passed." if not failed else f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def all_checks() -> list[tuple[str, list, dict]]:
    """Those that need no server."""
    env = {**environment.plain(), **environment.production_like(), **unused_addresses()}
    env |= {"PYTHONPATH": str(ROOT)}
    return [
        ("ruff", [BIN / "ruff", "check", "--quiet", "--output-format", "concise", "."], env),
        (
            "ruff format",
            [BIN / "ruff", "format", "--check", "--quiet", "--output-format", "concise", "."],
            env,
        ),
        ("djade", [BIN / "djade", "--target-version", "5.2", "--check", *templates()], env),
        ("lint-imports", [PYTHON, "-c", LINT_IMPORTS], env),
        ("mypy", [PYTHON, "-m", "mypy"], env),
        ("check --deploy", [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], env),
    ]


def schema_checks() -> list[str]:
    """Those that look at the database; as the app, which could change nothing if it tried."""
    with servers() as use:
        env = environment.for_people(use.addresses)
        command = [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]
        return [] if passes("makemigrations --check", command, env) else ["makemigrations --check"]


def unused_addresses() -> dict[str, str]:
    """Settings demand addresses even of commands that use none."""
    return {
        "DATABASE_URL": "postgresql://rpm_app@database.example.test/rpm",
        "DATABASE_OWNER_URL": "postgresql://rpm_owner@database.example.test/rpm",
        "REDIS_URL": "redis://redis.example.test:6379/0",
    }


def templates() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*.html"))]


def passes(name: str, command: list, env: dict) -> bool:
    """Runs one check; its output is shown when it fails."""
    done = subprocess.run(
        [os.fspath(part) for part in command],
        env=env,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    say(f"{'ok   ' if done.returncode == 0 else 'FAILED'} {name}")
    if done.returncode:
        say(done.stdout.rstrip())
    return done.returncode == 0


def fix() -> int:
    """Ruff and djade edit what they can; what is left for a person is shown by `check`."""
    commands = [
        [BIN / "ruff", "check", "--fix", "--quiet", "."],
        [BIN / "ruff", "format", "--quiet", "."],
    ]
    codes = [subprocess.run(command, cwd=ROOT, check=False).returncode for command in commands]
    for name in templates():
        # One at a time: djade answers 1 for "changed something", which is no failure here.
        subprocess.run(
            [BIN / "djade", "--target-version", "5.2", name], cwd=ROOT, check=False, capture_output=True
        )
    return max(codes)
