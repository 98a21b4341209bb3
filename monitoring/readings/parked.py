"""What people do about parked values: see them by device or patient, try them again, or discard them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.db.models import Count, DateTimeField, Max, Min, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from accounts.models import Membership
from foundation.refusals import refuse_if
from monitoring.models import ParkedReading, ParkedState
from monitoring.readings.parking import close, from_json, in_words
from monitoring.readings.taking import one_at_a_time, take

# What one press tries again; the rest is a press away.
AT_ONCE = 2_000
LATEST = 10


def waiting(practice):
    return ParkedReading.objects.filter(practice=practice, state=ParkedState.WAITING)


def groups(practice):
    """What waits, by reason, device and patient, those that came last first; `example` stands for all of a group."""
    rows = waiting(practice).annotate(mrn=KT("incoming__mrn"))
    return (
        rows.values("reason", "serial", "mrn", "entrance", "sender")
        .annotate(
            count=Count("id"),
            first=Min("first_at"),
            last=Max("last_at"),
            example=Min(Cast("id", TextField())),
        )
        .order_by("-last", "serial", "mrn", "reason", "sender")
    )


def fellows(row: ParkedReading):
    """All that waits for the same device, or the same patient where no device is named, by when they were taken."""
    rows = waiting(row.practice).filter(serial=row.serial)
    if not row.serial:
        rows = rows.filter(incoming__mrn=(row.incoming or {}).get("mrn"))
    return rows.annotate(taken_at=Cast(KT("incoming__taken_at"), DateTimeField())).order_by("taken_at", "pk")


def latest_settled(practice) -> list[dict]:
    """What people, their senders or time made an end of last: one line for each act and device."""
    rows = ParkedReading.objects.filter(practice=practice).exclude(state=ParkedState.WAITING)
    found = list(
        rows.values("settled_at", "serial", "state", "settled_reason", "settled_by")
        .annotate(count=Count("id"))
        .order_by("-settled_at", "serial")[:LATEST]
    )
    people = Membership.objects.for_practice(practice).select_related("user")
    named = {row.pk: row for row in people.filter(pk__in={line["settled_by"] for line in found})}
    for line in found:
        line["by"] = named.get(line["settled_by"])
        line["became"] = ParkedState(line["state"]).label
    return found


@dataclass(frozen=True, slots=True)
class Retried:
    taken: int
    left: int
    problem: str


@transaction.atomic
def retry(row: ParkedReading, *, every: bool, by: Membership, at: datetime) -> Retried:
    """Try it again, or `every` one of its device or patient. What still fits nobody waits on, and says why now."""
    rows = _locked(row, every=every)[:AT_ONCE]
    count, problem = 0, ""
    for (entrance, sender), some in groupby(sorted(rows, key=_way), key=_way):
        taken, said = _retry(list(some), row.practice, entrance, sender, by=by, at=at)
        count, problem = count + taken, problem or said
    return Retried(count, fellows(row).count() if every else int(not count), problem)


_way = attrgetter("entrance", "sender")


def _retry(
    rows: list[ParkedReading], practice, entrance: str, sender: str, *, by: Membership, at: datetime
) -> tuple[int, str]:
    values = [from_json(row.incoming) for row in rows]
    taken = take(values, practice=practice, entrance=entrance, sender=sender, at=at, parks=False)
    left = []
    for row, one in zip(rows, taken, strict=True):
        if one.is_here:
            close(row, at=at, reading_id=one.reading_id, by=by)
        else:
            row.reason, row.problem = one.parking or row.reason, in_words(one.field, one.problem)
            left.append(row)
    ParkedReading.objects.bulk_update(left, ["reason", "problem"])
    return len(rows) - len(left), left[0].problem if left else ""


@transaction.atomic
def discard(row: ParkedReading, *, every: bool, reason: str, by: Membership, at: datetime) -> int:
    """Never to be taken in, for the reason given. Sent again, it stays discarded."""
    rows = _locked(row, every=every)
    ended = {"state": ParkedState.DISCARDED, "incoming": None, "problem": "", "settled_at": at}
    mine = ParkedReading.objects.filter(pk__in=[each.pk for each in rows])
    return mine.update(**ended, settled_by=by, settled_reason=reason)


def _locked(row: ParkedReading, *, every: bool) -> list[ParkedReading]:
    """Those that it is about, as they stand now, and by nobody else's hand before the end of this."""
    one_at_a_time(row.practice)
    now = ParkedReading.objects.get(pk=row.pk)
    refuse_if(why_settled(now))
    return list(fellows(now)) if every else [now]


def why_settled(row: ParkedReading) -> str | None:
    if row.state == ParkedState.WAITING:
        return None
    return f"This value waits no more: {row.get_state_display().lower()} on {row.settled_at:%d-%b-%Y}"


def values_of(rows: Iterable[ParkedReading]) -> list[tuple]:
    """(row, what was sent) of each."""
    return [(row, from_json(row.incoming)) for row in rows]
