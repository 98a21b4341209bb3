-- What somebody with the app role's password tries in psql, told one practice (:'ours'), after another's rows (:'theirs').
-- An attack: its name, what PostgreSQL answers where it is refused, and what rows are all it tells. test_psql.py runs them.

---- As somebody else

-- set role
-- refused: permission denied
SET ROLE rpm_owner;
SELECT * FROM patients_patient WHERE mrn = 'x';

-- set role postgres
-- refused: permission denied
SET ROLE postgres;

-- reset role
-- rows: 2
RESET ROLE;
SELECT count(*) FROM patients_patient;

-- session authorization
-- refused: permission denied
SET SESSION AUTHORIZATION rpm_owner;

-- reset authorization
-- rows: rpm_app
RESET SESSION AUTHORIZATION;
SELECT current_user;

-- own attribute
-- refused: permission denied
ALTER ROLE rpm_app BYPASSRLS;

-- new role
-- refused: permission denied
CREATE ROLE mine SUPERUSER;

-- membership
-- refused: permission denied
GRANT rpm_owner TO rpm_app;

-- predefined role
-- refused: permission denied
GRANT pg_read_all_data TO rpm_app;

-- left for later
-- refused: permission denied
ALTER ROLE rpm_app SET rpm.practice = 'every';

-- replica role
-- refused: permission denied
SET session_replication_role = replica;

---- The policy itself

-- off
-- refused: query would be affected by row-level security policy
SET row_security = off;
TABLE patients_patient;

-- disable
-- refused: must be owner of
ALTER TABLE patients_patient DISABLE ROW LEVEL SECURITY;

-- one more policy
-- refused: must be owner of
CREATE POLICY mine ON patients_patient TO rpm_app USING (true);

-- another condition
-- refused: must be owner of
ALTER POLICY one_practice ON patients_patient USING (true);

-- drop
-- refused: must be owner of
DROP POLICY one_practice ON patients_patient;

-- take the table
-- refused: must be owner of
ALTER TABLE patients_patient OWNER TO rpm_app;

-- rule
-- refused: must be owner of
CREATE RULE mine AS ON SELECT TO patients_patient DO INSTEAD SELECT 1;

-- trigger
-- refused: permission denied
CREATE TRIGGER mine BEFORE INSERT ON patients_patient EXECUTE FUNCTION x();

-- inherit
-- refused: permission denied
CREATE TABLE mine () INHERITS (patients_patient);

-- its function
-- refused: permission denied
CREATE OR REPLACE FUNCTION rpm_practice() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';

-- its function's settings
-- refused: must be owner of
ALTER FUNCTION rpm_practice() SET search_path = pg_temp;

-- catalog
-- refused: permission denied
UPDATE pg_class SET relrowsecurity = false WHERE relname = 'patients_patient';

-- catalog of policies
-- refused: permission denied
DELETE FROM pg_policy;

---- Reading

-- plain
-- rows: 2|0
SELECT count(*), count(*) FILTER (WHERE practice_id = :'theirs') FROM patients_patient;

-- by id
-- rows:
SELECT * FROM patients_patient WHERE id = :'nora';

-- always true
-- rows: 2
SELECT count(*) FROM patients_patient WHERE mrn = '' OR 1 = 1;

-- history
-- rows: 0
SELECT count(*) FROM patients_historicalpatient WHERE practice_id = :'theirs';

-- union
-- rows: Jane, Max
SELECT given_name FROM patients_patient UNION SELECT given_name FROM patients_historicalpatient ORDER BY 1;

-- copy
-- rows: Jane, Max
COPY patients_patient (given_name) TO STDOUT;

-- copy to program
-- refused: permission denied
COPY patients_patient TO PROGRAM 'cat';

-- copy to file
-- refused: permission denied
COPY patients_patient TO '/tmp/rpm-attack';

-- client copy
-- rows: Jane, Max
\copy patients_patient (given_name) to stdout

-- xml
-- refused: unsupported XML feature
SELECT query_to_xml('TABLE patients_patient', true, false, '');

-- sample
-- rows: Jane, Max
SELECT given_name FROM patients_patient TABLESAMPLE SYSTEM (100) ORDER BY 1;

