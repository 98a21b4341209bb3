"""Values that are nobody's yet: parked with a reason, kept until somebody settles them or they are too old."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from accounts.models import Membership
from monitoring.models import ParkedReading, ParkedState
from monitoring.readings.incoming import Incoming, Status
from monitoring.readings.sorting import Taken, Unplaced

KEPT = timedelta(days=90)
_CALLED = {"serial": "Device", "mrn": "MRN", "taken_at": "Time"}


def digest_of(value: Incoming, sender: str) -> str:
    """The same value sent twice has the same: by the sender's own key, else by all that was said."""
    if value.identifier:
        told = [sender, value.identifier]
    else:
        numbers = [None if n is None else f"{n.normalize():f}" for n in (value.value, value.second_value)]
        moment = value.taken_at.astimezone(UTC).isoformat()
        told = [sender, value.serial, value.mrn, str(value.measure), moment, *numbers]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def as_json(value: Incoming) -> dict:
    """Kept as it came, so that it can be tried again."""
    plain = {name: part for name, part in asdict(value).items() if part is not None}
    return plain | {
        "taken_at": value.taken_at.isoformat(),
        **{name: str(plain[name]) for name in ("value", "second_value") if name in plain},
    }


def from_json(kept: dict) -> Incoming:
    numbers = {name: Decimal(kept[name]) for name in ("value", "second_value") if name in kept}
    moment = datetime.fromisoformat(kept["taken_at"])
    return Incoming(**{**kept, **numbers, "taken_at": moment, "status": Status(kept["status"])})


def in_words(field: str, problem: str) -> str:
    """`MRN: Is “T-9”, which no patient here has`."""
    return f"{_CALLED.get(field, field.replace('_', ' ').capitalize())}: {problem}"


def park(practice, unplaced: Sequence[Unplaced], *, entrance: str, sender: str, at: datetime) -> None:
    """Keep them. One that is here already is refreshed; one that somebody discarded stays discarded."""
    by_digest: dict[str, Unplaced] = {}
    for one in unplaced:
        digest = digest_of(one.value, sender)
        if digest not in by_digest or not _sets_back(one.value, by_digest[digest].value.status):
            by_digest[digest] = one
    if not by_digest:
        return
    here = {
        row.digest: row
        for row in ParkedReading.objects.filter(practice=practice, digest__in=by_digest.keys())
    }
    new = []
    for digest, one in by_digest.items():
        row = here.get(digest) or ParkedReading(practice=practice, digest=digest, first_at=at)
        if row.state == ParkedState.DISCARDED:
            continue
        row.entrance, row.sender, row.last_at = entrance, sender, at
        kept = row.incoming if row.state == ParkedState.WAITING else None
        if not (kept and _sets_back(one.value, kept["status"])):
            _wait(row, one)
        new.append(row)
    fields = ("entrance", "sender", "serial", "incoming", "state", "reason", "problem", "last_at")
    settled = ("reading", "settled_at", "settled_by", "settled_reason")
    ParkedReading.objects.bulk_create(
        new, update_conflicts=True, unique_fields=["id"], update_fields=[*fields, *settled]
    )


def _sets_back(value: Incoming, kept: str) -> bool:
    """Whether this is the value as it was before it was corrected: it came late, or once more."""
    return kept == Status.CORRECTED and value.status == Status.FINAL


def _wait(row: ParkedReading, one: Unplaced) -> None:
    row.state, row.reason = ParkedState.WAITING, one.reason
    row.problem = in_words(one.field, one.problem)
    row.serial, row.incoming = one.value.serial, as_json(one.value)
    row.reading = row.settled_at = row.settled_by = None
    row.settled_reason = ""


def waiting_of(practice, values: Iterable[Incoming], sender: str) -> dict[str, ParkedReading]:
    """{digest: the row that waits} of these values."""
    rows = ParkedReading.objects.filter(practice=practice, state=ParkedState.WAITING)
    digests = {digest_of(value, sender) for value in values}
    return {row.digest: row for row in rows.filter(digest__in=digests)}


def settle(
    practice, values: Sequence[Incoming], taken: Sequence[Taken], *, sender: str, at: datetime
) -> None:
    """What waited and came again, and is one of our readings now, waits no more."""
    if not ParkedReading.objects.filter(practice=practice, state=ParkedState.WAITING, sender=sender).exists():
        return
    here = [(value, one) for value, one in zip(values, taken, strict=True) if one.is_here]
    waiting = waiting_of(practice, [value for value, _ in here], sender)
    for value, one in here:
        if row := waiting.pop(digest_of(value, sender), None):
            close(
                row,
                at=at,
                reading_id=one.reading_id,
                reason="" if one.reading_id else "Withdrawn by its sender",
            )


def close(
    row: ParkedReading, *, at: datetime, reading_id=None, reason: str = "", by: Membership | None = None
) -> None:
    """It became a reading, or it was discarded with a reason. What was sent is no longer kept."""
    row.state = ParkedState.TAKEN if reading_id else ParkedState.DISCARDED
    row.reading_id, row.settled_at, row.settled_by, row.settled_reason = reading_id, at, by, reason
    row.incoming, row.problem = None, ""
    row.save()


def expire(practice, *, at: datetime) -> int:
    """Empty those that nobody settled for too long."""
    rows = ParkedReading.objects.filter(practice=practice, state=ParkedState.WAITING, last_at__lt=at - KEPT)
    return rows.update(state=ParkedState.EXPIRED, settled_at=at, incoming=None, problem="")
