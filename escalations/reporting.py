"""What a month's escalations led to: how many, how many of them to an act, and how long they waited. Counts alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from uuid import UUID

from django.db.models import QuerySet

from escalations.models import LED_TO_AN_ACTION, Cause, Escalation, EscalationStep
from escalations.states import Kind
from foundation.months import bounds
from monitoring.findings import Severity
from patients.models import Measure

# Whoever does one of these has seen it.
SEEN_BY = frozenset({Kind.ACKNOWLEDGED, Kind.REFERRED, Kind.ANSWERED, Kind.RESOLVED})
# The same cause, found anew while it was open.
AGAIN = frozenset({Kind.MERGED, Kind.RAISED})
COLUMNS = (
    "month", "cause", "measure", "trend", "severity", "opened", "resolved", "led_to_an_action", "still_open",
    "past_due", "merged", "acknowledged", "median_minutes_to_acknowledge", "p90_minutes_to_acknowledge",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Yield:
    """Escalations of one kind that were opened in a month. `waits` are the times to the first look, in order."""

    cause: str
    measure: str
    rule: str
    severity: str
    opened: int
    resolved: int
    acted: int
    past_due: int
    merged: int
    waits: tuple[timedelta, ...]

    @property
    def what(self) -> str:
        """`Reading out of range, Blood pressure`."""
        measure = Measure(self.measure).label if self.measure in Measure.values else self.measure
        rule = self.rule.replace("-", " ").replace("_", " ")
        return ", ".join(filter(None, (Cause(self.cause).label, measure, rule))) if self.cause else "All"

    @property
    def still_open(self) -> int:
        return self.opened - self.resolved

    @property
    def share(self) -> str:
        """Of those resolved, in per cent: what is still open has led to nothing yet, which says nothing of it."""
        return f"{round(100 * self.acted / self.resolved)} %" if self.resolved else "–"

    @property
    def median(self) -> int | None:
        """Seconds."""
        return at_share(self.waits, 50)

    @property
    def p90(self) -> int | None:
        return at_share(self.waits, 90)


def at_share(waits: tuple[timedelta, ...], per_cent: int) -> int | None:
    """Seconds of the shortest wait that so many per cent do not exceed. None where nobody has looked yet."""
    if not waits:
        return None
    return int(waits[-(-len(waits) * per_cent // 100) - 1].total_seconds())


def report(practice, month: date, *, at: datetime) -> list[Yield]:
    """By cause, measure, trend and severity as it stands now, in that order."""
    rows = _opened_in(practice, month).order_by(*_KEY).values("pk", *_READ)
    trails = _trails(practice, month)
    by = groupby(rows.iterator(chunk_size=2000), key=lambda row: tuple(row[name] for name in _KEY))
    return [_summed(key, [_Life.of(row, trails[row["pk"]], at) for row in found]) for key, found in by]


def together(found: Iterable[Yield]) -> Yield:
    """All of them as one line."""
    lines = list(found)
    sums = {name: sum(getattr(each, name) for each in lines) for name in _COUNTS}
    return Yield("", "", "", "", waits=tuple(sorted(wait for each in lines for wait in each.waits)), **sums)


_KEY = ("cause", "measure", "rule", "severity")
_READ = (*_KEY, "outcome", "opened_at", "due_at", "resolved_at")
_COUNTS = ("opened", "resolved", "acted", "past_due", "merged")


def _opened_in(practice, month: date) -> QuerySet[Escalation]:
    begins, ends = bounds(month, tz=practice.tz)
    return Escalation.objects.for_practice(practice).filter(opened_at__gte=begins, opened_at__lt=ends)


def _trails(practice, month: date) -> dict[UUID, list[dict]]:
    """{escalation: its steps, the first first}, in one query."""
    steps = EscalationStep.objects.filter(escalation__in=_opened_in(practice, month))
    rows = steps.order_by("escalation_id", "number").values("escalation_id", "kind", "at", "by_id", "due_at")
    by = groupby(rows.iterator(chunk_size=2000), key=lambda row: row["escalation_id"])
    return {pk: list(found) for pk, found in by}


@dataclass(frozen=True, slots=True)
class _Life:
    """What the report asks of one escalation."""

    outcome: str
    wait: timedelta | None
    late: bool
    merged: int

    @classmethod
    def of(cls, row: dict, steps: list[dict], at: datetime) -> "_Life":
        # Who asked has seen it already; the system sees nothing.
        told = [step for step in steps[1:] if step["by_id"] not in (None, steps[0]["by_id"])]
        seen = next((step["at"] for step in told if step["kind"] in SEEN_BY), None)
        # A step that came when the one before it was due, or one that is due now.
        late = any(after["at"] >= before["due_at"] for before, after in pairwise(steps))
        return cls(
            outcome=row["outcome"],
            wait=seen - row["opened_at"] if seen else None,
            late=late or (row["resolved_at"] is None and row["due_at"] <= at),
            merged=sum(step["kind"] in AGAIN for step in steps),
        )


def _summed(key: tuple, found: list[_Life]) -> Yield:
    return Yield(
        *key,
        opened=len(found),
        resolved=sum(bool(each.outcome) for each in found),
        acted=sum(each.outcome in LED_TO_AN_ACTION for each in found),
        past_due=sum(each.late for each in found),
        merged=sum(each.merged for each in found),
        waits=tuple(sorted(each.wait for each in found if each.wait is not None)),
    )


def cells(month: date, found: Iterable[Yield]) -> Iterator[tuple]:
    """As the file has them, in the order of its columns."""
    for each in found:
        yield (
            f"{month:%Y-%m}", each.cause, each.measure, each.rule, Severity(each.severity).value, each.opened,
            each.resolved, each.acted, each.still_open, each.past_due, each.merged, len(each.waits),
            _minutes(each.median), _minutes(each.p90),
        )  # fmt: skip


def _minutes(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds / 60:.1f}"
