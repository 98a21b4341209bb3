"""The two database roles' rights, the extensions, and the function behind every append-only trigger."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

from foundation.dbguards import APP_ROLE

APPEND_ONLY = """
CREATE FUNCTION rpm_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""

# What the connection was told (`foundation.postgresql`). Nothing, or what is no id, is nobody's practice.
# In PL/pgSQL on purpose: a function in SQL is unfolded into each query, which took half as long again to plan.
TOLD = """
CREATE FUNCTION rpm_told(name text) RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    told text := current_setting(name, true);
BEGIN
    IF told ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' THEN
        RETURN told::uuid;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION rpm_practice() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN RETURN rpm_told('rpm.practice'); END $$;
CREATE FUNCTION rpm_person() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN RETURN rpm_told('rpm.person'); END $$;
-- True or null, never false.
CREATE FUNCTION rpm_every_practice() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN RETURN NULLIF(current_setting('rpm.practice', true) = 'every', false); END $$;
"""
NOT_TOLD = """
DROP FUNCTION rpm_every_practice();
DROP FUNCTION rpm_person();
DROP FUNCTION rpm_practice();
DROP FUNCTION rpm_told(text);
"""

# The app role reads, adds and changes. It deletes nowhere except where a later migration says so, and truncates never.
GRANTS = f"""
GRANT USAGE ON SCHEMA public TO {APP_ROLE};
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {APP_ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE};
REVOKE INSERT, UPDATE ON django_migrations FROM {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {APP_ROLE};
"""
REVOKES = f"""
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {APP_ROLE};
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {APP_ROLE};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {APP_ROLE};
"""

# A temporary table is found before one of ours that has its name, by triggers too; and a function in the temporary
# schema is one's own to write. PUBLIC has this right in every new database, and no dump keeps that it was taken.
NO_TEMPORARY = """
DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$;
"""
TEMPORARY = NO_TEMPORARY.replace("REVOKE", "GRANT").replace("FROM", "TO")


def the_role_is_there(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
        if not cursor.fetchone():
            raise RuntimeError(
                f"The database role {APP_ROLE} is missing. As a superuser run: CREATE ROLE {APP_ROLE} LOGIN;"
            )


class Migration(migrations.Migration):
    dependencies = []

    operations = [
        migrations.RunPython(the_role_is_there, migrations.RunPython.noop),
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION rpm_append_only();"),
        migrations.RunSQL(TOLD, NOT_TOLD),
        migrations.RunSQL(GRANTS, REVOKES),
        migrations.RunSQL(NO_TEMPORARY, TEMPORARY),
    ]
