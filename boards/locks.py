"""Each patient's advisory lock: whose figures, and outdated claims, are looked at by one at a time."""

from uuid import UUID

from django.db import connection


def hold(ids: list[UUID]) -> None:
    """In order, so that two never wait for each other. Held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(id::text, 58)) FROM unnest(%s::uuid[]) WITH ORDINALITY"
            " AS asked (id, place) ORDER BY place",
            [ids],
        )


def hold_free(ids: list[UUID]) -> list[UUID]:
    """Those whom nobody is figuring at this moment; they are held."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM (SELECT id, pg_try_advisory_xact_lock(hashtextextended(id::text, 58)) AS held"
            " FROM unnest(%s::uuid[]) AS id) AS tried WHERE held",
            [ids],
        )
        return [pk for (pk,) in cursor.fetchall()]
