"""The real thing: PostgreSQL and Redis, the schema owned by one role, the code under test running as the other."""

import pytest
from django.conf import settings
from django.db import connection, connections
from psycopg.pq import TransactionStatus

from foundation.context import acting

pytest_plugins = ["tests.cast"]


def pytest_configure():
    # Ten people sign up in every test: a hash made to be slow would be most of the suite's time.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings():
    """The runner owns the test database: it creates, migrates and flushes it."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """From here on every connection, in any thread, is the app role's. A role given as connection option
    survives a rollback, which SET ROLE does not."""
    with django_db_blocker.unblock():
        connection.close()
        options = connections.settings["default"]["OPTIONS"]
        options["options"] = "-c role=rpm_app"
        _flush_as_owner()
        yield
        connection.close()
        del options["options"]


def _flush_as_owner():
    """The flush between tests truncates, which the app role may not: it steps back to the owner for that alone."""
    operations = type(connection.ops)
    plain = operations.execute_sql_flush

    def flush(self, sql_list):
        return plain(self, ["SET LOCAL ROLE rpm_owner", *sql_list])

    operations.execute_sql_flush = flush


@pytest.fixture(autouse=True)
def signed():
    """Tests write as a named system actor unless they say otherwise."""
    with acting("system: test"):
        yield


@pytest.fixture(autouse=True)
def invariants_hold(request, _django_db_marker):
    """After every test that wrote: no invariant is broken. Asked before its rows are rolled back or flushed."""
    if not _uses_database(request):
        yield
        return
    # Taken here so that it is undone after the question, not before it.
    request.getfixturevalue("db")
    yield
    if request.node.get_closest_marker("breaks_invariants") or _transaction_is_broken():
        return
    from audit.invariants import broken

    assert broken() == {}


def _uses_database(request) -> bool:
    names = {"db", "transactional_db", "live_server", "cast"}
    return bool(names & set(request.fixturenames)) or request.node.get_closest_marker("django_db") is not None


def _transaction_is_broken() -> bool:
    """The test ended on an error of the database, after which it answers no question."""
    raw = connection.connection
    return connection.needs_rollback or (
        raw is not None and raw.info.transaction_status == TransactionStatus.INERROR
    )
