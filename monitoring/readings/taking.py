"""The one way in for readings, whoever sends them: looked at without writing, or taken in by one transaction."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from dispatch import outbox
from foundation.context import because
from foundation.refusals import Refused
from foundation.tracked import bulk_create_tracked, lock
from monitoring.models import Entrance, ImportBatch, Reading
from monitoring.readings import parking
from monitoring.readings.incoming import Incoming, Status
from monitoring.readings.known import Known
from monitoring.readings.sorting import Change, Outcome, Sorting, Taken, malformed
from patients.merges import hold_records

TOPIC = "readings.taken"
# So many ids lie in one message of the outbox.
IDS = 200


class NotTaken(Refused):
    """All were to be taken in or none, and some cannot be: nothing was written. `taken` says what of each."""

    def __init__(self, taken: list[Taken]):
        # Without their problems, which repeat numbers of patients and devices: who asks shows them where they may be.
        wrong = sum(not one.is_here for one in taken)
        super().__init__(f"{wrong} of {len(taken)} values cannot be taken in. Nothing was taken in")
        self.taken = taken


def look(
    values: Sequence[Incoming], *, practice, at: datetime, entrance: str = Entrance.CSV, sender: str = ""
) -> list[Taken]:
    """What would become of each value, in order. Writes nothing."""
    return _sorted(values, practice, entrance=entrance, sender=sender, at=at)[1]


@transaction.atomic
def take(
    values: Sequence[Incoming],
    *,
    practice,
    entrance: str,
    sender: str,
    at: datetime,
    all_or_none: bool = False,
    batch: ImportBatch | None = None,
    parks: bool = True,
) -> list[Taken]:
    """Take in what can be, and say of each value, in order, what became of it. A second time adds nothing.

    What is nobody's is parked; with `parks` off, the caller has it parked. With `all_or_none` one such value, or a
    refused one, raises `NotTaken`. `batch` is the import that they came with, not saved yet: it gets its counts here.
    """
    one_at_a_time(practice)
    sorting, taken = _sorted(values, practice, entrance=entrance, sender=sender, at=at, hold=True)
    if all_or_none and not all(one.is_here for one in taken):
        raise NotTaken(taken)
    with because(f"Readings received from {_named(sender)}") if batch is None else nullcontext():
        _write(sorting, taken, batch)
    if parks:
        parking.park(practice, sorting.unplaced, entrance=entrance, sender=sender, at=at)
        parking.settle(practice, values, taken, sender=sender, at=at)
    tell(practice, [*sorting.new, *(change.reading for change in sorting.changes)])
    return taken


def one_at_a_time(practice) -> None:
    """What comes in for one practice follows one another: typed values, which no constraint guards, come once.

    Its zone, by which days are told, is read anew and stays until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT time_zone FROM accounts_practice WHERE id = %s FOR KEY SHARE", [practice.pk])
        (practice.time_zone,) = cursor.fetchone()
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"readings of {practice.pk}"]
        )


def _sorted(
    values: Sequence[Incoming], practice, *, entrance: str, sender: str, at: datetime, hold: bool = False
) -> tuple[Sorting, list[Taken]]:
    wrong = [malformed(value, sender) for value in values]
    fine = [value for value, problem in zip(values, wrong, strict=True) if problem is None]
    known = Known.of(practice, fine, sender, hold=hold_records if hold else None)
    sorting = Sorting(known, entrance=entrance, at=at)
    outcomes = iter(sorting.take(fine))
    taken = [problem or next(outcomes) for problem in wrong]
    return sorting, _with_parked(values, taken, sorting)


def _with_parked(values: Sequence[Incoming], taken: list[Taken], sorting: Sorting) -> list[Taken]:
    """A value that its sender withdraws may be one that is parked."""
    lost = {
        place: values[place]
        for place, one in enumerate(taken)
        if values[place].status == Status.ERROR and one.field == "identifier" and one.reading_id is None
    }
    if not lost:
        return taken
    practice, sender = sorting.known.practice, sorting.known.sender
    waiting = set(parking.waiting_of(practice, lost.values(), sender))
    waiting |= {parking.digest_of(one.value, sender) for one in sorting.unplaced}
    found = {place for place, value in lost.items() if parking.digest_of(value, sender) in waiting}
    return [Taken(Outcome.CORRECTED) if place in found else one for place, one in enumerate(taken)]


def _write(sorting: Sorting, taken: list[Taken], batch: ImportBatch | None) -> None:
    if batch is not None:
        outcomes = [one.outcome for one in taken]
        batch.added = outcomes.count(Outcome.ADDED)
        batch.repeated = outcomes.count(Outcome.REPEATED)
        batch.save()
        for reading in sorting.new:
            reading.batch = batch
    bulk_create_tracked(sorting.new)
    for change in sorting.changes:
        _change(change, sorting.known.sender)


def _change(change: Change, sender: str) -> None:
    """A new version of the reading; the one before stays in its history."""
    reading, value = lock(change.reading), change.value
    withdraws = value.status == Status.ERROR
    why = f"{'Withdrawn' if withdraws else 'Corrected'} by its sender, {_named(sender)}"
    if withdraws:
        reading.excluded_reason = reading.excluded_reason or why
    else:
        reading.value, reading.second_value, reading.original = (
            value.value,
            value.second_value,
            value.original,
        )
    with because(why):
        reading.save()


def _named(sender: str) -> str:
    return sender or "a file"


def tell(practice, changed: Sequence[Reading]) -> None:
    """Whoever looks at what came in hears of it behind the commit: ids of readings that are new or changed."""
    rows = list({reading.pk: reading for reading in changed}.values())
    if not outbox.is_heard(TOPIC):
        return
    for start in range(0, len(rows), IDS):
        some = rows[start : start + IDS]
        outbox.send(practice, TOPIC, readings=" ".join(str(row.pk) for row in some))


def ids_told(readings: str) -> list[UUID]:
    """What a handler of `readings.taken` gets, as ids."""
    return [UUID(text) for text in readings.split()]
