"""A world that takes seconds to make, made once for a module: its rows are copied out and put back for later tests."""

import pickle
from collections.abc import Callable

from django.db import connection
from psycopg.sql import SQL, Identifier

from tests.databases import as_owner, filled, may_skip_triggers


class Saved:
    """Makes the world the first time that it is asked for, in that test's transaction; afterwards puts it back.

    `past_triggers`: rows that triggers would refuse today, a decided month's for example. It costs a tenth of a second
    in each test: PostgreSQL forgets every plan of the connection when the triggers are set aside.
    """

    def __init__(self, *, past_triggers: bool = True):
        self.past_triggers = past_triggers
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
        with as_owner() as cursor:
            for name in filled():
                with cursor.copy(SQL("COPY {} TO STDOUT").format(Identifier(name))) as rows:
                    self.tables[name] = b"".join(rows)
        # Last: where a step before fails, the next test makes its own.
        self.people = pickle.dumps(made)

    def _put_back(self) -> None:
        with as_owner() as cursor:
            # The rows have been through the triggers once; keys are looked at as late as ever, so any order will do.
            if self.past_triggers:
                cursor.execute("SET LOCAL session_replication_role = replica")
            for name, rows in self.tables.items():
                with cursor.copy(SQL("COPY {} FROM STDIN").format(Identifier(name))) as into:
                    into.write(rows)
            if self.past_triggers:
                cursor.execute("SET LOCAL session_replication_role = origin")


class MadeEachTime:
    """For a server that was given, where the owner may not set the triggers aside."""

    def made_by(self, make: Callable[[], object]):
        return make()


class Worlds:
    """The worlds of a module, each by the function that makes it: with all of its rows, so before any other."""

    def __init__(self):
        self._kept: dict[Callable[[], object], Saved | MadeEachTime] = {}

    def of(self, make: Callable[[], object]):
        # Rows that are committed may be known to another process by their ids.
        if not connection.in_atomic_block:
            return make()
        return self._kept.setdefault(make, saved_or_made()).made_by(make)


def saved_or_made() -> Saved | MadeEachTime:
    return Saved() if may_skip_triggers() else MadeEachTime()
