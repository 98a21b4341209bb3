"""PostgreSQL lets a row pass whose check is NULL: no check with alternatives may come to NULL for any row.

A comparison alone (`ends_on >= starts_on`) is left out: there an empty column means that nothing is compared.
"""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from tests.architecture.walk import table_of
from tests.integration.billing.months import NINE
from timelogs.note import drafts

pytestmark = pytest.mark.django_db

CHECKS = """
    SELECT c.conrelid, c.conrelid::regclass::text, c.conname, pg_get_expr(c.conbin, c.conrelid), c.conkey
    FROM pg_constraint c
    WHERE c.contype = 'c' AND c.connamespace = 'public'::regnamespace
        AND pg_get_expr(c.conbin, c.conrelid) LIKE '% OR %'
    ORDER BY 2, 3
"""
COLUMNS = """
    SELECT attname, format_type(atttypid, NULL), attnotnull
    FROM pg_attribute WHERE attrelid = %s AND attnum = ANY(%s)
"""
DAYS = ["'2026-01-01'", "'2026-02-01'"]
# A few values of each type, lower and higher than another; texts also take every word that the check names.
SAMPLES = {
    "boolean": ["true", "false"],
    "bytea": ["''"],
    "date": DAYS,
    "jsonb": ["'null'", "'1'"],
    "timestamp with time zone": DAYS,
    "uuid": ["'00000000-0000-0000-0000-000000000001'"],
} | dict.fromkeys(("smallint", "integer", "bigint", "numeric"), ["0", "1", "5"])


def asked(sql: str, *params) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.fetchall()


def samples(kind: str, required: bool, expression: str) -> list[str]:
    """SQL literals for one column."""
    words = [f"'{word}'" for word in sorted({"", "x", *re.findall(r"'([a-z_0-9]*)'::", expression)})]
    values = [f"{value}::{kind}" for value in SAMPLES.get(kind, words)]
    return values if required else [*values, f"NULL::{kind}"]


def lets_null_pass(expression: str, columns: list[tuple]) -> bool:
    """Whether some combination of the samples makes the check NULL."""
    tables = [
        f'(VALUES {", ".join(f"({value})" for value in samples(kind, required, expression))}) AS "t {name}"("{name}")'
        for name, kind, required in columns
    ]
    return bool(asked(f"SELECT 1 FROM {' CROSS JOIN '.join(tables)} WHERE ({expression}) IS NULL LIMIT 1"))


def test_no_check_with_alternatives_lets_a_row_pass_by_null():
    checks = asked(CHECKS)
    assert len(checks) >= 40
    passing = []
    for table_id, table, name, expression, keys in checks:
        columns = asked(COLUMNS, table_id, keys)
        if not all(required for *_, required in columns) and lets_null_pass(expression, columns):
            passing.append(f"{table}: {name}")
    assert not passing, table_of(passing)


@pytest.mark.parametrize(
    ("expression", "passes"),
    [
        ("a = '' OR b > 0", True),
        ("a = '' OR (b IS NOT NULL AND b > 0)", False),
        ("a = '' OR b IS NULL", False),
    ],
)
def test_a_check_that_passes_by_null_is_found(expression, passes):
    assert lets_null_pass(expression, [("a", "text", True), ("b", "integer", False)]) is passes


def test_around_the_form_a_session_is_not_signed_without_its_seconds(cast):
    entry = drafts.log_past(
        cast.jane,
        starts_at=NINE,
        seconds=600,
        reason="Forgotten.",
        by=cast.rosa,
        at=NINE + timedelta(hours=1),
    )
    signing = """
        UPDATE timelogs_timeentry SET status = 'signed', signed_at = now(), signature = 'x', signed_label = 'x',
            cumulative_seconds = 600, seconds_signed = %s
        WHERE id = %s RETURNING id
    """
    with pytest.raises(IntegrityError, match="entry_signature_complete_or_empty"), transaction.atomic():
        asked(signing, None, entry.pk)
