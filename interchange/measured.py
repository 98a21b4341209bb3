"""Numbers with their units, as programs send them, in our own. No database."""

import re
from dataclasses import dataclass
from decimal import Decimal

from monitoring.readings.units import UnitRefused, as_sent, in_ours

_NUMBER = re.compile(r"[+-]?(\d{1,9}(\.\d{0,9})?|\.\d{1,9})", re.ASCII)


class Unfit(Exception):
    """Why a value is none that is taken, in words that repeat nothing of it. `about`: `value` or `unit`."""

    def __init__(self, problem: str, about: str = "value"):
        super().__init__(problem)
        self.problem, self.about = problem, about


@dataclass(frozen=True, slots=True)
class Measured:
    """In the measure's own unit; `original` as it was sent, where that was another one."""

    value: Decimal
    second_value: Decimal | None
    original: str


def number(text: str) -> Decimal | None:
    """As devices write them: no exponent, no comma, nothing else beside it."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def measured(measure: str, value: Decimal, unit: str, second_value: Decimal | None = None) -> Measured:
    """Raises `Unfit`. A number without a unit is not guessed at."""
    if not unit.strip():
        raise Unfit("has no unit. Send it in UCUM", "unit")
    try:
        pair = [None if each is None else in_ours(measure, each, unit) for each in (value, second_value)]
        return Measured(pair[0], pair[1], as_sent(measure, value, unit, second_value))
    except UnitRefused:
        raise Unfit("is not in a unit that is taken for this measure", "unit") from None
