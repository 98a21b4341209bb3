"""The arguments of a demo and all that follows from them alone: months, moments, random numbers."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from random import Random
from zoneinfo import ZoneInfo

from foundation.months import midnight, next_month, previous_month

ZONE = "America/New_York"
TZ = ZoneInfo(ZONE)
SPELL = timedelta(hours=6)


@dataclass(frozen=True)
class Stage:
    """Everything happens before `until` begins in the practice's zone. Nothing here reads a clock."""

    seed: int
    patients: int
    month_count: int
    until: date

    @cached_property
    def months(self) -> tuple[date, ...]:
        """The months played, oldest first; the last one, of the day before `until`, stays open."""
        months = [(self.until - timedelta(days=1)).replace(day=1)]
        while len(months) < self.month_count:
            months.insert(0, previous_month(months[0]))
        return tuple(months)

    @property
    def current(self) -> date:
        return self.months[-1]

    @property
    def shown(self) -> date:
        """The month in which the scripted patients show what they are there for: the last one closed."""
        return self.months[-2]

    @property
    def horizon(self) -> datetime:
        return midnight(self.until, tz=TZ)

    def closing_at(self, month: date) -> datetime:
        """When the biller presses Close: the 5th at seven, or in time before the demo ends."""
        return min(self.at(next_month(month) + timedelta(days=4), "07:00"), self.horizon - SPELL)

    def at(self, day: date, clock: str) -> datetime:
        """A time of day where the practice is, as an instant in UTC."""
        return datetime.combine(day, time.fromisoformat(clock), tzinfo=TZ).astimezone(UTC)

    def workdays(self, since: date, before: date) -> list[date]:
        """Mondays to Fridays of `[since, before)`, none of them at or past the horizon."""
        days = range((min(before, self.until) - since).days)
        return [day for n in days if (day := since + timedelta(days=n)).weekday() < 5]

    def workday(self, number: int) -> date:
        """The n-th working day of the month shown, counted from 1. Every month has 20."""
        return self.workdays(self.shown, next_month(self.shown))[number - 1]

    def random(self, *path) -> Random:
        """Random numbers of one thing alone: whatever is added beside it, they stay the same."""
        return Random("/".join(map(str, (self.seed, *path))))

    def clock_change(self) -> datetime | None:
        """The instant at which the clocks of the practice change within the months played, if they do."""
        day = self.months[0]
        while day + timedelta(days=1) < self.until:
            start, end = midnight(day, tz=TZ), midnight(day + timedelta(days=1), tz=TZ)
            if end - start != timedelta(days=1):
                # In the United States the clocks change at two in the morning, as they stood before.
                return start + timedelta(hours=2)
            day += timedelta(days=1)
        return None
