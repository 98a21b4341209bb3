-- The roles inside the embedded cluster, one statement to a line; run again whenever this file changes.
-- rpm_owner owns the schema and migrates; rpm_app runs the application and gets its rights from the migrations.
DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rpm_app') THEN CREATE ROLE rpm_app LOGIN; END IF; END $$;
-- Tests own the schema and act as the app role by a connection option.
GRANT rpm_app TO rpm_owner;
REVOKE ALL ON DATABASE rpm FROM PUBLIC;
GRANT CONNECT ON DATABASE rpm TO rpm_app;
