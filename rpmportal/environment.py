"""Reading settings from the environment; a missing value stops the boot and names itself."""

import os
import re
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


def words(name: str, default: str | None = None) -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in env(name, default).split(",") if word.strip()]


def database(url: str) -> dict:
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
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or query.pop("host", ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": query,
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


def broker(url: str) -> str:
    """Celery's spelling of a Redis URL: a socket is `redis+socket://` there, and its database a `virtual_host`."""
    return re.sub(r"^unix://([^?]*)(?:\?db=)?", r"redis+socket://\1?virtual_host=", url).removesuffix(
        "?virtual_host="
    )


BASE_DIR = Path(__file__).resolve().parent.parent
