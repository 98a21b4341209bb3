"""Counts of trials, and people who act at the same instant, each on a database connection of their own."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from foundation.context import acting

SOAK = os.environ.get("SOAK") == "1"


def trials(full: int, *, part: int = 10) -> int:
    """The promised number in `./dev soak`, a tenth or another part in `./dev test`."""
    return full if SOAK else max(1, full // part)


def some_of(things: Sequence, *, part: int = 10) -> list:
    """All of them in `./dev soak`; every tenth, or so many, in `./dev test`."""
    return list(things if SOAK else things[::part])


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Run every act in a thread with its own connection, released together. Exceptions come back as values."""
    gate = Barrier(len(acts))

    def run(act):
        try:
            with acting("system: trial"):
                connection.ensure_connection()
                gate.wait()
                return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
