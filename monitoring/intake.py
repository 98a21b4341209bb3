"""Taking in readings from a CSV: looked through whole, then all or nothing, and a second time without effect."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import Membership
from foundation.context import because
from foundation.refusals import Refused
from monitoring.columns import Row, RowError, read
from monitoring.models import Entrance, ImportBatch
from monitoring.readings.sorting import Outcome, Taken
from monitoring.readings.taking import NotTaken, look, take


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a file holds: readings that are new, how many we have already, and every line that is wrong."""

    digest: str
    rows: int
    new: tuple[Taken, ...]
    repeated: int
    errors: tuple[RowError, ...]

    @property
    def patients(self) -> int:
        return len({taken.patient_id for taken in self.new})

    @property
    def span(self) -> tuple[date, date] | None:
        """First and last reading day of what is new."""
        days = [taken.day for taken in self.new if taken.day]
        return (min(days), max(days)) if days else None


def look_through(content: bytes, *, practice, at: datetime) -> Sorted:
    """A dry run: nothing is written. Raises `Refused` if it is not such a file."""
    rows, unread = _lines(content)
    taken = look([row.value for row in rows], practice=practice, at=at)
    errors = [*unread, *_wrong(rows, taken)]
    return Sorted(
        digest=hashlib.sha256(content).hexdigest(),
        rows=len(rows) + len(unread),
        new=tuple(one for one in taken if one.outcome == Outcome.ADDED),
        repeated=sum(one.outcome == Outcome.REPEATED for one in taken),
        errors=tuple(sorted(errors, key=lambda error: error.line)),
    )


def _lines(content: bytes) -> tuple[list[Row], list[RowError]]:
    rows, unread = [], []
    for found in read(content):
        (rows if isinstance(found, Row) else unread).append(found)
    return rows, unread


def _wrong(rows: list[Row], taken: list[Taken]) -> list[RowError]:
    both = zip(rows, taken, strict=True)
    return [RowError(row.line, one.field, one.problem) for row, one in both if not one.is_here]


@transaction.atomic
def take_in(content: bytes, *, practice, file_name: str, by: Membership | None, at: datetime) -> ImportBatch:
    """All readings of the file, or none: raises `Refused` naming the first wrong line. Again adds nothing."""
    rows, unread = _lines(content)
    if unread:
        raise _none_of_it(unread)
    batch = ImportBatch(
        practice=practice,
        file_name=file_name[:120],
        digest=hashlib.sha256(content).hexdigest(),
        rows=len(rows),
        imported_by=by,
        imported_at=at,
    )
    values = [row.value for row in rows]
    try:
        with because(f"Readings imported from {file_name[:120]}"):
            take(
                values,
                practice=practice,
                entrance=Entrance.CSV,
                sender="",
                at=at,
                all_or_none=True,
                batch=batch,
            )
    except NotTaken as none:
        raise _none_of_it(_wrong(rows, none.taken)) from none
    return batch


def _none_of_it(errors: list[RowError]) -> Refused:
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return Refused(f"{errors[0]}{more}. Nothing was taken in")
