"""Two roles: the owner migrates; the app role reads, adds and changes what may change, and nothing else."""

import pytest
from django.db import DatabaseError, connection, transaction

from audit.own_invariants import append_only_tables, histories
from foundation.dbguards import APP_ROLE
from patients.models import Patient
from tests.architecture.walk import table_of, tracked_models

pytestmark = pytest.mark.django_db


def asked(sql: str, *params) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def refused(sql: str, *params) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
    except DatabaseError:
        return True
    return False


def test_tests_run_as_the_app_role_and_stay_it_after_a_rollback():
    assert asked("SELECT current_user") == [(APP_ROLE,)]
    assert refused("SELECT 1 / 0")
    assert asked("SELECT current_user") == [(APP_ROLE,)]


def test_the_app_role_has_no_powers_of_its_own():
    (powers,) = asked(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = %s",
        APP_ROLE,
    )
    assert not any(powers), "rpm_app must be NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS."


def test_the_app_role_owns_nothing_and_is_nobody_else():
    owned = asked("SELECT relname FROM pg_class WHERE relowner = %s::regrole", APP_ROLE)
    owned += asked("SELECT proname FROM pg_proc WHERE proowner = %s::regrole", APP_ROLE)
    owned += asked("SELECT nspname FROM pg_namespace WHERE nspowner = %s::regrole", APP_ROLE)
    member = asked("SELECT roleid::regrole::text FROM pg_auth_members WHERE member = %s::regrole", APP_ROLE)
    assert (owned, member) == ([], []), "What it owns it may alter; what it is a member of it may become."


def test_every_history_is_append_only_by_trigger():
    rows = asked(
        "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only' AND tgenabled = 'O'"
    )
    there = {name.strip('"') for (name,) in rows}
    missing = sorted(set(append_only_tables()) - there)
    assert len(histories()) == len(tracked_models())
    assert not missing, f"Add the model to GuardModels(…), or the table to AppendOnly(…):{table_of(missing)}"


@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES"])
def test_the_app_role_has_no_right_to_change_history(right):
    held = [
        t
        for t in append_only_tables()
        if asked("SELECT has_table_privilege(%s, %s, %s)", APP_ROLE, t, right)[0][0]
    ]
    assert not held, f"rpm_app may {right}:{table_of(held)}"


def test_the_app_role_deletes_and_truncates_nothing_but_sessions_sign_in_attempts_and_open_imports():
    tables = [
        name
        for (name,) in asked(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    ]
    may = [
        (t, r)
        for t in tables
        for r in ("DELETE", "TRUNCATE")
        if asked("SELECT has_table_privilege(%s, %s, %s)", APP_ROLE, f'"{t}"', r)[0][0]
    ]
    assert {t for t, right in may} == {
        "django_session",
        "axes_accessattempt",
        "axes_accesslog",
        "axes_accessfailurelog",
        "axes_accessattemptexpiration",
        "authentication_browsersession",
        # Rows of an open import are people whom nobody has taken in; they go when it ends.
        "intake_candidate",
        "intake_importfile",
        # An answer to a message of readings is no record of care; after a month nobody asks for it again.
        "interchange_received",
        # Derived: made again by one command.
        "boards_patientsummary",
        "boards_patientmark",
        "boards_outdatedclaim",
        # A person's own, as she likes.
        "boards_savedview",
    }
    assert all(right == "DELETE" for _, right in may)


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE patients_historicalpatient DISABLE TRIGGER append_only",
        "ALTER TABLE patients_historicalpatient DISABLE TRIGGER ALL",
        "DROP TRIGGER append_only ON patients_historicalpatient",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION rpm_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "TRUNCATE patients_historicalpatient",
        "TRUNCATE audit_accessevent",
        "DELETE FROM patients_patient",
        "UPDATE patients_historicalpatient SET actor_label = 'x'",
        "UPDATE audit_accessevent SET actor_label = 'x'",
        "DELETE FROM audit_signinevent",
        "DROP TABLE patients_historicalpatient",
        "CREATE TABLE public.mine (id int)",
        "ALTER ROLE rpm_app SUPERUSER",
        "SET ROLE postgres",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('a', 'b', now())",
        "UPDATE django_migrations SET name = 'x'",
    ],
)
def test_the_app_role_is_refused(sql, cast):
    assert refused(sql), f"The database let the app role do: {sql}"


def test_the_app_role_grants_itself_nothing():
    """PostgreSQL answers with a warning here, not with an error: what counts is what came of it."""
    refused("GRANT UPDATE ON patients_historicalpatient TO rpm_app")
    assert asked("SELECT has_table_privilege('rpm_app', 'patients_historicalpatient', 'UPDATE')") == [
        (False,)
    ]


def as_owner(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE rpm_owner")
        cursor.execute(sql)


def test_history_refuses_even_the_owner(cast):
    """The trigger stands whoever comes; only who may switch it off could get past, and that is not the app."""
    for sql in (
        "UPDATE patients_historicalpatient SET actor_label = 'x'",
        "DELETE FROM patients_historicalpatient",
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            as_owner(sql)


@pytest.mark.parametrize("column", ["actor_label", "actor_kind"])
def test_history_without_an_actor_is_refused(cast, column):
    history = Patient.history.model
    row = history.objects.filter(id=cast.jane.pk).latest()
    row.history_id = None
    setattr(row, column, "")
    with pytest.raises(DatabaseError, match="history_signed"), transaction.atomic():
        row.save(force_insert=True)


def test_every_history_has_that_check():
    rows = asked(
        "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'c' AND conname LIKE '%%history_signed%%'"
    )
    bare = sorted(set(histories()) - {name.strip('"') for (name,) in rows})
    assert not bare, f"Histories without the signed check:{table_of(bare)}"
