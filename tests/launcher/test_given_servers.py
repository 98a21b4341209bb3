"""Servers that somebody else runs: used as they are, and what they lack is said with the SQL that mends it."""

import re
from dataclasses import dataclass

import psycopg
import pytest

from tests.launcher.conftest import Checkout

pytestmark = pytest.mark.launcher


@dataclass
class Given:
    """The servers of one checkout, lent to another."""

    borrower: Checkout
    addresses: dict[str, str]

    def sql(self, *statements: str) -> None:
        """As the cluster's superuser."""
        address = self.addresses["DATABASE_OWNER_URL"].replace("rpm_owner", "postgres")
        with psycopg.connect(address, autocommit=True) as superuser:
            for statement in statements:
                superuser.execute(statement)

    def try_verb(self, *verb: str, **more: str):
        return self.borrower.dev(*verb, **{**self.addresses, **more})


@pytest.fixture(scope="module")
def lent(module_house):
    """The addresses of servers that another checkout keeps up."""
    lender = module_house.start("servers")
    lines = re.findall(r"export (\w+)='(.*)'", lender.says("# Ctrl-C"))
    yield {name: value for name, value in lines if name.endswith("_URL") and name != "EMAIL_URL"}
    lender.ends_well()
    assert not module_house.processes()


@pytest.fixture
def given(lent, make_checkout):
    return Given(make_checkout("borrower", seed=None), lent)


def sql_in(message: str) -> list[str]:
    return [
        line.strip().replace("PASSWORD '…'", "") for line in message.splitlines() if line.startswith("  ")
    ]


def test_given_servers_are_used_and_none_is_started(given):
    done = given.try_verb("manage", "echo")
    assert done.returncode == 0, done.stderr
    assert given.addresses["DATABASE_URL"] in done.stdout
    assert not list((given.borrower.root / ".local").glob("pg-*"))
    tests = given.try_verb("test", "checks", "-s", "-p", "no:django", "-p", "no:cacheprovider")
    assert tests.returncode == 0, tests.stdout
    assert given.addresses["REDIS_URL"] in tests.stdout


def test_a_given_database_gets_made_up_patients_only_when_asked(given):
    for demo, rows in (("0", 0), ("1", 1)):
        running = given.borrower.start("run", DEMO=demo, **given.addresses)
        running.url()
        with psycopg.connect(given.addresses["DATABASE_OWNER_URL"]) as owner:
            assert owner.execute("SELECT count(*) FROM kept").fetchone()[0] == rows
        running.ends_well()
        assert not given.borrower.processes()


def test_an_app_role_that_could_change_history_is_refused(given):
    done = given.try_verb("manage", "echo", DATABASE_URL=given.addresses["DATABASE_OWNER_URL"])
    assert done.returncode == 1
    assert "signs in as rpm_owner, which may change history" in done.stderr


def test_servers_that_do_not_answer_are_named_without_their_password(checkout):
    nowhere = "postgresql://rpm_app:secret-word@127.0.0.1:9/rpm"
    addresses = {"DATABASE_URL": nowhere, "DATABASE_OWNER_URL": nowhere, "REDIS_URL": "redis://127.0.0.1:9"}
    done = checkout.dev("manage", "echo", **addresses)
    assert done.returncode == 1
    for name in ("DATABASE_OWNER_URL: ", "REDIS_URL: "):
        assert name in done.stderr
    assert "secret-word" not in done.stderr


def test_one_address_without_the_other_is_a_mistake(checkout):
    done = checkout.dev("manage", "echo", DATABASE_URL="postgresql:///rpm")
    assert done.returncode == 1
    assert "DATABASE_OWNER_URL is not" in done.stderr


def test_missing_roles_and_rights_are_said_with_the_sql_that_grants_them(given):
    given.sql(
        "ALTER ROLE rpm_owner NOCREATEDB",
        "DROP OWNED BY rpm_app",
        "DROP ROLE rpm_app",
        "ALTER DATABASE rpm OWNER TO postgres",
        "GRANT CONNECT ON DATABASE rpm TO rpm_owner",
    )
    first = given.try_verb("test", "checks")
    assert first.returncode == 1
    for words in ("the role rpm_app is missing", "may not create the test database", "schemas or extensions"):
        assert words in first.stderr
    given.sql(*dict.fromkeys(sql_in(first.stderr)))
    second = given.try_verb("test", "checks")
    assert "GRANT rpm_app TO rpm_owner;" in second.stderr
    assert given.try_verb("manage", "echo").returncode == 0, "what only tests need was asked of a command"
    given.sql(*sql_in(second.stderr))
    assert given.try_verb("test", "checks", "-p", "no:django", "-p", "no:cacheprovider").returncode == 0
