"""Run by the virtual environment's Python: says in words and SQL what the given servers lack."""

import os
import sys

import psycopg
import redis

OWNER, APP = "rpm_owner", "rpm_app"
OLDEST = 150000
MAKE_OWNER = f"CREATE ROLE {OWNER} LOGIN CREATEDB PASSWORD '…';\n  CREATE DATABASE rpm OWNER {OWNER};"
MAKE_APP = f"CREATE ROLE {APP} LOGIN PASSWORD '…';\n  GRANT CONNECT ON DATABASE {{}} TO {APP};"


def missing(tests: bool):
    """Each lack in words, and the SQL that mends it."""
    try:
        owner = connect("DATABASE_OWNER_URL")
    except psycopg.Error as error:
        yield f"DATABASE_OWNER_URL: {brief(error)}", MAKE_OWNER
        return
    with owner:
        yield from owner_lacks(owner, tests)
        owner_name, database = role_and_database(owner)
    try:
        with connect("DATABASE_URL") as app:
            yield from app_lacks(app, owner_name)
    except psycopg.Error as error:
        yield f"DATABASE_URL: {brief(error)}", MAKE_APP.format(database)


def connect(name: str):
    return psycopg.connect(os.environ[name], connect_timeout=10, autocommit=True)


def one(connection, sql: str, *values):
    return connection.execute(sql, values).fetchone()[0]


def role_and_database(connection) -> tuple[str, str]:
    return connection.execute("SELECT quote_ident(current_user), quote_ident(current_database())").fetchone()


def owner_lacks(owner, tests: bool):
    """What the migrating role needs."""
    role, database = role_and_database(owner)
    if owner.info.server_version < OLDEST:
        yield f"the server is PostgreSQL {owner.info.server_version // 10000}; 15 or newer is needed", ""
    if not one(owner, "SELECT has_database_privilege(current_database(), 'CREATE')"):
        yield f"{role} may not create schemas or extensions", f"ALTER DATABASE {database} OWNER TO {role};"
    if not one(owner, "SELECT has_schema_privilege('public', 'CREATE')"):
        yield f"{role} may not create tables in schema public", f"ALTER SCHEMA public OWNER TO {role};"
    if not one(owner, "SELECT count(*) FROM pg_roles WHERE rolname = %s", APP):
        yield f"the role {APP} is missing", MAKE_APP.format(database)
    elif tests and not one(owner, "SELECT pg_has_role(current_user, %s, 'MEMBER')", APP):
        yield f"{role} may not act as {APP}, which tests do", f"GRANT {APP} TO {role};"
    if tests and not one(owner, "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"):
        yield f"{role} may not create the test database", f"ALTER ROLE {role} CREATEDB;"


def app_lacks(app, owner_name: str):
    """The app role must be the one that the migrations grant to, and must not own what it guards."""
    role, database = role_and_database(app)
    if role == owner_name or one(app, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        yield f"DATABASE_URL signs in as {role}, which may change history", MAKE_APP.format(database)
    elif not one(app, "SELECT count(*) FROM pg_roles WHERE rolname = %s AND pg_has_role(oid, 'MEMBER')", APP):
        yield f"DATABASE_URL signs in as {role}, which has no part in {APP}", f"GRANT {APP} TO {role};"


def brief(error: Exception) -> str:
    """The driver's reason, without the address before it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    reason = next((line for line in lines if "FATAL:" in line or "failed:" in line), lines[0])
    return reason.rpartition("FATAL:" if "FATAL:" in reason else "failed:")[2].strip()


def redis_lacks():
    try:
        redis.Redis.from_url(os.environ["REDIS_URL"], socket_connect_timeout=5, socket_timeout=5).ping()
    except (redis.RedisError, ValueError) as error:
        yield f"REDIS_URL: {error}", ""


def main(asked: list[str]) -> int:
    found = list(missing("tests" in asked)) if "database" in asked else []
    found += redis_lacks() if "redis" in asked else []
    if found:
        print("the given servers are not ready:")
    for what, sql in found:
        print(f"- {what}" + (f"\n  {sql}" if sql else ""))
    return 3 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
