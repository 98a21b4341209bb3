"""The second wall: every table of a practice has its policy, and who may look past it is known by name."""

import ast

import pytest
from django.db import connection

from foundation.dbguards import APP_ROLE
from rpmportal.celery import ScopedTask, app
from tests.architecture.walk import modules, parsed, short, table_of

PERSONS = "a person's own, in whatever practice she works; who she is must be known before any practice is"
LIBRARY = "a library's, without anybody's practice"
WITHOUT_POLICY = {
    "accounts_user": PERSONS,
    "accounts_historicaluser": PERSONS,
    "accounts_preferences": PERSONS,
    "accounts_historicalpreferences": PERSONS,
    "authentication_secondfactor": PERSONS,
    "authentication_historicalsecondfactor": PERSONS,
    "authentication_factoruse": PERSONS,
    "authentication_recoverycode": PERSONS,
    "authentication_browsersession": PERSONS,
    "audit_invariantrun": "a check of all practices' records; holds names of rules and ids",
    "dispatch_pulse": "when a process was last at work; holds its name and a moment",
    "dispatch_slot": "a run of a scheduled job; holds its name, with a practice's id, and a moment",
    "django_session": "who is signed in, asked for before anybody is known",
    "axes_accessattempt": LIBRARY,
    "axes_accessattemptexpiration": LIBRARY,
    "axes_accessfailurelog": LIBRARY,
    "axes_accesslog": LIBRARY,
    "auth_group": LIBRARY,
    "auth_group_permissions": LIBRARY,
    "auth_permission": LIBRARY,
    "django_content_type": LIBRARY,
    "django_migrations": LIBRARY,
}
# Rows of a practice that do not say whose they are themselves.
ITS_PARENTS = {"dispatch_emaildelivery": "its notice's"}

MAY_SEE_EVERY_PRACTICE = {
    "accounts/practices.py": "which practices there are, for schedules and commands; a server without one",
    "audit/management/commands/check_invariants.py": "rules hold over all practices",
    "audit/sign_ins.py": "tries before anybody is known, counted by address and by person",
    "authentication/tokens/check.py": "a token by its public part, before its practice is known",
    "bench/clock.py": "makes a practice of its own and everything in it, in a database of its own",
    "bench/sign.py": "makes a practice of its own and everything in it, in a database of its own",
    "billing/tasks.py": "which months changed lately; each is then looked at in its own practice",
    "boards/tasks.py": "whether anybody is marked; each is then figured in its own practice",
    "dispatch/checks.py": "rules hold over all practices; their administrators are told",
    "dispatch/emails.py": "the next e-mail to send, whosever it is",
    "dispatch/outbox.py": "the next message to ring for or to do; its work is done in its own practice",
    "interchange/hubs/check.py": "a hub by the public part of its address, before its practice is known",
    "interchange/received.py": "answers that are older than anybody asks for, whosever they are",
    "intake/acts.py": "which imports were left open; each is then ended in its own practice",
    "patients/attachments.py": "a file is removed only where no practice names it",
    "rpmportal/management/commands/demo.py": "makes a practice",
    "rpmportal/metrics.py": "what waits on this server, as one number",
    "staff/acts.py": "whether somebody who leaves works elsewhere",
    "staff/first_day.py": "makes a practice",
    "staff/links.py": "an invitation by its signed link, before its practice is known",
    "staff/management/commands/practice.py": "makes a practice",
    "staff/tasks.py": "whose roles ended lately; each is then followed up in its own practice",
    "timelogs/clock/acts.py": "a person's one running clock; it is then stopped in its own practice",
    "timelogs/counting/overlaps.py": "a person's own time elsewhere; of another practice only that it is there",
    "timelogs/tasks.py": "which clocks run; each is then settled in its own practice",
}


