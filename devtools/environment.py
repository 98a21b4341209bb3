"""The environment that every process of ours is given; settings.py reads these names and no others."""

import os
import secrets
from pathlib import Path

from devtools.places import ROOT, local
from devtools.say import Problem

DATABASE_NAMES = ("DATABASE_URL", "DATABASE_OWNER_URL")
OWNER_COMMANDS = {"migrate", "makemigrations", "squashmigrations", "test", "flush", "sqlflush"}


def given_database() -> dict[str, str]:
    """The two database addresses from outside, or nothing; one without the other is a mistake."""
    given = {name: os.environ[name] for name in DATABASE_NAMES if os.environ.get(name)}
    if len(given) == 1:
        missing = next(name for name in DATABASE_NAMES if name not in given)
        raise Problem(
            f"{next(iter(given))} is set but {missing} is not. DATABASE_URL is the app role's address, "
            "DATABASE_OWNER_URL that of the role which migrates."
        )
    return given


def given_redis() -> dict[str, str]:
    return {"REDIS_URL": os.environ["REDIS_URL"]} if os.environ.get("REDIS_URL") else {}


def secret_key() -> str:
    """Made once per checkout, readable by its owner alone."""
    path = local() / "secret"
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip() or fresh_secret(path)
    with os.fdopen(file, "w") as handle:
        handle.write(key := secrets.token_urlsafe(48))
    return key


def fresh_secret(path: Path) -> str:
    path.write_text(key := secrets.token_urlsafe(48))
    return key


def development() -> dict[str, str]:
    """What `./dev` runs with, unless the person has set it otherwise."""
    return {
        "SECRET_KEY": secret_key(),
        "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1],testserver",
        "DEBUG": "0",
        "DEMO": "0",
        "HTTPS": "0",
        "SECOND_FACTOR_BY_POLICY": "0",
        "STATIC_MODE": "finders",
        "ATTACHMENTS_DIR": str(local() / "attachments"),
        "EMAIL_URL": "console:",
        "DEFAULT_FROM_EMAIL": "RPM Portal <portal@localhost>",
    }


def production_like() -> dict[str, str]:
    """Made-up values of the shape that production has, for `check --deploy`."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "portal.example.test",
        "DEBUG": "0",
        "DEMO": "0",
        "HTTPS": "1",
        "STATIC_MODE": "manifest",
        "EMAIL_URL": "smtp://user:password@mail.example.test:587",
        "DEFAULT_FROM_EMAIL": "RPM Portal <portal@example.test>",
    }


def plain() -> dict[str, str]:
    """The person's environment with our Python first; output comes line by line."""
    bin_folder = str(ROOT / ".venv" / "bin")
    # Containers forbid writing bytecode; each of our many processes would then compile all that it imports.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **inherited,
        "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": str(ROOT / ".venv"),
        "DJANGO_SETTINGS_MODULE": "rpmportal.settings",
        "PYTHONUNBUFFERED": "1",
        # Celery's children on macOS die without it.
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
    }


def for_people(servers: dict[str, str], **more: str) -> dict[str, str]:
    """For `run` and `manage`: what the person has set counts before our defaults."""
    return {**development(), **more, **plain(), **servers}


def for_tests(servers: dict[str, str], **more: str) -> dict[str, str]:
    """For `test`: nothing left in the person's shell changes what is tested."""
    environment = {**plain(), **development(), **servers, **more}
    environment.pop("DB_ROLE", None)
    return environment


def owner_for(arguments: list[str]) -> dict[str, str]:
    """The commands that change the schema run as its owner, everything else as the app."""
    return {"DB_ROLE": "owner"} if arguments and arguments[0] in OWNER_COMMANDS else {}
