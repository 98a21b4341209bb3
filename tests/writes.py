"""The statements by which a request writes, seen at the connection: tables, values, and what differs between two."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg.types.json import _JsonWrapper

WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)"?')
# Made anew each time: keys of new rows, digests over them, and what is encrypted or drawn by lot.
_NEW = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b|gAAAA[\w=-]+"
)


class Writes:
    """Each write as (table, statement, values)."""

    def __init__(self):
        self.seen: list[tuple[str, str, object]] = []

    def __call__(self, execute, sql, params, many, context):
        if found := WRITES.match(sql if isinstance(sql, str) else ""):
            self.seen.append((found[1], sql, params))
        return execute(sql, params, many, context)

    def tables(self) -> set[str]:
        return {table for table, _, _ in self.seen}

    def plain(self, *, without: set[str], known: set[str]) -> list[str]:
        """The writes as texts, in which what is made anew is named by its order; `known` stays what it is."""
        names: dict[str, str] = {}

        def named(found) -> str:
            word = found[0]
            return word if word in known else names.setdefault(word, f"#{len(names)}")

        rows = [(table, sql, values) for table, sql, values in self.seen if table not in without]
        return [_NEW.sub(named, f"{sql} {shown(values)}") for _, sql, values in rows]


def shown(value: object) -> object:
    """A statement's values whole: JSON is cut short where it is printed."""
    if isinstance(value, list | tuple):
        return [shown(each) for each in value]
    return value.obj if isinstance(value, _JsonWrapper) else value


@contextmanager
def writes() -> Iterator[Writes]:
    seen = Writes()
    with connection.execute_wrapper(seen):
        yield seen
