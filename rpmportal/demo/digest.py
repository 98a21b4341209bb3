"""One number over all rows of the practice, without what the server's clock, sequences and hashing made."""

import hashlib

from django.apps import apps
from django.db import connection, models

APPS = ("accounts", "patients", "monitoring", "timelogs", "billing", "staff", "dispatch")
# Made by the server's clock, a sequence, or a salt.
LEFT_OUT = {"password", "request_id", "created_at", "published_at", "done_at", "sent_at"} | {
    "history_id", "history_date", "recorded_at", "transaction_id", "row_hash", "hash_version",
}  # fmt: skip


def of_practice(practice) -> str:
    """SHA-256 over every table's name, number of rows, and rows in whatever order."""
    whole = hashlib.sha256()
    for model in sorted(apps.get_models(), key=lambda m: m._meta.db_table):
        if model._meta.app_label in APPS and (scope := _scope(model)):
            count, digest = _of_table(model, scope, practice)
            whole.update(f"{model._meta.db_table} {count} {digest}\n".encode())
    return whole.hexdigest()


def _scope(model) -> str | None:
    """Which rows of the table are the practice's; None where nothing says so."""
    names = {field.name for field in model._meta.local_fields}
    if "practice" in names:
        return "practice_id = %s"
    if model._meta.model_name in {"practice", "historicalpractice"}:
        return "id = %s"
    if model._meta.model_name in {"user", "historicaluser"}:
        return "id IN (SELECT user_id FROM accounts_membership WHERE practice_id = %s)"
    return None


def _of_table(model, scope: str, practice) -> tuple[int, str]:
    columns = ", ".join(f'"{field.column}"' for field in _fields(model))
    sql = f"""SELECT count(*), coalesce(md5(string_agg(line, '' ORDER BY line)), '')
              FROM (SELECT md5(ROW({columns})::text) AS line FROM "{model._meta.db_table}" WHERE {scope}) AS lines"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [practice.pk])
        return cursor.fetchone()


def _fields(model) -> list[models.Field]:
    return [
        f for f in model._meta.local_fields if f.name not in LEFT_OUT and not isinstance(f, models.AutoField)
    ]
