"""A value in the measure's own unit, from the units that devices and labs write, and whether a person can show it.

No database.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from foundation.refusals import Refused
from patients.models import UNITS, Measure

HUNDREDTH = Decimal("0.01")
# Far above any value of any unit; what is longer is no measurement, and too long to calculate with.
_DIGITS = 7


class UnitRefused(Refused):
    """The unit is none of this measure's, or the number is none."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """The ways a unit is written, the one that we name first, in small letters without blanks; `{…}` is left out."""

    spellings: tuple[str, ...]
    factor: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)

    def in_ours(self, number: Decimal) -> Decimal:
        return (number - self.offset) * self.factor

    @property
    def is_ours(self) -> bool:
        return self.factor == 1 and not self.offset


_PER_MINUTE = ("/min", "1/min", "min-1", "permin", "perminute", "/minute", "bpm")
_SPELLINGS: dict[str, tuple[_Unit, ...]] = {
    Measure.BLOOD_PRESSURE: (
        _Unit(("mmHg", "mm[hg]")),
        _Unit(("kPa",), Decimal("7.50061683")),
    ),
    Measure.HEART_RATE: (_Unit((*_PER_MINUTE, "beats/min", "beats/minute", "beatsperminute")),),
    Measure.GLUCOSE: (
        _Unit(("mg/dL", "mg/100ml", "mgdl", "mg%")),
        _Unit(("mmol/L", "mmoll"), Decimal("18.0156")),
        _Unit(("g/L",), Decimal(100)),
    ),
    Measure.WEIGHT: (
        _Unit(("kg", "kgs", "kilogram", "kilograms")),
        _Unit(("lb", "lbs", "[lb_av]", "lb_av", "pound", "pounds"), Decimal("0.45359237")),
        _Unit(("g", "gram", "grams"), Decimal("0.001")),
    ),
    Measure.SPO2: (_Unit(("%", "percent", "pct")),),
    Measure.TEMPERATURE: (
        _Unit(("°C", "cel", "c", "degc", "deg.c", "ºc", "℃", "celsius")),
        _Unit(
            ("°F", "[degf]", "f", "degf", "deg.f", "ºf", "℉", "fahrenheit"),
            Decimal(5) / Decimal(9),
            Decimal(32),
        ),
    ),
    Measure.RESPIRATORY_RATE: (
        _Unit((*_PER_MINUTE, "breaths/min", "breaths/minute", "breathsperminute", "brpm", "resp/min")),
    ),
}
_UNITS = {
    measure: {spelling.lower(): unit for unit in units for spelling in unit.spellings}
    for measure, units in _SPELLINGS.items()
}
# What a living person can show, in the measure's own unit; outside it the device or the unit is wrong.
POSSIBLE = {
    Measure.BLOOD_PRESSURE: (Decimal(40), Decimal(300)),
    Measure.HEART_RATE: (Decimal(20), Decimal(300)),
    Measure.GLUCOSE: (Decimal(10), Decimal(1500)),
    Measure.WEIGHT: (Decimal(1), Decimal(450)),
    Measure.SPO2: (Decimal(30), Decimal(100)),
    Measure.TEMPERATURE: (Decimal(25), Decimal(45)),
    Measure.RESPIRATORY_RATE: (Decimal(3), Decimal(100)),
}
DIASTOLIC = (Decimal(20), Decimal(200))


def in_ours(measure: str, value: Decimal, unit: str) -> Decimal:
    """The value in the measure's own unit, to the hundredth. Without a unit, the measure's own is meant."""
    if not value.is_finite() or abs(value.adjusted()) > _DIGITS:
        raise UnitRefused("Is no number that a device can show. Write one like 128 or 6.4")
    return _unit(measure, unit).in_ours(value).quantize(HUNDREDTH, ROUND_HALF_UP)


def as_sent(measure: str, value: Decimal, unit: str, second_value: Decimal | None = None) -> str:
    """`187.4 [lb_av]` where that is not the measure's own unit, else empty: what a page shows beside our own."""
    if _unit(measure, unit).is_ours:
        return ""
    values = "/".join(f"{part:f}" for part in (value, second_value) if part is not None)
    return f"{values} {unit.strip()}"


def _unit(measure: str, unit: str) -> _Unit:
    known = _UNITS[Measure(measure)]
    found = known.get(_tidy(unit) if unit.strip() else UNITS[Measure(measure)].lower())
    if found is None:
        names = ", ".join(unit.spellings[0] for unit in _SPELLINGS[Measure(measure)])
        raise UnitRefused(f"Is “{unit.strip()[:30]}”. Write one of {names}")
    return found


def _tidy(unit: str) -> str:
    """`{beats}/min` and `/ MIN` are the same: UCUM puts remarks in braces."""
    bare = unit.lower()
    if "{" in bare and "}" in bare:
        bare = bare[: bare.index("{")] + bare[bare.rindex("}") + 1 :]
    return "".join(bare.split())


def why_impossible(measure: str, value: Decimal, second_value: Decimal | None = None) -> str | None:
    """Why no person shows this value, in our own unit; None if one can."""
    found = impossible(measure, value, second_value)
    return found[1] if found else None


def impossible(measure: str, value: Decimal, second_value: Decimal | None) -> tuple[str, str] | None:
    """The same, with the field that it is about."""
    if measure != Measure.BLOOD_PRESSURE:
        if second_value is not None:
            return "second_value", "Is only for blood pressure. Leave it out"
        return _outside("value", measure, value, POSSIBLE[Measure(measure)])
    if second_value is None:
        return "second_value", "Is empty. Give the diastolic value"
    return (
        _outside("value", measure, value, POSSIBLE[Measure.BLOOD_PRESSURE])
        or _outside("second_value", measure, second_value, DIASTOLIC)
        or _turned_round(value, second_value)
    )


def _outside(
    field: str, measure: str, value: Decimal, span: tuple[Decimal, Decimal]
) -> tuple[str, str] | None:
    low, high = span
    if low <= value <= high:
        return None
    return (
        field,
        f"Is not possible: {low} to {high} {UNITS[Measure(measure)]} are. Check the value and its unit",
    )


def _turned_round(value: Decimal, second_value: Decimal) -> tuple[str, str] | None:
    if second_value < value:
        return None
    return "second_value", "Is not below value. The systolic value comes first"
