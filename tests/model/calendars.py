"""Moments as microseconds since 1970, and two practices' calendars, written down by hand for 2026."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1)


def moment(text: str) -> int:
    """`2026-03-08 07:00`, in UTC."""
    return micros(datetime.fromisoformat(text).replace(tzinfo=UTC))


def micros(at: datetime) -> int:
    """A moment of the database as a number."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def at(number: int) -> datetime:
    """A number as the moment that the services take."""
    return _EPOCH + timedelta(microseconds=number)


@dataclass(frozen=True)
class Calendar:
    """How far its wall clock is behind UTC, and between which moments of 2026 it is an hour less."""

    behind: int
    summer: tuple[int, int]

    def day(self, number: int) -> int:
        """Days since 1970 on the wall."""
        in_summer = self.summer[0] <= number < self.summer[1]
        return (number - self.behind + (HOUR if in_summer else 0)) // DAY

    def month(self, number: int) -> date:
        return (_FIRST_DAY + timedelta(days=self.day(number))).replace(day=1)

    def starts(self, month: date) -> int:
        """The month's first midnight. April to November begin in summer time."""
        in_summer = month.year == 2026 and 4 <= month.month <= 11
        return (month - _FIRST_DAY).days * DAY + self.behind - (HOUR if in_summer else 0)

    def window(self, month: date) -> tuple[int, int]:
        return self.starts(month), self.starts(after(month))

    def months(self, start: int, end: int) -> set[date]:
        """Those that a half-open span touches; a moment touches its own."""
        found, month = set(), self.month(start)
        while self.starts(month) < max(end, start + 1):
            found.add(month)
            month = after(month)
        return found


def after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


NEW_YORK = Calendar(5 * HOUR, (moment("2026-03-08 07:00"), moment("2026-11-01 06:00")))
LOS_ANGELES = Calendar(8 * HOUR, (moment("2026-03-08 10:00"), moment("2026-11-01 09:00")))

# A plain morning; the hours before both clock changes; month ends, one of them with a clock change in its first night.
BEGINNINGS = tuple(
    map(
        moment,
        (
            "2026-03-03 14:00",
            "2026-03-08 06:30",
            "2026-03-01 04:30",
            "2026-04-01 03:30",
            "2026-11-01 03:30",
            "2026-01-01 04:30",
        ),
    )
)
