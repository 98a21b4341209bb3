"""Row-level security, attacked: as the app role past Django, by what a request leaves behind, and by what fails."""

import threading
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from psycopg.errors import InsufficientPrivilege

from accounts.models import Membership, Practice
from dispatch import outbox
from foundation import practice_scope
from foundation.practice_scope import every_practice, in_practice, nowhere, of_person
from patients.models import Patient
from rpmportal.celery import app
from tests.architecture.walk import table_of
from tests.integration import test_authorization_matrix as matrix

world = matrix.world


def names() -> set[str]:
    return set(Patient.objects.values_list("family_name", flat=True))


def sees_then_crashes(expected: set[str]) -> None:
    assert names() == expected
    raise ZeroDivisionError


# By Django -----------------------------------------------------------------------------------------------------


def test_a_query_that_forgets_its_practice_finds_its_own_or_nothing(cast):
    with nowhere():
        assert (names(), Patient.objects.count(), Practice.objects.count()) == (set(), 0, 0)
    with in_practice(cast.practice):
        assert names() == {"Doe", "Roe"}
        assert not Patient.objects.filter(pk=cast.nora.pk).exists()
    with in_practice(cast.elsewhere):
        assert names() == {"Noe"}
        assert [practice.slug for practice in Practice.objects.all()] == ["elsewhere"]
    with every_practice():
        assert names() == {"Doe", "Roe", "Noe"}


def test_without_a_practice_it_is_an_error():
    with pytest.raises(ValueError, match="No practice"):
        in_practice(None)


def test_a_person_sees_her_memberships_and_their_practices_and_nothing_else(cast):
    with of_person(cast.rosa.user_id):
        assert [m.pk for m in Membership.objects.all()] == [cast.rosa.pk]
        assert [p.pk for p in Practice.objects.all()] == [cast.practice.pk]
        assert not Patient.objects.exists()
    with of_person(uuid4()):
        assert not Membership.objects.exists()
        assert not Practice.objects.exists()


def test_her_own_membership_is_read_only_from_elsewhere(cast):
    with of_person(cast.rosa.user_id), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_membership SET role = 'administrator'")
        assert cursor.rowcount == 0


def test_a_row_cannot_be_written_into_another_practice(cast):
    for practice in (cast.practice, None):
        scope = in_practice(cast.elsewhere) if practice else nowhere()
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic(), scope:
            Patient(
                practice=cast.practice, family_name="New", given_name="N", mrn="X", born_on="1950-01-01"
            ).save()


def test_an_act_that_crashes_leaves_nothing_for_the_next(cast):
    with nowhere():
        with pytest.raises(ZeroDivisionError), in_practice(cast.practice), transaction.atomic():
            sees_then_crashes({"Doe", "Roe"})
        assert names() == set()
        with in_practice(cast.elsewhere):
            assert names() == {"Noe"}


def test_a_rollback_does_not_bring_an_earlier_practice_back(cast):
    with in_practice(cast.practice):
        names()
        with pytest.raises(ZeroDivisionError), transaction.atomic(), in_practice(cast.elsewhere):
            sees_then_crashes({"Noe"})
        assert names() == {"Doe", "Roe"}
        with in_practice(cast.elsewhere), transaction.atomic():
            mark = transaction.savepoint()
            with nowhere():
                assert names() == set()
            transaction.savepoint_rollback(mark)
            assert names() == {"Noe"}


def test_a_broken_transaction_can_still_be_ended_after_the_practice_was_left(cast):
    with nowhere():
        with pytest.raises(DatabaseError), transaction.atomic(), in_practice(cast.practice):
            Patient.objects.extra(where=["1 / 0 = 0"]).exists()
        assert names() == set()


def test_a_cursor_that_was_opened_before_asks_within_what_holds_now(cast):
    with nowhere(), connection.cursor() as cursor:
        with in_practice(cast.elsewhere):
            cursor.execute("SELECT count(*) FROM patients_patient")
            assert cursor.fetchone() == (1,)
        cursor.execute("SELECT count(*) FROM patients_patient")
        assert cursor.fetchone() == (0,)


