"""Two public addresses for machines. They say yes or no and nothing else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rpmportal import health


def test_alive_asks_nobody(db, client):
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/healthz")
    assert answer.json() == {"alive": True}
    assert len(queries) == 0


def test_alive_asks_nobody_who_it_is(cast, client):
    client.force_login(cast.rosa.user)
    test_alive_asks_nobody(None, client)


def test_ready_when_database_migrations_and_broker_are(db, client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database": True,
        "migrations": True,
        "broker": True,
        "disk": True,
        "write": True,
    }


def test_without_its_broker_it_is_not_ready_and_says_no_more(db, client, settings, caplog):
    settings.REDIS_URL = "redis://:hunter2@127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "database": True,
        "migrations": True,
        "broker": False,
        "disk": True,
        "write": True,
    }
    assert "hunter2" not in answer.content.decode() + caplog.text


def test_a_migration_not_yet_applied_is_not_ready(db, client, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert not answer.json()["migrations"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_only_answers_questions(path, db, client):
    assert client.post(path).status_code == 405
    assert "no-store" in client.get(path)["Cache-Control"]
