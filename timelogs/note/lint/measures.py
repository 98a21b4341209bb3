"""How people write the values of each measure: what they call it, in which units, and what is possible in them."""

import re
from dataclasses import dataclass
from decimal import Decimal

# Between a measure's name and its number: a few words, none of them another measure's name.
_BETWEEN = (
    r"(?:[ :=~(]{1,3}(?!(?:systolic|sbp|diastolic|dbp|pulse|pressure|hr|weight|spo2|glucose|readings?|and|goal)\b)"
    r"[a-z']{1,14}){0,5}[ :=~(]{0,3}"
)
_NUMBER = r"\d{1,3}(?:[.,]\d{1,2})?"
# After a number without its own unit: something else is counted.
_ELSE = re.compile(
    r"\s?-?(?:(?:mg(?!/d)|mcg|g|ml|l|iu|units?|min(?:ute)?s?|h|hrs?|hours?|days?|weeks?|months?|years?|y|yo|times|x(?!\d)|"
    r"am|pm|readings?|values?|measurements?|doses?|steps?|tab(?:let)?s?|th|st|nd|rd|o'clock|of|%)(?![a-z])|:\d|/\s?\d"
    r"|[.,]?\d)"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written: its factor to the stored one, and the least and most that a value in it can be.

    Outside of these it is something else: “gained 3 lb” is no weight, “2 L of oxygen” no saturation. An
    impossible value that people do type, such as a saturation of 108, still is one.
    """

    pattern: str
    least: Decimal
    most: Decimal
    factor: Decimal = Decimal(1)


def _unit(pattern: str, least: str, most: str, factor: str = "1") -> Unit:
    return Unit(pattern, Decimal(least), Decimal(most), Decimal(factor))


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: the names that stand before a number; its units, the usual first; whether a unit alone names it."""

    name: str
    called: str
    units: tuple[Unit, ...]
    unit_alone: bool = False
    after: str = ""
    second: bool = False


_PRESSURE = r"(?:\s(?:bp|pressures?|readings?|values?))?"
MEASURES = (
    Measure(
        "blood_pressure",
        rf"(?:systolics?{_PRESSURE}|sbps?|sys|top numbers?|bp(?=\W{{1,2}}\d)|blood pressure(?= (?:is|was|of) \d))",
        (_unit(r"mm ?hg", "70", "260"),),
        after="systolic",
    ),
    Measure(
        "blood_pressure",
        rf"(?:diastolics?{_PRESSURE}|dbps?|dias?|bottom numbers?)",
        (_unit(r"mm ?hg", "30", "160"),),
        after="diastolic",
        second=True,
    ),
    Measure(
        "heart_rate",
        r"(?:pulses?(?! ?ox| pressure)|heart ?rates?|tachycardi\w{1,2}|bradycardi\w{1,2}|(?<!\d)(?<!\d )hr)",
        (_unit(r"bpm|beats(?:/min| per minute| a minute)?|/ ?min|per minute", "30", "220"),),
    ),
    Measure(
        "heart_rate", "", (_unit(r"bpm|beats(?:/min| per minute| a minute)", "30", "220"),), unit_alone=True
    ),
    Measure(
        "glucose",
        r"(?:glucoses?|sugars?|bgs?|bs|fbs|fbg|bgl|glucometer|fasting|finger ?sticks?|cgm|"
        r"hypoglyc[ae]mi\w{1,2}|hyperglyc[ae]mi\w{1,2}|"
        r"(?:post|pre|after|before)[- ]?(?:meals?|prandial\w{0,2}|breakfast|"
        r"lunch|supper|dinner))",
        (_unit(r"mg/dl", "20", "600"), _unit(r"mmol(?:/l)?", "1.5", "35", "18.016")),
        unit_alone=True,
    ),
    Measure(
        "weight",
        r"(?:weights?|weigh(?:s|ed)|wts?|scales?)",
        (_unit(r"kgs?|kilos?|kilograms?", "30", "300"), _unit(r"lbs?|pounds?", "66", "660", "0.45359237")),
        unit_alone=True,
    ),
    Measure(
        "spo2",
        r"(?:spo2|sp02|o2|(?:de)?sats?|(?:de)?saturat(?:ions?|ed|es)|oxygen|pulse ?ox|oximeter|oximetry)",
        (_unit(r"%|percent", "50", "130"),),
    ),
)


def _unit_words(measure: Measure) -> str:
    return "|".join(unit.pattern for unit in measure.units)


def _numbers(unit: str) -> str:
    """`84.1`, `130s`, `84.1 kg to 85.6`."""
    further = rf"(?:(?:\s?(?:{unit}))?\s{{0,2}}(?:-|to)\s{{0,2}}(?P<high>{_NUMBER})(?P<decade2>'?s\b)?)?"
    return rf"(?<![\d.,/])(?P<low>{_NUMBER})(?P<decade>'?s\b)?{further}"


def _by_name(measure: Measure) -> re.Pattern:
    unit = _unit_words(measure)
    named = rf"(?<![a-z]){measure.called}(?![a-z]){_BETWEEN}"
    return re.compile(rf"{named}{_numbers(unit)}(?!\d)(?:\s?(?P<unit>(?:{unit})(?![a-z])))?(?P<after>)")


def _by_unit(measure: Measure) -> re.Pattern:
    """`84 kg` without a name, or `152 mmHg systolic`."""
    unit = _unit_words(measure)
    if measure.after:
        return re.compile(rf"{_numbers(unit)}(?:\s?(?P<unit>{unit}))?\s(?P<after>{measure.after})(?![a-z])")
    return re.compile(rf"{_numbers(unit)}\s?(?P<unit>(?:{unit})(?![a-z]))(?P<after>)")


NAMED = [(measure, _by_name(measure)) for measure in MEASURES if measure.called]
BY_UNIT = [(m, _by_unit(m)) for m in MEASURES if m.unit_alone or m.after]


def unit_of(measure: Measure, written: str | None, number: Decimal) -> Unit | None:
    """The unit of a number; without one, the first in which it is possible. None if it cannot be this measure."""
    for unit in measure.units:
        if (not written or re.fullmatch(unit.pattern, written)) and unit.least <= number <= unit.most:
            return unit
    return None


def counts_something_else(text: str, place: int) -> bool:
    """Whether the words behind a number without a unit say that it is no value."""
    return bool(_ELSE.match(text, place))
