"""Row-level security attacked by who has the app role's password and PostgreSQL's own client, told one practice.

Each attack aims at the other practice's rows, or at a change. It is refused, or it comes to nothing. What does not hold
against such a person is here too, so that nobody takes the wall for more than it is (docs/adr/0018).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import call_command

from foundation.context import acting
from tests.cast import Cast, make_cast
from tests.digests import changed, digests
from tests.psql import Told, client, psql

pytestmark = [
    pytest.mark.skipif(client() is None, reason="no psql beside the server: only its address was given"),
    pytest.mark.django_db,
]

ATTACKS = Path(__file__).with_name("attacks.sql")


@dataclass(frozen=True, slots=True)
class Attack:
    """`refused`: part of PostgreSQL's answer; without it the statements run, and `rows`, if given, is all they tell."""

    name: str
    sql: str
    refused: str
    rows: list[str] | None


def attacks() -> Iterator[Attack]:
    for block in ATTACKS.read_text().split("\n\n")[1:]:
        if block.startswith("---- "):
            continue
        name, *lines = block.splitlines()
        said = dict(re.findall(r"^-- (refused|rows): ?(.*)$", block, re.M))
        sql = "\n".join(line for line in lines if not line.startswith("-- "))
        rows = said["rows"].split(", ") if "rows" in said else None
        yield Attack(name.removeprefix("-- "), sql, said.get("refused", ""), rows)


@pytest.fixture(scope="module")
def people(django_db_setup, django_db_blocker):
    """Committed for all attacks at once; afterwards each row is still what it was."""
    with django_db_blocker.unblock(), acting("system: test"):
        cast, before = make_cast(), digests()
        try:
            yield cast
            assert changed(before, digests()) == []
        finally:
            call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


def attacked(people: Cast, sql: str) -> Told:
    known = {"ours": people.practice.pk, "theirs": people.elsewhere.pk}
    told = r"SELECT set_config('rpm.practice', :'ours', false) \g /dev/null"
    return psql(f"{told}\n{sql}\n", **known, jane=people.jane.pk, nora=people.nora.pk)


def theirs_in(people: Cast, told: Told) -> list[str]:
    """What of the other practice was printed."""
    signs = ("Noe", "Nora", "1950-07-07", "Elsewhere Practice", str(people.nora_enrolled.pk))
    return [sign for sign in signs if sign in told.rows or sign in told.errors]


@pytest.mark.parametrize("attack", list(attacks()), ids=lambda attack: attack.name.replace(" ", "-"))
def test_it_is_refused_or_comes_to_nothing(people, attack):
    told = attacked(people, attack.sql)
    assert theirs_in(people, told) == []
    if attack.refused:
        assert attack.refused in told.errors
    else:
        assert "ERROR" not in told.errors, told.errors
    if attack.rows is not None:
        assert told.rows.split("\n") == attack.rows


def test_there_are_so_many():
    assert len(list(attacks())) > 80


@pytest.mark.parametrize(
    ("script", "rows"),
    [
        ("SELECT set_config('rpm.practice', :'theirs', false) \\g /dev/null\n", "1"),
        ("SET rpm.practice = 'every';", "3"),
    ],
)
def test_whoever_speaks_sql_as_the_app_role_may_name_another_practice(people, script, rows):
    """What the wall is not: the application itself names the practice, and this is the same role."""
    assert attacked(people, f"{script} SELECT count(*) FROM patients_patient;").rows == rows


def test_the_size_of_a_table_is_told_and_no_value_in_it(people):
    """EXPLAIN counts what it left out. That a value is frequent somewhere it tells too: by its estimate."""
    sql = "EXPLAIN (ANALYZE, VERBOSE, SETTINGS) SELECT * FROM patients_patient WHERE family_name = 'Zoe';"
    told = attacked(people, sql)
    assert "Seq Scan on public.patients_patient" in told.rows
    assert theirs_in(people, told) == []