def test_rows_that_come_in_portions_stay_within_the_practice_they_were_asked_in(cast):
    with in_practice(cast.practice):
        rows = Patient.objects.order_by("mrn").iterator(chunk_size=1)
        first = next(rows)
    with in_practice(cast.elsewhere):
        assert {first.family_name, *(row.family_name for row in rows)} == {"Doe", "Roe"}


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_is_told_again(cast):
    with in_practice(cast.elsewhere):
        assert names() == {"Noe"}
        connection.close()
        assert names() == {"Noe"}
    with nowhere():
        connection.close()
        assert names() == set()


@pytest.mark.django_db(transaction=True)
def test_a_thread_begins_with_nothing(cast, monkeypatch):
    monkeypatch.setattr(practice_scope, "OUTSIDE", practice_scope.NOWHERE)
    found = []

    def look():
        found.append(names())
        connection.close()

    with in_practice(cast.practice):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        assert (found, names()) == ([set()], {"Doe", "Roe"})


@pytest.mark.django_db(transaction=True)
def test_two_requests_on_one_connection_and_a_crash_between(cast, monkeypatch):
    monkeypatch.setattr(practice_scope, "OUTSIDE", practice_scope.NOWHERE)
    rosa, dan, nobody = (Client(raise_request_exception=False) for _ in range(3))
    with every_practice():
        rosa.force_login(cast.rosa.user)
        dan.force_login(cast.dan.user)
    assert b"DOE" in rosa.get("/patients/").content
    with monkeypatch.context() as broken:
        broken.setattr("boards.views.caseload.render", lambda *args, **more: 1 / 0)
        assert rosa.get("/patients/").status_code == 500
    assert names() == set()
    page = dan.get("/patients/").content
    assert (b"NOE" in page, b"DOE" in page) == (True, False)
    assert nobody.get("/patients/").status_code == 302
    assert names() == set()


def test_a_task_begins_with_nothing_whatever_ran_before(cast):
    probe = app.task(name="probe")(names)
    try:
        with in_practice(cast.practice):
            assert probe() == set()
            assert names() == {"Doe", "Roe"}
    finally:
        del app.tasks["probe"]


def test_a_message_is_worked_on_within_its_practice(cast, monkeypatch):
    """Even if its body held another practice's id."""
    seen = []
    monkeypatch.setitem(outbox._HANDLERS, "probe", lambda *, practice, patient: seen.append(names()))
    message = outbox.send(cast.elsewhere, "probe", patient=str(cast.jane.pk))
    with nowhere():
        assert outbox.deliver(message.pk)
    assert seen == [{"Noe"}]


# Past Django ---------------------------------------------------------------------------------------------------


class Raw:
    """psycopg's own cursor on the tests' connection, as the app role, told what the test says."""

    def __init__(self):
        self.raw = connection.connection

    def told(self, practice: str, person: str = "") -> "Raw":
        self.raw.execute(
            "SELECT set_config('rpm.practice', %s, true), set_config('rpm.person', %s, true)",
            [practice, person],
        )
        return self

    def ask(self, sql: str, *params) -> list[tuple]:
        return self.raw.execute(sql, params).fetchall()

    def do(self, sql: str, *params) -> int:
        return self.raw.execute(sql, params).rowcount

    def fails(self, sql: str, *params) -> Exception:
        with pytest.raises(psycopg.Error) as caught, self.raw.transaction():
            self.raw.execute(sql, params)
        return caught.value


@pytest.fixture
def raw(db):
    connection.ensure_connection()
    one = Raw()
    assert one.ask("SELECT current_user") == [("rpm_app",)]
    yield one
    connection._told = None


@pytest.mark.parametrize(
    "told", ["", "x", "EVERY", "' OR true --", "%", "00000000-0000-0000-0000-000000000000"]
)
def test_what_is_no_practice_shows_nothing_and_fails_nothing(cast, raw, told):
    assert raw.told(told).ask("SELECT count(*) FROM patients_patient") == [(0,)]


