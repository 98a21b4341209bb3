"""Rows of many owners handed out one owner at a time, so that a whole practice can pass through without being kept."""

from collections.abc import Callable, Collection, Iterable, Iterator
from operator import attrgetter
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import QuerySet

_ROWS_AT_ONCE = 2000

Row = TypeVar("Row")


class Groups(Generic[Row]):
    """Rows in ascending order of their owner. PostgreSQL and Python order UUIDs alike."""

    def __init__(self, rows: Iterable[Row], owner: Callable[[Row], UUID]) -> None:
        self._rows: Iterator[Row] = iter(rows)
        self._owner = owner
        self._next = next(self._rows, None)
        self._last: UUID | None = None

    def take(self, owner: UUID) -> list[Row]:
        """The owner's rows. Owners are asked for once each, in ascending order; rows of others are passed over."""
        if self._last is not None and owner <= self._last:
            raise ValueError("Owners are asked for once each, in ascending order.")
        self._last = owner
        found: list[Row] = []
        while self._next is not None and (whose := self._owner(self._next)) <= owner:
            if whose == owner:
                found.append(self._next)
            self._next = next(self._rows, None)
        return found


def grouped(rows: QuerySet, of: Collection[UUID] | None, *order: str, by: str = "patient_id") -> Groups:
    """A query's rows by owner, for the owners named; None: for all, read through a cursor of the database.

    `by` leads from a row to its owner, `order` sorts the rows of one.
    """
    rows = rows.order_by(by, *order)
    if of is None:
        return Groups(rows.iterator(chunk_size=_ROWS_AT_ONCE), _reader(by))
    return Groups(rows.filter(**{f"{by}__in": list(of)}), _reader(by))


def _reader(by: str) -> Callable[..., UUID]:
    """Reads the owner from an instance, or from a row of values."""
    of_instance = attrgetter(by.replace("__", "."))
    return lambda row: row[by] if isinstance(row, dict) else of_instance(row)
