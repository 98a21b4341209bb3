"""Measured values and ranges in words."""

from decimal import Decimal

from patients.models import UNITS, Bounds, Measure


def number(value: Decimal) -> str:
    """`128`, `84.5`: without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def value_in_words(measure: str, value: Decimal, second: Decimal | None) -> str:
    """`158/96 mmHg`, `84 %`."""
    return f"{'/'.join(number(part) for part in (value, second) if part is not None)} {UNITS[measure]}"


_UNITS_AS_SENT = {"[lb_av]": "lb", "[degF]": "°F", "mm[Hg]": "mmHg", "Cel": "°C"}


def as_sent(original: str) -> str:
    """`187.4 lb` of `187.4 [lb_av]`: what was sent, without the brackets of its code."""
    number_sent, _, unit = original.partition(" ")
    return f"{number_sent} {_UNITS_AS_SENT.get(unit, unit)}".rstrip()


def range_in_words(range_: Bounds | None) -> str:
    """`at most 130/80`, `70 to 180`, `at least 92`; empty without a range."""
    if range_ is None:
        return ""
    pairs = [(range_.low, range_.second_low), (range_.high, range_.second_high)]
    low, high = (_pair(*pair, pressure=range_.measure == Measure.BLOOD_PRESSURE) for pair in pairs)
    if low and high:
        return f"{low} to {high}"
    return f"at most {high}" if high else f"at least {low}"


def critical_in_words(range_: Bounds | None) -> str:
    """`critical below 85/– or above 180/110`; empty without a critical limit."""
    if range_ is None:
        return ""
    pairs = {
        "below": (range_.critical_low, range_.second_critical_low),
        "above": (range_.critical_high, range_.second_critical_high),
    }
    pressure = range_.measure == Measure.BLOOD_PRESSURE
    said = [f"{side} {words}" for side, pair in pairs.items() if (words := _pair(*pair, pressure=pressure))]
    return f"critical {' or '.join(said)}" if said else ""


def _pair(first: Decimal | None, second: Decimal | None, *, pressure: bool) -> str:
    if first is None and second is None:
        return ""
    parts = [number(first) if first is not None else "–"]
    if pressure:
        parts.append(number(second) if second is not None else "–")
    return "/".join(parts)
