"""Values as devices give them: baseline + slow drift from day to day + time of day + noise + scripted episodes.

One function a measure. Each takes days from the first on and gives, for each day, (hour, value, second value) of
what would be measured if the patient measured that day.
"""

from collections.abc import Iterator
from random import Random

Value = tuple[float, float, float | None]
MORNING, EVENING, WAKING = (6.5, 8.75), (18.0, 21.5), (5.5, 7.5)
MMOL = 18.0156


def drift(rng: Random, *, sd: float, phi: float) -> Iterator[float]:
    """AR(1): tomorrow is `phi` of today and something new, with a long-run standard deviation of `sd`."""
    level, fresh = rng.gauss(0, sd), sd * (1 - phi * phi) ** 0.5
    while True:
        yield level
        level = phi * level + rng.gauss(0, fresh)


def pressure(rng: Random, days: int, *, baseline: float, titrated: bool) -> list[list[Value]]:
    """Systolic over diastolic, morning and evening. A titrated patient runs high until medicine is changed."""
    change, ratio = rng.randint(35, 75), rng.uniform(0.57, 0.63)
    slow = drift(rng, sd=5, phi=0.6)
    found = []
    for day in range(days):
        level = baseline + next(slow) + (_titration(day - change) if titrated else 0)
        found.append([_pressure(rng, level + 2, MORNING, ratio), _pressure(rng, level - 2, EVENING, ratio)])
    return found


def _titration(since: int) -> float:
    """+6 before the change, down to −10 in the ten days after it."""
    return 6 - 16 * min(max(since, 0), 10) / 10


def _pressure(rng: Random, level: float, hours, ratio: float) -> Value:
    systolic = min(max(round(rng.gauss(level, 4)), 92), 199)
    diastolic = min(max(round(rng.gauss(level * ratio, 3)), 48), 112)
    return rng.uniform(*hours), systolic, min(diastolic, systolic - 18)


def glucose(rng: Random, days: int, *, baseline: float) -> list[list[Value]]:
    """Fasting mg/dL, with a bad spell of five days about once a month."""
    slow, spell = drift(rng, sd=13, phi=0.5), rng.randint(5, 25)
    found = []
    for day in range(days):
        episode = 60 if (day - spell) % 31 < 5 and day >= spell else 0
        found.append(
            [
                (
                    rng.uniform(*WAKING),
                    round(min(max(rng.gauss(baseline + next(slow) + episode, 9), 62), 340)),
                    None,
                )
            ]
        )
    return found


def weight(rng: Random, days: int, *, baseline: float) -> list[list[Value]]:
    """Kilograms, with one stretch in which water is gained and lost again."""
    slow, gain = drift(rng, sd=0.35, phi=0.9), rng.randint(20, 70)
    found = []
    for day in range(days):
        episode = (0.9, 1.7, 0.4)[(day - gain) // 3] if 0 <= day - gain < 9 else 0
        found.append(
            [(rng.uniform(*WAKING), round(baseline + next(slow) + episode + rng.gauss(0, 0.1), 1), None)]
        )
    return found


def saturation(rng: Random, days: int, *, baseline: float) -> list[list[Value]]:
    """SpO₂ in whole per cent at rest, with an exacerbation of three days."""
    slow, worse = drift(rng, sd=0.9, phi=0.5), rng.randint(15, 80)
    found = []
    for day in range(days):
        episode = -4 if 0 <= day - worse < 3 else 0
        found.append([(rng.uniform(9, 11), min(max(round(baseline + next(slow) + episode), 84), 99), None)])
    return found


def pulse(rng: Random) -> int:
    return min(max(round(rng.gauss(73, 7)), 50), 110)


def in_mmol(value: float) -> float:
    """A glucose value as a meter set to mmol/L sends it, converted: it keeps its odd decimals."""
    return round(round(value / MMOL, 1) * MMOL, 2)


def baseline(rng: Random, slug: str) -> float:
    """The patient's own level."""
    means = {
        "bp": (127, 4),
        "bp-high": (150, 4),
        "glucose": (146, 10),
        "weight": (86, 11),
        "spo2": (93.4, 0.8),
    }
    return rng.gauss(*means[slug])


def of_condition(rng: Random, slug: str, days: int, level: float) -> list[list[Value]]:
    """The series of a condition's own measure."""
    if slug in {"bp", "bp-high"}:
        return pressure(rng, days, baseline=level, titrated=slug == "bp-high")
    return {"glucose": glucose, "weight": weight, "spo2": saturation}[slug](rng, days, baseline=level)
