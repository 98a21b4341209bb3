"""The real thing: PostgreSQL and Redis, the schema owned by one role, the code under test running as the other."""

import gc
import os
from datetime import timedelta
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from django.conf import settings
from django.db import connection, connections
from psycopg.pq import TransactionStatus

from foundation import practice_scope
from foundation.context import acting
from rpmportal.environment import broker
from tests.databases import (
    as_owner,
    drop_patiently,
    flush_quickly,
    invariants_prepared,
    numbered,
    take_temporary_tables,
    template_database,
)
from tests.scheduling import ByFile, rank

pytest_plugins = ["tests.cast"]


def pytest_configure(config):
    # Ten people sign up in every test: a hash made to be slow would be most of the suite's time.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["attachments"]["OPTIONS"]["location"] = files = mkdtemp(prefix="rpm-files-")
    config.add_cleanup(lambda: rmtree(files))
    if worker := getattr(config, "workerinput", None):
        _take_redis_number(int(worker["workerid"].removeprefix("gw")) + 1)


def _take_redis_number(number: int) -> None:
    """A Redis database for this worker and the processes that its tests start."""
    os.environ["REDIS_URL"] = settings.REDIS_URL = numbered(os.environ["REDIS_URL"], number)
    settings.CELERY_BROKER_URL = broker(settings.REDIS_URL)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log)


def pytest_collection_modifyitems(items):
    """What waits for browsers and processes comes first, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: rank(item.nodeid))


def pytest_collection_finish():
    """What is imported by now stays to the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    # Ten times its own: a test makes many rows that are gone by reference count alone.
    gc.set_threshold(7_000, 10, 10)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_xdist_suffix):
    """The runner owns the test database: it creates it from the template, migrates and flushes it."""
    settings.DATABASES["default"]["TEST"]["TEMPLATE"] = template_database()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """From here on every connection, in any thread, is the app role's. A role given as connection option
    survives a rollback, which SET ROLE does not."""
    with django_db_blocker.unblock():
        take_temporary_tables()
        connection.close()
        options = connections.settings["default"]["OPTIONS"]
        before = options["options"]
        options["options"] = f"{before} -c role=rpm_app"
        flush_quickly()
        drop_patiently()
        # A test's own questions are about all practices. Requests and tasks begin with none, as everywhere.
        practice_scope.OUTSIDE = practice_scope.EVERYWHERE
        # What a test did itself was done by nobody who is signed in; its pages show it at once.
        from boards import refresh

        refresh.PATIENCE = timedelta(0)
        yield
        connection.close()
        options["options"] = before


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

    statement = invariants_prepared()
    with as_owner():
        found = broken(statement)
    assert found == {}


def _uses_database(request) -> bool:
    names = {"db", "transactional_db", "live_server", "cast"}
    return bool(names & set(request.fixturenames)) or request.node.get_closest_marker("django_db") is not None


def _transaction_is_broken() -> bool:
    """The test ended on an error of the database, after which it answers no question."""
    raw = connection.connection
    return connection.needs_rollback or (
        raw is not None and raw.info.transaction_status == TransactionStatus.INERROR
    )
