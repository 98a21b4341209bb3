"""Waiting for others who wait."""

from django.db import connection


def wait_until_somebody_waits() -> None:
    """Until a lock of this database is asked for in vain."""
    with connection.cursor() as cursor:
        for _ in range(10_000):
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE NOT granted AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("Nobody waited.")