def test_every_table_shows_a_practice_its_own_rows_and_nobody_any(cast, world, raw):
    """Counted as the owner, whom nothing holds back, and as the app role told this practice, the other, or none."""
    tables = [
        name for (name,) in raw.ask("SELECT relname::text FROM pg_class WHERE relrowsecurity ORDER BY 1")
    ]
    own = {"accounts_practice": "id", "accounts_historicalpractice": "id"}
    wrong, filled = [], 0
    for table in tables:
        column = own.get(table, "practice_id")
        if table == "dispatch_emaildelivery":
            continue
        raw.do("SET LOCAL ROLE rpm_owner")
        there = dict(
            raw.ask(f'SELECT {column}, count(*) FROM "{table}" WHERE {column} IS NOT NULL GROUP BY 1')
        )
        raw.do("SET LOCAL ROLE rpm_app")
        filled += bool(there.get(cast.practice.pk))
        for told, want in (
            (str(cast.practice.pk), there.get(cast.practice.pk, 0)),
            (str(cast.elsewhere.pk), there.get(cast.elsewhere.pk, 0)),
            ("", 0),
        ):
            (found,) = raw.told(told).ask(f'SELECT count(*) FROM "{table}"')[0]
            if found != want:
                wrong.append(f"{table} told {told or 'nothing'}: {found} instead of {want}")
    assert filled > 60, f"Only {filled} of {len(tables)} tables have rows of the first practice."
    assert not wrong, table_of(wrong)


def test_an_email_is_seen_with_its_notice(cast, world, raw):
    assert raw.told(str(cast.practice.pk)).ask("SELECT count(*) FROM dispatch_emaildelivery") != [(0,)]
    assert raw.told(str(cast.elsewhere.pk)).ask("SELECT count(*) FROM dispatch_emaildelivery") == [(0,)]


def test_no_statement_reaches_a_row_of_another_practice(cast, world, raw):
    """UPDATE of every table by the other practice, wherever the app role may update at all."""
    tables = raw.ask(
        """SELECT c.relname::text FROM pg_class c
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'practice_id'
           WHERE c.relkind = 'r' AND has_table_privilege('rpm_app', c.oid, 'UPDATE')"""
    )
    raw.told(str(cast.elsewhere.pk))
    reached = [
        t
        for (t,) in tables
        if raw.do(f'UPDATE "{t}" SET practice_id = practice_id WHERE practice_id = %s', cast.practice.pk)
    ]
    assert len(tables) > 30
    assert not reached, table_of(reached)


MOVES = [
    "UPDATE patients_patient SET practice_id = '{}'",
    "UPDATE dispatch_outboxmessage SET practice_id = '{}'",
    "UPDATE accounts_membership SET practice_id = '{}'",
    "UPDATE accounts_practice SET id = '{}'",
]


@pytest.mark.parametrize("sql", MOVES)
def test_a_row_cannot_be_moved_into_another_practice(cast, raw, sql):
    if "outbox" in sql:
        raw.told(str(cast.elsewhere.pk)).do(
            "INSERT INTO dispatch_outboxmessage"
            " (practice_id, topic, body, request_id, actor_label, attempts, last_error)"
            " VALUES (%s, 't', '{}', gen_random_uuid(), 'x', 0, '')",
            cast.elsewhere.pk,
        )
    error = raw.told(str(cast.elsewhere.pk)).fails(sql.format(cast.practice.pk))
    assert isinstance(error, InsufficientPrivilege), error
    assert "row-level security" in str(error)


def test_inserts_copies_and_histories_stay_within_the_practice(cast, raw):
    raw.told(str(cast.elsewhere.pk))
    columns = ", ".join(f'"{f.column}"' for f in Patient._meta.local_fields)
    copied = columns.replace('"id"', "gen_random_uuid()").replace(
        '"practice_id"', f"'{cast.practice.pk}'::uuid"
    )
    assert "row-level security" in str(
        raw.fails(f"INSERT INTO patients_patient ({columns}) SELECT {copied} FROM patients_patient")
    )
    assert "COPY FROM not supported with row-level security" in str(
        raw.fails("COPY patients_patient FROM STDIN")
    )
    with raw.raw.cursor().copy("COPY patients_patient TO STDOUT") as copy:
        text = b"".join(copy)
    assert (b"Noe" in text, b"Doe" in text) == (True, False)
    assert raw.ask("SELECT DISTINCT family_name FROM patients_historicalpatient") == [("Noe",)]


