"""Days on which one person signed more time than a day of work plausibly holds."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from accounts.practice_policies import policy
from foundation.months import bounds, last_day
from timelogs.intervals import Span, clip, seconds
from timelogs.models import Status, TimeSegment


@dataclass(frozen=True, slots=True)
class LongDay:
    """A person's name, a day of the practice's calendar, and the seconds signed for it."""

    name: str
    day: date
    seconds: int


def long_days(practice, month: date) -> list[LongDay]:
    """Days of the month past the practice's ceiling, longest first. A segment belongs to the day it began on."""
    ceiling = policy(practice, "staff_daily_ceiling_minutes", on=last_day(month)) * 60
    window = bounds(month, tz=practice.tz)
    signed = TimeSegment.objects.for_practice(practice).filter(
        standing=True, during__overlap=window, entry__status=Status.SIGNED
    )
    worked: dict[tuple, list[Span]] = defaultdict(list)
    for staff, name, during in signed.values_list("staff", "staff__name", "during"):
        if inside := clip((during.lower, during.upper), window):
            worked[staff, name, practice.today(inside[0])].append(inside)
    found = [LongDay(name, day, seconds(spans)) for (_, name, day), spans in worked.items()]
    return sorted((each for each in found if each.seconds > ceiling), key=lambda each: -each.seconds)
