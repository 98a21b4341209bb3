"""A stand-in for Django's manage.py: enough of it to see what the launcher hands over."""

import json
import os
import signal
import sys
import time

import psycopg

HANDED_OVER = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DB_ROLE")
HANDED_OVER += ("DEBUG", "DEMO", "HTTPS", "STATIC_MODE", "EMAIL_URL", "DEFAULT_FROM_EMAIL")


def rows(role: str):
    return psycopg.connect(os.environ[role], autocommit=True)


def migrate():
    with rows("DATABASE_OWNER_URL") as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS kept (what text)")
        owner.execute("GRANT SELECT, INSERT ON kept TO rpm_app")


def demo():
    with rows("DATABASE_URL") as app:
        app.execute("INSERT INTO kept VALUES ('demo')")


def relay():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("relay is up", flush=True)
    while True:
        time.sleep(1)


def echo():
    with rows("DATABASE_URL") as app:
        role, superuser = app.execute(
            "SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    told = {name: os.environ.get(name) for name in HANDED_OVER}
    print(json.dumps({"role": role, "superuser": superuser, **told}))


def nap():
    print("napping", flush=True)
    time.sleep(60)


def fail():
    sys.exit(7)


def flush():
    print(json.dumps({"DB_ROLE": os.environ.get("DB_ROLE")}))


if __name__ == "__main__":
    {command.__name__: command for command in (migrate, demo, relay, echo, nap, fail, flush)}[sys.argv[1]]()
