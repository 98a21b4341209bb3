"""Taking in a file of readings: looked through whole, then all or the good lines, and a second time without effect.

Our own columns (`columns`) or any vendor's (`files`): each line becomes values that come in, or what is wrong with it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from accounts.models import Membership
from foundation.context import because
from foundation.refusals import Refused
from monitoring import columns
from monitoring.columns import RowError
from monitoring.files import lines, shapes
from monitoring.files.lines import LeftOut
from monitoring.files.mapping import Mapping
from monitoring.files.people import PracticePeople
from monitoring.files.understood import Understood, understand
from monitoring.models import Entrance, ImportBatch
from monitoring.readings.incoming import Incoming
from monitoring.readings.sorting import Outcome, Taken
from monitoring.readings.taking import NotTaken, look, one_at_a_time, take

FIRST = 8
NOTHING = "Nothing was taken in"


@dataclass
class Lines:
    """What a file says: values with the line of each, lines that are wrong, lines that hold no reading."""

    values: list[tuple[int, Incoming]] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    understood: Understood | None = None

    @property
    def count(self) -> int:
        return len(self.values) + len(self.errors)

    def add(self, line: int, found: lines.Found) -> None:
        if isinstance(found, RowError):
            self.errors.append(found)
        elif isinstance(found, LeftOut):
            self.left_out.append(found)
        else:
            self.values.append((line, found))

    def wrong(self, taken: list[Taken]) -> list[RowError]:
        """What is wrong with the file's lines, once each value was looked up too. The same is said once."""
        both = zip(self.values, taken, strict=True)
        found = [
            RowError(line, self._called(one.field, value), one.problem)
            for (line, value), one in both
            if not one.is_here
        ]
        return sorted(dict.fromkeys([*self.errors, *found]), key=lambda error: error.line)

    def _called(self, name: str, value: Incoming) -> str:
        return (
            lines.called(self.understood.sheet, self.understood.mapping, name, value)
            if self.understood
            else name
        )


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a file holds: readings that are new, how many we have already, and every line that is wrong."""

    digest: str
    rows: int
    new: tuple[Taken, ...]
    repeated: int
    errors: tuple[RowError, ...]
    good: int = 0
    first: tuple[tuple[int, Incoming, Taken], ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    understood: Understood | None = None

    @property
    def patients(self) -> int:
        return len({taken.patient_id for taken in self.new})

    @property
    def span(self) -> tuple[date, date] | None:
        """First and last reading day of what is new."""
        days = [taken.day for taken in self.new if taken.day]
        return (min(days), max(days)) if days else None

    @property
    def wrong_lines(self) -> int:
        return len({error.line for error in self.errors})


def look_through(content: bytes, *, practice, at: datetime, mapping: Mapping | None = None) -> Sorted:
    """A dry run: nothing is written. Raises `Refused` if it is no such file, or what it means has to be asked first."""
    found = _lines(content, practice, mapping)
    taken = look([value for _, value in found.values], practice=practice, at=at)
    errors = found.wrong(taken)
    good = _good(found, errors)
    new = [
        one
        for place, one in enumerate(taken)
        if one.outcome == Outcome.ADDED and (place in good or not errors)
    ]
    return Sorted(
        digest=hashlib.sha256(content).hexdigest(),
        rows=found.count,
        new=tuple(one for one in taken if one.outcome == Outcome.ADDED),
        repeated=sum(one.outcome == Outcome.REPEATED for one in taken),
        errors=tuple(errors),
        good=len(new),
        first=tuple(
            (line, value, one) for (line, value), one in zip(found.values[:FIRST], taken, strict=False)
        ),
        left_out=tuple(found.left_out),
        understood=found.understood,
    )


def _lines(content: bytes, practice, mapping: Mapping | None) -> Lines:
    if columns.is_ours(content):
        found = Lines()
        for line, each in _own_lines(content):
            found.add(line, each)
        return found
    understood = understand(content, practice, chosen=mapping)
    if understood.questions:
        raise Refused(understood.questions[0].sentence)
    found = Lines(understood=understood)
    people = PracticePeople.of(practice, understood.sheet, understood.mapping)
    for line, each in lines.read(understood.sheet, understood.mapping, people):
        found.add(line, each)
    found.values.sort(key=lambda value: value[0])
    return found


def _own_lines(content: bytes) -> Iterator[tuple[int, Incoming | RowError]]:
    for row in columns.read(content):
        yield row.line, row if isinstance(row, RowError) else row.value


def _good(found: Lines, errors: list[RowError]) -> set[int]:
    """Places of the values whose lines are right. Of a line that is wrong none is taken, as if it were not there."""
    wrong = {error.line for error in errors}
    return {place for place, (line, _) in enumerate(found.values) if line not in wrong}


@transaction.atomic
def take_in(
    content: bytes,
    *,
    practice,
    file_name: str,
    by: Membership | None,
    at: datetime,
    mapping: Mapping | None = None,
    good_lines: bool = False,
) -> ImportBatch:
    """All readings of the file, or with `good_lines` those of lines that are right. Again adds nothing.

    Raises `Refused` naming the first wrong line. What the columns mean is kept for the practice's next such file.
    """
    one_at_a_time(practice)
    found = _lines(content, practice, mapping)
    values = [value for _, value in found.values]
    if found.errors and not good_lines:
        raise _none_of_it(found.errors)
    if good_lines:
        good = _good(found, found.wrong(look(values, practice=practice, at=at)))
        values = [value for place, value in enumerate(values) if place in good]
    if good_lines and not values:
        raise Refused(f"No line of the file can be taken in. {NOTHING}")
    batch = ImportBatch(
        practice=practice,
        file_name=file_name[:120],
        digest=hashlib.sha256(content).hexdigest(),
        rows=found.count,
        imported_by=by,
        imported_at=at,
    )
    with because(f"Readings imported from {file_name[:120]}"):
        _take(values, found, batch, at=at)
        if found.understood:
            shapes.keep(found.understood.sheet, found.understood.mapping, practice)
    return batch


def _take(values: list[Incoming], found: Lines, batch: ImportBatch, *, at: datetime) -> None:
    told = {"practice": batch.practice, "entrance": Entrance.CSV, "sender": "", "at": at}
    try:
        take(values, **told, all_or_none=True, batch=batch)
    except NotTaken as none:
        raise _none_of_it(found.wrong(none.taken)) from none


def _none_of_it(errors: list[RowError]) -> Refused:
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return Refused(f"{errors[0]}{more}. {NOTHING}")