def test_no_function_in_a_condition_is_asked_about_hidden_rows(cast, raw):
    """A conversion that fails names what it failed on: asked first, it would tell every name there is."""
    raw.told("")
    assert raw.ask("SELECT count(*) FROM patients_patient WHERE family_name::int > 0") == [(0,)]
    raw.told(str(cast.elsewhere.pk))
    error = raw.fails("SELECT count(*) FROM patients_patient WHERE family_name::int > 0")
    assert '"Noe"' in str(error)


def test_row_security_cannot_be_switched_off_or_changed(cast, raw):
    raw.told(str(cast.elsewhere.pk))
    for sql in (
        "ALTER TABLE patients_patient DISABLE ROW LEVEL SECURITY",
        "DROP POLICY one_practice ON patients_patient",
        "ALTER POLICY one_practice ON patients_patient USING (true)",
        "CREATE POLICY mine ON patients_patient USING (true)",
        "CREATE OR REPLACE FUNCTION rpm_practice() RETURNS uuid LANGUAGE sql STABLE RETURN NULL::uuid",
        "CREATE VIEW mine AS SELECT * FROM patients_patient",
        "ALTER ROLE rpm_app BYPASSRLS",
    ):
        assert isinstance(raw.fails(sql), InsufficientPrivilege), sql
    with raw.raw.transaction(force_rollback=True):
        raw.do("SET LOCAL row_security = off")
        assert "would be affected by row-level security" in str(
            raw.fails("SELECT count(*) FROM patients_patient")
        )


def test_statistics_and_refusals_tell_no_value(cast, raw):
    assert raw.ask("SELECT count(*) FROM pg_stats WHERE tablename LIKE 'patients%%'") == [(0,)]
    raw.told(str(cast.elsewhere.pk))
    columns = ", ".join(f'"{f.column}"' for f in Patient._meta.local_fields)
    twin = columns.replace('"id"', f"'{cast.jane.pk}'::uuid")
    error = raw.fails(f"INSERT INTO patients_patient ({columns}) SELECT {twin} FROM patients_patient")
    assert error.sqlstate == "23505"
    assert error.diag.message_detail is None


def test_a_key_to_another_practices_row_is_refused_and_tells_no_value(cast, raw):
    """Keys are looked up past the policies; beside each plain one stands one within the practice."""
    raw.told(str(cast.elsewhere.pk))
    raw.do("SET CONSTRAINTS ALL IMMEDIATE")
    error = raw.fails("UPDATE patients_consent SET patient_id = %s", cast.jane.pk)
    raw.do("SET CONSTRAINTS ALL DEFERRED")
    assert (error.sqlstate, error.diag.constraint_name[-5:]) == ("23503", "_same")
    assert "Doe" not in f"{error} {error.diag.message_detail}"


def test_the_limit_who_speaks_sql_freely_names_the_practice_itself(cast, raw):
    """It helps against a query that forgot its practice and an injected condition, not against an injected statement:
    the setting is the app role's own. docs/adr/0018 says so; this test is here so that nobody believes more."""
    raw.told(str(cast.elsewhere.pk))
    raw.do("SELECT set_config('rpm.practice', %s, true)", str(cast.practice.pk))
    assert set(raw.ask("SELECT family_name FROM patients_patient")) == {("Doe",), ("Roe",)}


@pytest.mark.parametrize("table", ["accounts_membership", "accounts_practice"])
def test_what_nearly_always_holds_is_asked_first(cast, table):
    """By the names of the policies. Else each query that names a practice would look up where somebody works."""
    with in_practice(cast.practice), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN SELECT * FROM {table}")
        (filter_,) = (line.strip() for (line,) in cursor if "Filter:" in line)
    column = "practice_id" if table == "accounts_membership" else "id"
    assert filter_.startswith(
        f"Filter: (({column} = (InitPlan 1).col1) OR ((InitPlan 2).col1 IS NOT NULL) OR "
    )
