"""A world that takes seconds to make, made once for a module: its rows are copied out and put back for later tests."""

import pickle
from collections.abc import Callable
from contextlib import contextmanager

from django.db import connection
from psycopg.sql import SQL, Identifier

from tests.databases import filled, may_skip_triggers


class Saved:
    """Makes the world the first time that it is asked for, in that test's transaction; afterwards puts it back."""

    def __init__(self):
        self.tables: dict[str, bytes] = {}
        self.people = b""

    def made_by(self, make: Callable[[], object]):
        """What `make` returns. Each test has its own copy, so that none sees what another did to it."""
        if self.people:
            self._put_back()
        else:
            self._keep(make())
        return pickle.loads(self.people)

    def _keep(self, made) -> None:
        with _owner() as cursor:
            for name in filled():
                with cursor.copy(SQL("COPY {} TO STDOUT").format(Identifier(name))) as rows:
                    self.tables[name] = b"".join(rows)
        # Last: where a step before fails, the next test makes its own.
        self.people = pickle.dumps(made)

    def _put_back(self) -> None:
        with _owner() as cursor:
            # The rows have been through the triggers and keys once; now they come in any order.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for name, rows in self.tables.items():
                with cursor.copy(SQL("COPY {} FROM STDIN").format(Identifier(name))) as into:
                    into.write(rows)
            cursor.execute("SET LOCAL session_replication_role = origin")


class MadeEachTime:
    """For a server that was given, where the owner may not set the triggers aside."""

    def made_by(self, make: Callable[[], object]):
        return make()


def saved_or_made() -> Saved | MadeEachTime:
    return Saved() if may_skip_triggers() else MadeEachTime()


@contextmanager
def _owner():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (before,) = cursor.fetchone()
        cursor.execute("SET LOCAL ROLE rpm_owner")
        yield cursor
        cursor.execute(SQL("SET LOCAL ROLE {}").format(Identifier(before)))
