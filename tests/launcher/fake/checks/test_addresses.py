"""Run by a copy of `./dev test`: tells where its servers are."""

import json
import os
import time

import psycopg


def test_addresses():
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        fsync = owner.execute("SHOW fsync").fetchone()[0]
        owner.execute("CREATE DATABASE test_rpm")
        owner.execute("DROP DATABASE test_rpm")
        owner.execute("SET ROLE rpm_app")
    names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DB_ROLE", "SOAK", "DEMO")
    print(
        "\ntold " + json.dumps({"fsync": fsync, **{name: os.environ.get(name) for name in names}}), flush=True
    )
    time.sleep(float(os.environ.get("PAUSE", "0")))
