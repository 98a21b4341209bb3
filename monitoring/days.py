"""The days of the 30-day window we are in, towards the sixteen that a full one has; and when they are out of reach."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from accounts.practice_policies import policies_for
from foundation.months import last_day
from monitoring.windows import WINDOW, DeviceDays, anchored, clipped, reading_days
from patients.models import Enrollment, Patient
from patients.selectors import in_force

ENOUGH = 16
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    heard: bool
    is_today: bool
    to_come: bool

    @property
    def state(self) -> str:
        return "reading" if self.heard else "to come" if self.to_come else "no reading"


@dataclass(frozen=True, slots=True)
class Strip:
    """`count` are the days that count, `within_reach` those and every day that may still bring a reading.

    `lost_from`: the day from which sixteen are out of reach, if no more readings come; None where they are reached.
    """

    days: tuple[Day, ...]
    count: int
    within_reach: int
    lost_from: date | None

    @property
    def until(self) -> date:
        return self.days[-1].day

    @property
    def reached(self) -> bool:
        return self.count >= ENOUGH

    @property
    def out_of_reach(self) -> bool:
        return self.within_reach < ENOUGH

    @property
    def words(self) -> str:
        """`14 of 16 days with readings, 9 days left until 12 Jun`."""
        if self.reached:
            return f"{self.count} days with readings: {ENOUGH} reached"
        left = sum(day.to_come for day in self.days)
        ahead = (
            f"{left} day{'' if left == 1 else 's'} left until {self.until:%-d %b}" if left else "the last day"
        )
        can = f"{ENOUGH} can no longer be reached" if self.out_of_reach else ahead
        return f"{self.count} of {ENOUGH} days with readings, {can}"


def strip(patient: Patient, today: date) -> Strip | None:
    """None while no window runs: not enrolled that day, or no automatic reading yet. Three queries."""
    return strips(patient.practice, [patient.pk], today).get(patient.pk)


def strips(practice, patient_ids: Collection[UUID], today: date) -> dict[UUID, Strip]:
    """{patient: the window that runs}; who has none is left out. Three queries, however many patients."""
    running = Enrollment.objects.for_practice(practice).filter(
        in_force(today, "started_on", "ended_on"), patient_id__in=list(patient_ids)
    )
    episodes = {row.patient_id: row for row in anchored(running, practice) if row.anchor}
    if not episodes:
        return {}
    policies = policies_for(practice, on=today)
    windows = {pk: _window(row, today, policies["device_window"]) for pk, row in episodes.items()}
    since, until = min(start for start, _ in windows.values()), max(end for _, end in windows.values())
    days = reading_days(practice, since, until, list(windows))
    together = policies["device_days"] == "any_device"
    return {pk: _strip(days(pk), *windows[pk], today, together=together) for pk in sorted(windows)}


def _strip(days: DeviceDays, start: date, end: date, today: date, *, together: bool) -> Strip:
    by_device = clipped(days, start, end)
    every = set().union(*by_device.values())
    return of_days(start, end, today, every, [every] if together else list(by_device.values()))


def of_days(start: date, end: date, today: date, heard: set[date], counted: list[set[date]]) -> Strip:
    """No database. `counted`: the sets of days of which the best is counted; each may grow until the end.

    A device that has said nothing yet may begin today, so an empty one is always among them.
    """
    days = [start + n * _DAY for n in range((end - start).days + 1)]
    coming = {day for day in days if day >= today}
    sets = [*counted, set()]
    return Strip(
        days=tuple(Day(day, day in heard, day == today, day >= today and day not in heard) for day in days),
        count=max(len(each) for each in sets),
        within_reach=max(len(each | coming) for each in sets),
        lost_from=_lost_from(days, sets),
    )


def _lost_from(days: list[date], sets: list[set[date]]) -> date | None:
    """Each day on which nothing comes is one less that may bring a reading."""
    for number, day in enumerate([*days, days[-1] + _DAY]):
        left = len(days) - number
        if all(left + sum(known < day for known in each) < ENOUGH for each in sets):
            return day
    return None


def _window(episode, today: date, kind: str) -> tuple[date, date]:
    """First and last day; the last is that of the enrollment where it ends inside."""
    if kind == "calendar_month":
        end = last_day(today)
        start = max(end - WINDOW + _DAY, episode.started_on, today.replace(day=1))
    else:
        start = episode.anchor + (today - episode.anchor) // WINDOW * WINDOW
        end = start + WINDOW - _DAY
    if episode.ended_on:
        end = min(end, episode.ended_on - _DAY)
    return min(start, today), end
