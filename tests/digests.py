"""What all rows of the database come to, to see whether anything changed."""

from collections.abc import Iterable

from django.db import connection


def digests(*, without: Iterable[str] = ()) -> dict[str, str]:
    """table → a digest of all its rows; of a table without rows nothing."""
    tables = sorted(set(connection.introspection.table_names()) - set(without))
    parts = (
        f"SELECT '{table}', md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM \"{table}\" t"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return {table: digest for table, digest in cursor if digest}


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables in which rows were added, changed or deleted."""
    return sorted(table for table in before | after if before.get(table) != after.get(table))
