"""Calendar months as a practice keeps them, and durations in words. Months are the date of their first day."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from foundation.refusals import Refused

_MONTH = re.compile(r"(\d{4})-(\d{2})")


def month_of(moment: datetime, *, tz: ZoneInfo) -> date:
    """The month in which `moment` falls on the practice's calendar."""
    return moment.astimezone(tz).date().replace(day=1)


def next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def previous_month(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def last_day(month: date) -> date:
    return next_month(month) - timedelta(days=1)


def midnight(day: date, *, tz: ZoneInfo) -> datetime:
    """The instant, in UTC, at which `day` begins in `tz`."""
    return datetime.combine(day, time.min, tzinfo=tz).astimezone(UTC)


def bounds(month: date, *, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """The half-open window [start, end) of a month as UTC instants; 743 hours long in a March with a clock change."""
    return midnight(month, tz=tz), midnight(next_month(month), tz=tz)


def months_between(start: datetime, end: datetime, *, tz: ZoneInfo) -> list[date]:
    """Every month that the half-open window [start, end) touches, in order."""
    months, month = [], month_of(start, tz=tz)
    while midnight(month, tz=tz) < max(end, start + timedelta(microseconds=1)):
        months.append(month)
        month = next_month(month)
    return months


def parse_month(text: str) -> date:
    """`2026-03` → the first of March 2026. Raises `Refused` with a sentence."""
    if (
        not (match := _MONTH.fullmatch(text))
        or not 1 <= int(match[2]) <= 12
        or not 2000 <= int(match[1]) <= 2100
    ):
        raise Refused("Month must be a year and a month, like 2026-03.", field="month")
    return date(int(match[1]), int(match[2]), 1)


class MonthConverter:
    """`<month:month>` in an address: 2026-03."""

    regex = r"20\d{2}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> date:
        return parse_month(value)

    def to_url(self, value: date) -> str:
        return f"{value:%Y-%m}"


def in_words(seconds: int) -> str:
    """`25 min 53 s`, `12 min`, `40 s`. Never rounded up."""
    minutes, rest = divmod(int(seconds), 60)
    if minutes and rest:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes} min" if minutes or not rest else f"{rest} s"


def on_the_clock(seconds: int) -> str:
    """`06:12`, past an hour `1:06:12`."""
    hours, rest = divmod(int(seconds), 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60:02d}:{rest % 60:02d}"


_DURATIONS = (
    (re.compile(r"(\d{1,4})"), lambda m: int(m[1]) * 60),
    (re.compile(r"(\d{1,4}):([0-5]\d)"), lambda m: int(m[1]) * 60 + int(m[2])),
    (
        re.compile(r"(\d{1,2}) ?h(?: ?([0-5]?\d) ?m(?:in)?)?"),
        lambda m: int(m[1]) * 3600 + int(m[2] or 0) * 60,
    ),
    (
        re.compile(r"(\d{1,4}) ?m(?:in)?(?: ?([0-5]?\d) ?s(?:ec)?)?"),
        lambda m: int(m[1]) * 60 + int(m[2] or 0),
    ),
)


def parse_duration(text: str) -> int:
    """Seconds of `12`, `12:30`, `12 min 30 s`, `1h 5m`. Raises `Refused` with a sentence."""
    for pattern, seconds in _DURATIONS:
        if match := pattern.fullmatch(text.strip().lower()):
            return seconds(match)
    if text.strip().isdecimal():
        raise Refused("Time must be at most 9999 minutes.", field="minutes")
    raise Refused("Time must be minutes, like 12, or minutes and seconds, like 12:30.", field="minutes")
