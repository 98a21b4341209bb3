"""A year of a practice that is made up: when patients are called and when their devices send. It knows no forecast.

Patients differ, weekends are quiet, some are called by turns of the week and some in bursts, the end of a month is
busier, a nurse is away for two weeks, a few stop without a word, and devices are silent in runs.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from random import Random

YEAR = 2026


@dataclass(frozen=True)
class PatientMonth:
    """Seconds counted on each day of a month, by day."""

    month: int
    by_day: dict[int, int]

    def until(self, day: int) -> int:
        """Before a day."""
        return sum(seconds for on, seconds in self.by_day.items() if on < day)

    @property
    def whole(self) -> int:
        return sum(self.by_day.values())


def months(seed: int, patients: int) -> list[PatientMonth]:
    """Twelve months of each patient."""
    random = Random(seed)
    found = []
    for _ in range(patients):
        person = _Person(random)
        found += [PatientMonth(month, person.worked(month)) for month in range(1, 13)]
    return found


class _Person:
    def __init__(self, random: Random):
        self.random = random
        self.often = random.gammavariate(1.3, 0.07)
        self.length = random.choice((240, 420, 660))
        self.weekday = random.randrange(5)
        self.weekly = random.random() < 0.4
        self.gone_from = random.randrange(2, 13) if random.random() < 0.15 else 13
        self.nurse_away = random.randrange(1, 13)

    def worked(self, month: int) -> dict[int, int]:
        """Seconds by day; nothing on most days."""
        found, length = {}, monthrange(YEAR, month)[1]
        for day in range(1, length + 1):
            if self.random.random() < self._chance(date(YEAR, month, day), length):
                found[day] = found.get(day, 0) + int(self.random.lognormvariate(0, 0.5) * self.length)
        return found

    def _chance(self, day: date, length: int) -> float:
        if day.month >= self.gone_from or day.weekday() > 4:
            return 0.0
        if day.month == self.nurse_away and day.day <= 14:
            return self.often / 4
        chance = self.often * (1 + 0.1 * (day.month in (1, 2, 11, 12)))
        if self.weekly:
            chance = min(5 * chance, 0.9) if day.weekday() == self.weekday else 0.0
        return min(chance * (1.8 if day.day > length - 5 else 1), 0.95)


def windows(seed: int, patients: int) -> list[list[list[int]]]:
    """For each of twelve windows of 30 days: the days with a reading (1 to 30) of each patient."""
    random = Random(seed)
    people = [
        (random.betavariate(2, 1.2), random.uniform(0.01, 0.08), random.uniform(0.05, 0.4))
        for _ in range(patients)
    ]
    silent = [False] * patients
    found = []
    for _ in range(12):
        window: list[list[int]] = [[] for _ in people]
        for day in range(1, 31):
            for number, (faithful, falls_silent, comes_back) in enumerate(people):
                silent[number] = (
                    random.random() >= comes_back if silent[number] else random.random() < falls_silent
                )
                if not silent[number] and random.random() < faithful:
                    window[number].append(day)
        found.append(window)
    return found


def _device(random: Random) -> tuple[float, float, float]:
    """How faithfully it is used, how likely it falls silent on a day, and how likely it comes back."""
    return random.betavariate(2, 1.2), random.uniform(0.01, 0.08), random.uniform(0.05, 0.4)


def days_of(month: int) -> int:
    return monthrange(YEAR, month)[1]