-- only
-- rows: Jane, Max
SELECT given_name FROM ONLY patients_patient ORDER BY 1;

-- by place
-- rows: Jane, Max
SELECT given_name FROM patients_patient WHERE ctid = ANY (ARRAY(SELECT format('(%s,%s)', page, n)::tid FROM generate_series(0, pg_relation_size('patients_patient') / 8192 - 1) page, generate_series(1, 291) n)) ORDER BY 1;

-- cursor
-- rows: Jane, Max
BEGIN;
DECLARE c CURSOR WITH HOLD FOR SELECT given_name FROM patients_patient ORDER BY 1;
COMMIT;
FETCH ALL FROM c;

-- prepared before it was told
-- rows: 0
SELECT set_config('rpm.practice', '', false);
PREPARE p AS SELECT count(*) FROM patients_patient;
EXECUTE p;

-- nonsense told
-- rows: 0
SET rpm.practice = ''' OR true --';
SELECT count(*) FROM patients_patient;

-- null told
-- rows: 0
RESET rpm.practice;
SELECT count(*) FROM patients_patient;

-- lock
-- rows: Jane, Max
SELECT given_name FROM patients_patient ORDER BY 1 FOR UPDATE;

-- do block
DO $$ DECLARE n text; BEGIN FOR n IN SELECT given_name FROM patients_patient LOOP RAISE NOTICE '%', n; END LOOP; END $$;

---- By what a condition or the planner tells

-- cheap function asked before the policy
-- refused: permission denied to create temporary tables in database
CREATE FUNCTION pg_temp.leak(text) RETURNS bool LANGUAGE plpgsql COST 0.0000001
    AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$;
SELECT given_name FROM patients_patient WHERE pg_temp.leak(family_name);

-- division
-- rows: Jane, Max
SELECT given_name FROM patients_patient WHERE 1 / (CASE WHEN family_name = 'Noe' THEN 0 ELSE 1 END) = 1 ORDER BY 1;

-- cast
-- rows: Jane, Max
SELECT given_name FROM patients_patient WHERE CASE WHEN family_name = 'Noe' THEN family_name::int > 0 ELSE true END ORDER BY 1;

-- regular expression
-- rows: Jane, Max
SELECT given_name FROM patients_patient WHERE family_name ~ (CASE WHEN family_name = 'Noe' THEN '(' ELSE '.' END) ORDER BY 1;

-- statistics
-- rows: 0
SELECT count(*) FROM pg_stats WHERE tablename = 'patients_patient';

-- statistics below
-- refused: permission denied
SELECT stavalues1 FROM pg_statistic WHERE starelid = 'patients_patient'::regclass;

-- extended statistics
-- rows: 0
SELECT count(*) FROM pg_stats_ext WHERE tablename = 'patients_patient';

-- own statistics
-- refused: must be owner of
CREATE STATISTICS mine (mcv) ON family_name, given_name FROM patients_patient;

-- pages
-- refused: permission denied
CREATE EXTENSION pageinspect;

-- log of writes
-- refused: permission denied
CREATE EXTENSION pg_walinspect;

-- replication
-- refused: permission denied
SELECT pg_create_logical_replication_slot('mine', 'test_decoding');

-- publication
-- refused: permission denied
CREATE PUBLICATION mine FOR TABLE patients_patient;

---- Writing

-- update
-- rows: done
UPDATE patients_patient SET phone = '555' WHERE practice_id = :'theirs';
SELECT 'done';

-- give away
-- refused: violates row-level security policy
UPDATE patients_patient SET practice_id = :'theirs' WHERE id = :'jane';

-- insert
-- refused: violates row-level security policy
INSERT INTO timelogs_period (id, version, practice_id, month, state) VALUES (gen_random_uuid(), 1, :'theirs', '2026-03-01', 'open');

-- copy in
-- refused: COPY FROM not supported with row-level security
COPY timelogs_period (id, version, practice_id, month, state) FROM STDIN;
00000000-0000-4000-8000-000000000001	1	00000000-0000-4000-8000-000000000002	2026-03-01	open
\.

-- delete
-- refused: permission denied
DELETE FROM patients_patient WHERE id = :'nora';

-- truncate
-- refused: permission denied
TRUNCATE patients_patient CASCADE;

-- lock out
-- refused: permission denied
BEGIN;
LOCK TABLE audit_accessevent IN SHARE UPDATE EXCLUSIVE MODE;

-- a sequence set back
-- refused: permission denied
SELECT setval('audit_accessevent_id_seq', 1);

-- merge
-- rows: done
MERGE INTO patients_patient p USING (SELECT :'nora'::uuid AS id) n ON p.id = n.id WHEN MATCHED THEN UPDATE SET phone = '555';
SELECT 'done';

---- By which rows are refused

-- a key that is taken
-- refused: duplicate key value violates unique constraint
INSERT INTO patients_patient
    SELECT (jsonb_populate_record(p, jsonb_build_object('id', :'nora'::text, 'mrn', 'T-9'))).*
    FROM patients_patient p WHERE id = :'jane';

-- on conflict
-- refused: violates row-level security policy
INSERT INTO patients_patient
    SELECT (jsonb_populate_record(p, jsonb_build_object('id', :'nora'::text, 'mrn', 'T-9'))).*
    FROM patients_patient p WHERE id = :'jane'
    ON CONFLICT (id) DO UPDATE SET phone = '555' RETURNING family_name;

-- on conflict do nothing
-- rows:
INSERT INTO patients_patient
    SELECT (jsonb_populate_record(p, jsonb_build_object('id', :'nora'::text, 'mrn', 'T-9'))).*
    FROM patients_patient p WHERE id = :'jane'
    ON CONFLICT DO NOTHING RETURNING family_name;

-- a number that is theirs
-- refused: violates row-level security policy
INSERT INTO patients_patient
    SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid()::text, 'practice_id', :'theirs'::text))).*
    FROM patients_patient p WHERE id = :'jane';

-- a key into their rows
-- refused: violates foreign key constraint
UPDATE patients_consent SET patient_id = :'nora' WHERE patient_id = :'jane';

---- The server around it

-- file
-- refused: permission denied
SELECT pg_read_file('postgresql.conf');

-- binary file
-- refused: permission denied
SELECT pg_read_binary_file('PG_VERSION');

-- folder
-- refused: permission denied
SELECT pg_ls_dir('.');

-- large object
-- refused: permission denied
SELECT lo_import('/etc/passwd');

-- export
-- refused: permission denied
SELECT lo_export(1, '/tmp/rpm-attack');

-- copy from file
-- refused: permission denied
COPY accounts_user (name) FROM '/etc/passwd';

-- program
-- refused: permission denied
COPY accounts_user (name) FROM PROGRAM 'id';

-- dblink
-- refused: permission denied
CREATE EXTENSION dblink;

-- foreign server
-- refused: permission denied
CREATE EXTENSION postgres_fdw;

-- untrusted language
-- refused: permission denied
CREATE FUNCTION mine() RETURNS int LANGUAGE c AS 'libc', 'getpid';

-- settings
-- refused: permission denied
ALTER SYSTEM SET row_security = off;

-- library
-- refused: is not allowed
LOAD 'auto_explain';

-- events
-- refused: permission denied
CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION x();

-- schema
-- refused: permission denied
CREATE SCHEMA mine;

-- database
-- refused: permission denied
CREATE DATABASE mine;

-- table
-- refused: permission denied
CREATE TABLE mine AS TABLE patients_patient;

-- view
-- refused: permission denied
CREATE VIEW mine AS TABLE patients_patient;

-- temporary table
-- refused: permission denied to create temporary tables in database
CREATE TEMP TABLE patients_enrollment AS SELECT 1;

-- temporary view
-- refused: permission denied to create temporary tables in database
CREATE TEMP VIEW mine AS TABLE patients_patient;

-- temporary operator
-- refused: permission denied to create temporary tables in database
CREATE OPERATOR pg_temp.= (leftarg = uuid, rightarg = uuid, function = uuid_ne);

-- search path
-- rows: 2
SET search_path = pg_temp, public;
SELECT count(*) FROM patients_patient;

-- definer functions
-- rows: 0
SELECT count(*) FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace;
