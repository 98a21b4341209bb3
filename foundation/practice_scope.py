"""Of which practice the database shows rows: PostgreSQL's row-level security is told by every connection of ours.

This is the second wall. The first is `for_practice` in each query; a query that forgets it returns nothing.
What is in effect here is told before each statement that finds it changed (`foundation.postgresql`), so that no
connection serves one request with what another left behind. docs/adr/0018 says why, and against whom it helps.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from uuid import UUID

EVERY = "every"


@dataclass(frozen=True, slots=True)
class Scope:
    """`practice`: whose rows are there; `person`: whose own memberships are there besides. Empty is nobody's."""

    practice: str = ""
    person: str = ""


NOWHERE, EVERYWHERE = Scope(), Scope(EVERY)
# What holds where nobody said anything.
OUTSIDE = NOWHERE
_scope: ContextVar[Scope | None] = ContextVar("practice_scope", default=None)


def current() -> Scope:
    return _scope.get() or OUTSIDE


@contextmanager
def _holding(scope: Scope) -> Iterator[None]:
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


def nowhere():
    """Nothing of any practice: how each request and each task begins."""
    return _holding(NOWHERE)


def of_person(person_id: UUID):
    """No practice yet, but this person's memberships and the names of her practices."""
    return _holding(Scope(person=str(person_id)))


def in_practice(practice):
    """The rows of one practice, given itself or by its id, and nothing else. Fails without one."""
    if practice is None:
        raise ValueError("No practice: what is read and written belongs to one.")
    return _holding(replace(current(), practice=str(getattr(practice, "pk", practice))))


def every_practice():
    """All rows, for work that belongs to no practice. Who may is listed in `tests/architecture/test_second_wall.py`."""
    return _holding(EVERYWHERE)