def asked(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def names(sql: str) -> set[str]:
    return {name for (name,) in asked(sql)}


TABLES = """SELECT relname::text FROM pg_class c
    WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"""


@pytest.mark.django_db
def test_every_table_with_a_practice_shows_the_rows_of_one():
    column = "EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = c.oid AND attname = 'practice_id')"
    with_practice = names(f"{TABLES} AND {column}") | {"accounts_practice", "accounts_historicalpractice"}
    policies = asked(
        f"""SELECT tablename::text, cmd, permissive, qual, with_check FROM pg_policies
            WHERE policyname = 'one_practice' AND roles = '{{{APP_ROLE}}}'"""
    )
    whole = {
        table
        for table, command, permissive, condition, check in policies
        if (command, permissive, check) == ("ALL", "PERMISSIVE", None)
        and " ".join(condition.split()) == condition_of(table)
    }
    assert with_practice
    assert not with_practice - whole, (
        f"SeparatePractices() in 0002_guards:{table_of(sorted(with_practice - whole))}"
    )


def condition_of(table: str) -> str:
    column = "id" if table in {"accounts_practice", "accounts_historicalpractice"} else "practice_id"
    return (
        f"(({column} = ( SELECT rpm_practice() AS rpm_practice)) OR "
        "(( SELECT rpm_every_practice() AS rpm_every_practice) IS NOT NULL))"
    )


@pytest.mark.django_db
def test_every_other_table_says_why_it_has_none():
    bare = names(f"{TABLES} AND NOT relrowsecurity")
    assert bare == set(WITHOUT_POLICY), f"A policy, or a reason here: {bare ^ set(WITHOUT_POLICY)}"


@pytest.mark.django_db
def test_no_policy_is_there_but_these():
    """Policies add up: one more, of whatever name, opens what this one closes."""
    found = asked("SELECT policyname::text, tablename::text, cmd, qual FROM pg_policies")
    more = {
        (name, table): (cmd, " ".join(qual.split()))
        for name, table, cmd, qual in found
        if name != "one_practice"
    }
    assert set(more) == {("her_own", "accounts_membership"), ("her_own", "accounts_practice")}
    assert {command for command, _ in more.values()} == {"SELECT"}
    assert all(
        "rpm_person()" in condition or "accounts_workplaces()" in condition for _, condition in more.values()
    )
    children = {table for name, table, _, qual in found if name == "one_practice" and "EXISTS" in qual}
    assert children == set(ITS_PARENTS)


@pytest.mark.django_db
def test_the_owner_is_left_out_on_purpose():
    """It migrates, and its backups must hold everything: with FORCE `pg_dump` refuses to run."""
    assert names(f"{TABLES} AND relforcerowsecurity") == set()
    assert names(f"{TABLES} AND relowner = '{APP_ROLE}'::regrole") == set()


@pytest.mark.django_db
def test_nothing_reads_with_the_owners_rights():
    """Views and definer functions ask as their owner, whom no policy holds back."""
    assert (
        names(
            "SELECT relname::text FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"
        )
        == set()
    )
    assert (
        names("SELECT proname::text FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace")
        == set()
    )


def users_of(*wanted: str) -> set[str]:
    """Modules in which one of these names is used, however it was imported."""
    found = set()
    for path in modules(also=("bench",)):
        for node in ast.walk(parsed(path)):
            said = (
                {alias.name for alias in node.names}
                if isinstance(node, ast.ImportFrom | ast.Import)
                else {getattr(node, "id", None), getattr(node, "attr", None)}
            )
            if said & set(wanted):
                found.add(short(path))
    return found


def test_only_those_named_here_look_at_every_practice():
    found = users_of("every_practice", "EVERYWHERE") - {"foundation/practice_scope.py"}
    assert found == set(MAY_SEE_EVERY_PRACTICE), (
        f"in_practice(…), or a reason here: {found ^ set(MAY_SEE_EVERY_PRACTICE)}"
    )


def test_the_database_is_told_in_one_place():
    told = {
        short(path)
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and "set_config" in str(node.value)
    }
    assert told == {"foundation/postgresql/base.py"}
    assert users_of("_holding", "OUTSIDE") == {"foundation/practice_scope.py"}


def test_every_task_begins_without_a_practice():
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    loose = [name for name, task in ours.items() if not isinstance(task, ScopedTask)]
    assert ours
    assert not loose, f"Not a ScopedTask:{table_of(loose)}"
