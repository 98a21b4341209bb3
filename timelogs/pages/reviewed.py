"""What a signed note says was reviewed, as it was signed, and beside it what its readings are now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Min
from django.utils import timezone

from monitoring.models import Reading
from monitoring.selectors import TYPED_IN, figures, in_words
from patients.labels import value_in_words
from timelogs.models import ReviewedReadings, TimeEntry

MOST_CHANGES = 10
_FIGURES = (
    "days",
    "low",
    "high",
    "second_low",
    "second_high",
    "out_of_range",
    "days_out_of_range",
    "days_above",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One device and measure. `now` and `because` are empty while the readings are the same."""

    device: str
    since: date
    until: date
    text: str
    out: int
    now: str
    because: tuple[str, ...]


def lines(entry: TimeEntry) -> list[Line]:
    """Two queries; more only where something changed since."""
    rows = list(entry.reviewed.select_related("device").order_by("measure", "device__serial"))
    if not rows:
        return []
    days = {"since": rows[0].since, "until": rows[0].until, "seen": rows[0].seen_at}
    now = {(row["device_id"], row["measure"]): row for row in figures(entry.patient, **days)}
    return [_line(row, now.get((row.device_id, row.measure)), entry) for row in rows]


def _line(row: ReviewedReadings, now: dict | None, entry: TimeEntry) -> Line:
    signed = {name: getattr(row, name) for name in ("measure", *_FIGURES)} | {"count": row.readings}
    changed = (now["digest"] if now else "") != row.digest
    moved = bool(now) and any(now[name] != signed[name] for name in _FIGURES)
    return Line(
        device=str(row.device) if row.device else TYPED_IN,
        since=row.since,
        until=row.until,
        text=_text(signed),
        out=row.out_of_range,
        now=_text(now and {**now, "count": now["readings"]}) if changed or moved else "",
        because=tuple(_changes(row, entry)) if changed else ("the range was changed",) if moved else (),
    )


def _text(figures: dict | None) -> str:
    return in_words(figures) if figures and figures["count"] else "no readings"


def _changes(row: ReviewedReadings, entry: TimeEntry) -> Iterator[str]:
    """What became of its readings since they were written down, first first."""
    kept = ReviewedReadings.history.filter(patient_id=row.patient_id, seen_at=row.seen_at)
    since = kept.aggregate(first=Min("recorded_at"))["first"]
    own = Reading.history.filter(
        practice_id=row.practice_id, patient_id=row.patient_id, device_id=row.device_id, measure=row.measure,
        day__range=(row.since, row.until), taken_at__lte=row.seen_at,
    )  # fmt: skip
    changed = own.filter(recorded_at__gt=since).values("id")
    told = list(_told(own.filter(id__in=changed).order_by("id", "history_id"), since))
    told.sort()
    yield from (words for _, words in told[:MOST_CHANGES])
    if len(told) > MOST_CHANGES:
        yield f"{len(told) - MOST_CHANGES} more changes"


def _told(versions: Iterable, since) -> Iterator[tuple]:
    before = None
    for version in versions:
        if version.recorded_at > since:
            old = before if before is not None and before.id == version.id else None
            when = f"{timezone.localtime(version.recorded_at):%d-%b-%Y %H:%M}"
            yield (
                version.recorded_at,
                f"{_what(old, version)} on {when} by {version.actor_label}{_why(version)}",
            )
        before = version


def _what(old, new) -> str:
    one = f"the reading of {timezone.localtime(new.taken_at):%d-%b %H:%M}"
    if old is None:
        return f"{one} ({_value(new)}) came"
    if new.excluded_reason and not old.excluded_reason:
        return f"{one} ({_value(new)}) was excluded"
    if old.excluded_reason and not new.excluded_reason:
        return f"{one} ({_value(new)}) was let in again"
    return f"{one} was corrected from {_value(old)} to {_value(new)}"


def _value(row) -> str:
    return value_in_words(row.measure, row.value, row.second_value)


def _why(row) -> str:
    reason = row.history_change_reason or row.excluded_reason
    return f": {reason}" if reason else ""
