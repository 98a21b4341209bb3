"""What the app role may leave behind for its next connections changes nothing that we rely on, and is seen."""

import os

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from audit.invariants import broken
from foundation.dbguards import APP_ROLE
from rpmportal.environment import FIRM, LIMITS, database

# What somebody with the app's password could leave, and what would come of it.
LEFT = {
    "synchronous_commit": "off",
    "search_path": "pg_temp",
    "default_transaction_isolation": "serializable",
    "lock_timeout": "0",
    "statement_timeout": "1ms",
    "idle_in_transaction_session_timeout": "0",
}


@pytest.fixture
def app_role(db):
    """Opens connections as the app does; what they left, in this database alone, is taken away again."""

    def connect(**more):
        given = database(os.environ["DATABASE_URL"], LIMITS["web"])
        names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
        address = {name: given[key] for name, key in names.items() if given[key]}
        options = {"options": given["OPTIONS"]["options"], **more}
        return psycopg.connect(dbname=connection.settings_dict["NAME"], autocommit=True, **address, **options)

    yield connect
    with connect() as last:
        last.execute(f'ALTER ROLE {APP_ROLE} IN DATABASE "{last.info.dbname}" RESET ALL')


def shown(one: psycopg.Connection) -> dict[str, str]:
    return {name: one.execute(f"SHOW {name}").fetchone()[0] for name in LEFT}


@pytest.mark.breaks_invariants
def test_what_was_left_neither_counts_nor_stays_unseen(app_role):
    with app_role() as first:
        before = shown(first)
        assert (before["synchronous_commit"], before["search_path"]) == ("on", "public")
        for name, value in LEFT.items():
            first.execute(f"ALTER ROLE {APP_ROLE} IN DATABASE \"{first.info.dbname}\" SET {name} = '{value}'")
    with app_role(options="") as bare:
        assert shown(bare)["synchronous_commit"] == "off", "PostgreSQL no longer allows it: this page can go."
    with app_role() as later:
        assert shown(later) == before
    assert broken().keys() == {"app-role-keeps-no-settings"}
    assert set(broken()["app-role-keeps-no-settings"]) == set(LEFT)


def test_what_only_a_superuser_may_set_it_cannot_leave(app_role):
    for name in ("session_replication_role = replica", "log_statement = 'all'", "log_min_messages = debug"):
        with app_role() as one, pytest.raises(psycopg.errors.InsufficientPrivilege):
            one.execute(f"ALTER ROLE {APP_ROLE} SET {name}")


def test_our_own_connections_begin_firmly(db):
    """Also those of tests, whose options add the role."""
    options = settings.DATABASES["default"]["OPTIONS"]["options"]
    assert options.startswith(FIRM)
