"""Reading settings from the environment; a missing value stops the boot and names itself."""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def env(name: str, default: str | None = None) -> str:
    """The value of `name`, or `default`; without either the boot stops."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(
            f"The environment variable {name} is not set. Set it, or start with ./dev, which sets it for you."
        )
    return value


def flag(name: str, default: str | None = None) -> bool:
    """`1` or `0`, nothing else: a typing mistake must not switch anything silently."""
    value = env(name, default)
    if value not in {"0", "1"}:
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def one_of(name: str, *values: str) -> str:
    """One of these; the first where nothing is set."""
    value = env(name, values[0])
    if value not in values:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(values)}, not {value!r}.")
    return value


def words(name: str, default: str | None = None) -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in env(name, default).split(",") if word.strip()]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that PostgreSQL gives a kind of process; 0 is no limit.

    `lock`: waiting for one lock. `statement`: one statement, waiting included. `idle`: a transaction that asks nothing.
    """

    lock: int
    statement: int
    idle: int

    def options(self) -> str:
        """As PostgreSQL takes them when a connection begins."""
        return (
            f"-c lock_timeout={self.lock}s -c statement_timeout={self.statement}s "
            f"-c idle_in_transaction_session_timeout={self.idle}s"
        )


# A person waits for a page, a task can come again, a command belongs to somebody who watches it.
LIMITS = {
    "web": Limits(lock=3, statement=15, idle=30),
    # Whoever sends a message by MLLP waits as for a page.
    "mllp": Limits(lock=3, statement=15, idle=30),
    "relay": Limits(lock=5, statement=15, idle=30),
    "beat": Limits(lock=5, statement=15, idle=30),
    "worker": Limits(lock=20, statement=300, idle=120),
    "command": Limits(lock=60, statement=0, idle=600),
    # Whoever waits for a table's lock makes everybody behind wait too: `migrate` gives up soon and tries again.
    "migrate": Limits(lock=1, statement=0, idle=600),
}
# A server that is not there any more keeps no limit for us. Sockets of this machine need only the first.
GONE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def process_kind() -> str:
    """Which of `LIMITS` this process is: as PROCESS says, else by the program that runs."""
    given = os.environ.get("PROCESS")
    if given and given not in LIMITS:
        raise ImproperlyConfigured(f"PROCESS must be one of {', '.join(LIMITS)}, not {given!r}.")
    return given or _by_program(*sys.argv)


def _by_program(program: str, *words: str) -> str:
    if "celery" in program:
        return next((word for word in words if word in {"worker", "beat"}), "command")
    named = words[0] if program.endswith("manage.py") and words else ""
    return named if named in {"migrate", "relay", "mllp"} else "command"


def limits(kind: str) -> Limits:
    """The kind's limits, each of which the environment may set: `LOCK_SECONDS`, `STATEMENT_SECONDS`, `IDLE_SECONDS`."""
    own = LIMITS[kind]
    return Limits(
        lock=number("LOCK_SECONDS", own.lock),
        statement=number("STATEMENT_SECONDS", own.statement),
        idle=number("IDLE_SECONDS", own.idle),
    )


def number(name: str, default: int) -> int:
    """A whole number, 0 or more."""
    value = env(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


# A role may change its own defaults for later connections. What begins with a connection outranks them, so that no
# commit is acknowledged before it is safe, and no name is looked up elsewhere, whatever somebody left there.
FIRM = "-c synchronous_commit=on -c search_path=public -c default_transaction_isolation=read\\ committed"


def database(url: str, limits: Limits) -> dict:
    """Django's database settings of a `postgresql://` URL; a socket folder comes as `?host=/folder`.

    Written by hand because the usual parsers put the socket's folder into OPTIONS, where `dbshell` misses it.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_URL must start with postgresql://. RPM Portal runs on PostgreSQL only."
        )
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "foundation.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or query.pop("host", ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": {
            **GONE,
            **query,
            "options": f"{FIRM} {limits.options()} {query.get('options', '')}".strip(),
        },
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": True,
    }


def email(url: str) -> dict:
    """Django's e-mail settings of `console:` or `smtp://user:password@host:port?tls=1`."""
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme == "file":
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": parts.path,
        }
    if parts.scheme != "smtp":
        raise ImproperlyConfigured(
            "EMAIL_URL must be console:, file:///folder or smtp://user:password@host:port."
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or 587,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parse_qs(parts.query).get("tls", ["1"])[-1] == "1",
        "EMAIL_TIMEOUT": 10,
    }


# Seconds; by itself the library waits a minute, five times over. Somebody waits for the page, inside of a transaction.
STORE_ANSWERS_WITHIN = {"connect_timeout": 3, "read_timeout": 6, "retries": {"total_max_attempts": 2}}


def attachments(base: Path) -> dict:
    """Where the files of patients lie: in a bucket (S3 and what speaks like it), if one is named, else in a folder."""
    if not (bucket := env("ATTACHMENTS_BUCKET", "")):
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": env("ATTACHMENTS_DIR", str(base / "attachments")),
                "base_url": None,
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    # Not imported where files lie in a folder: it takes long.
    from botocore.config import Config

    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env("ATTACHMENTS_ENDPOINT", "") or None,
            "default_acl": None,
            "file_overwrite": False,
            "client_config": Config(**STORE_ANSWERS_WITHIN),
            "object_parameters": {"ServerSideEncryption": env("ATTACHMENTS_ENCRYPTION", "AES256")},
        },
    }


def broker(url: str) -> str:
    """Celery's spelling of a Redis URL: a socket is `redis+socket://` there, and its database a `virtual_host`."""
    return re.sub(r"^unix://([^?]*)(?:\?db=)?", r"redis+socket://\1?virtual_host=", url).removesuffix(
        "?virtual_host="
    )


BASE_DIR = Path(__file__).resolve().parent.parent
