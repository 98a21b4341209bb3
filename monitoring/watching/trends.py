"""Trends in the readings of one patient and measure, oldest first. No database.

Typed readings count like those of a device: a value that a nurse took by telephone is as true of the body. Whoever
calls leaves out the excluded ones.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from monitoring.ranges import Standing
from patients.labels import number, value_in_words
from patients.models import Measure

WEIGHT_GAIN = "weight-gain"
REPEATED_ABOVE = "repeated-above"
REPEATED_BELOW = "repeated-below"
_REPEATED = {Standing.ABOVE: REPEATED_ABOVE, Standing.BELOW: REPEATED_BELOW}
# No trend reaches further back than a policy may say.
FURTHEST = timedelta(days=31)


class Row(Protocol):
    pk: UUID
    measure: str
    value: Decimal
    second_value: Decimal | None
    taken_at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Trend:
    """A trend that is complete with its last reading."""

    rule: str
    says: str
    readings: tuple[Row, ...]

    @property
    def last(self) -> Row:
        return self.readings[-1]


def trends(
    rows: Sequence[Row], standings: Sequence[Standing], policies_on: Callable[[date], Mapping[str, Any]]
) -> Iterator[Trend]:
    """Each trend that a reading completes, by the policies of that reading's day. A reading completes a rule once."""
    for position, row in enumerate(rows):
        values = policies_on(row.day)
        if row.measure == Measure.WEIGHT:
            yield from weight_gain(
                rows[: position + 1], grams=values["weight_gain_grams"], days=values["weight_gain_days"]
            )
        yield from repeated(
            rows[: position + 1],
            standings[: position + 1],
            count=values["repeated_readings"],
            days=values["repeated_days"],
        )


def weight_gain(rows: Sequence[Row], *, grams: int, days: int) -> Iterator[Trend]:
    """The last weight lies `grams` or more over one of the `days` before it: counted by calendar days, because nobody
    steps on the scale at the same minute. 0 grams is off."""
    last = rows[-1]
    before = _since(rows[:-1], last.day - timedelta(days=days))
    if not grams or not before:
        return
    lowest = min(reversed(before), key=lambda row: row.value)
    gain = last.value - lowest.value
    if gain * 1000 >= grams:
        yield Trend(WEIGHT_GAIN, _gained(lowest, last, gain), (lowest, last))


def _gained(lowest: Row, last: Row, gain: Decimal) -> str:
    span = (last.day - lowest.day).days
    when = f"in {span} day{'' if span == 1 else 's'}" if span else "within a day"
    return (
        f"Weight {number(last.value)} kg, {number(gain)} kg more {when} "
        f"({number(lowest.value)} kg on {lowest.day:%d-%b-%Y})"
    )


def repeated(rows: Sequence[Row], standings: Sequence[Standing], *, count: int, days: int) -> Iterator[Trend]:
    """The last reading is one of `count` or more on the same side of the range of their days within `days` calendar
    days, its own with them. 0 readings is off."""
    last, side = rows[-1], standings[-1]
    if not count or side not in _REPEATED:
        return
    recent = len(_since(rows, last.day - timedelta(days=days - 1)))
    pairs = zip(rows[-recent:], standings[-recent:], strict=True)
    found = tuple(row for row, standing in pairs if standing is side)
    if len(found) >= count:
        yield Trend(_REPEATED[side], _repeated(found, side, days), found)


def _repeated(found: Sequence[Row], side: Standing, days: int) -> str:
    last = found[-1]
    value = value_in_words(last.measure, last.value, last.second_value)
    return (
        f"{Measure(last.measure).label}: {len(found)} reading{'' if len(found) == 1 else 's'} {side} "
        f"in {days} day{'' if days == 1 else 's'}, the last {value}"
    )


def _since(rows: Sequence[Row], day: date) -> list[Row]:
    """The newest of these rows, back to the first one that is older. Days follow the moments, but where somebody
    travels; then the moment decides."""
    found: list[Row] = []
    for row in reversed(rows):
        if row.day < day:
            break
        found.append(row)
    return found[::-1]
