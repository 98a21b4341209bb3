"""Dates in questions: `ge2026-01-05`, `lt2026-01-05T10:00:00Z`. What is said to the day means all of it."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from foundation.local_time import moments
from foundation.months import midnight

COMPARED = ("eq", "ge", "gt", "le", "lt")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to before `end`, compared by `sign`."""

    sign: str
    start: datetime
    end: datetime

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """From when, and before when, what is found lies."""
        return {
            "eq": (self.start, self.end),
            "ge": (self.start, None),
            "gt": (self.end, None),
            "le": (None, self.end),
            "lt": (None, self.start),
        }[self.sign]


def span(text: str, *, tz: ZoneInfo) -> Span:
    """Without a zone, the practice's is meant. Raises `ValueError`."""
    sign, said = (text[:2], text[2:]) if text[:2] in COMPARED else ("eq", text)
    # A + that was not escaped arrives as a blank.
    said = said.replace(" ", "+")
    if found := _DATE.fullmatch(said):
        first, last = _days(*found.groups())
        return Span(sign, midnight(first, tz=tz), midnight(last, tz=tz))
    if not (found := _MOMENT.fullmatch(said)):
        raise ValueError(text)
    at = datetime.fromisoformat(said)
    if not at.tzinfo:
        at = _shown(at, tz)
    seconds, fraction, _ = found.groups()
    step = (
        timedelta(microseconds=1) if fraction else timedelta(seconds=1) if seconds else timedelta(minutes=1)
    )
    return Span(sign, at, at + step)


def _shown(at: datetime, tz: ZoneInfo) -> datetime:
    """When the clocks first showed it. Raises `ValueError` for what they skipped."""
    found = moments(at.date(), at.time(), tz=tz)
    if not found:
        raise ValueError(at)
    return found[0]


def _days(year: str, month: str | None, day: str | None) -> tuple[date, date]:
    """The first day of it, and the first one after it. Far from where the calendar ends."""
    first = date(int(year), int(month or 1), int(day or 1))
    if not 1900 <= first.year <= 2200:
        raise ValueError(year)
    if day:
        return first, first + timedelta(days=1)
    if month:
        return first, (first + timedelta(days=31)).replace(day=1)
    return first, date(first.year + 1, 1, 1)
