"""Values in the text against the stored readings: pressure, pulse, glucose, weight, oxygen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from timelogs.note.lint.excuses import excused
from timelogs.note.lint.measures import BY_UNIT, NAMED, Measure, counts_something_else, unit_of
from timelogs.note.lint.shapes import Defect, Fact, Kind, LintNote
from timelogs.note.lint.text import Text
from timelogs.note.lint.words import among_the_readings

# 132-158/82-96, 158/96, 158 over 96; not the middle of a longer number, a date or a fraction.
_PART = r"(\d{2,3})(?:\s{0,2}(?:-|to)\s{0,2}(\d{2,3}))?"
_PAIR = re.compile(rf"(?<![\d.,/]){_PART}\s{{0,2}}(?:/|over)\s{{0,2}}{_PART}(?![\d/]|[.,]\d)")
_DOSE = re.compile(r"\s?(?:mg(?!/d)|mcg|µg|ml|iu|units?|tab|caps?)")
_MIX = re.compile(r"(?:novolin|humulin|humalog|novolog|ryzodeg|mix|insulin|vision|eyes?)\s*$")
# A laboratory's value, or what was lifted, lost or aimed at, in the units of a device.
_NOT_A_DEVICES = re.compile(
    r"\b(?:ldl|hdl|cholesterol|triglycerides?|creatinine|bun|calcium|uric acid|iron|albumin|lift\w*|carr(?:y|ies|ied)"
    r"|lost|los(?:s|ing)|gain\w*|dry weight|ideal|usual weight)\b[^.;\d]{0,20}$"
)
_GOES_ON = re.compile(
    r"[^.;\d]{1,25}?\b(?:of|at|to|hit|reached|peak|max|min|top|worst|best|highest|lowest|high|low) "
    r"(?P<low>\d{2,3}(?:[.,]\d{1,2})?)(?![\d/]|[.,]\d| ?-)"
)
_JOINED = re.compile(r"\s*(?:mmhg\s*)?(?:,|and|or|&|-|to)\s*")
Span = tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class _Claim:
    """Values that the text gives for one measure; each is the span it may stand for, in the stored unit."""

    measure: str
    start: int
    end: int
    first: tuple[Span, ...] = ()
    second: tuple[Span, ...] = ()


def reading_defects(note: LintNote) -> Iterator[Defect]:
    """Every value outside what the devices sent, unless the words around it say whose number it is."""
    for field, text in note.texts.items():
        before = None
        for claim in _claims(text):
            facts = [f for f in note.facts if f.measure == claim.measure and f.count]
            if not any(_holds(fact, claim) for fact in facts) and not _excused(text, claim, before, note):
                quote = text.quote(claim.start, claim.end)
                yield Defect(Kind.NUMBER, field, quote, among_the_readings(quote, facts, note.facts))
            before = claim


def _excused(text: Text, claim: _Claim, before: _Claim | None, note: LintNote) -> bool:
    """By the words around it, or around the one it is joined to: “call parameters 160/100 and 95/55”."""
    if excused(*text.around(claim.start, claim.end), note.facts):
        return True
    joined = before and _JOINED.fullmatch(text.plain, before.end, claim.start)
    return bool(joined) and excused(*text.around(before.start, before.end), note.facts)


def _claims(text: Text) -> list[_Claim]:
    """Pairs first: the numbers of a pair are read once."""
    found = [claim for match in _PAIR.finditer(text.plain) if (claim := _pair(match))]
    taken = bytearray(len(text.plain))
    for pair in found:
        taken[pair.start : pair.end] = b"\1" * (pair.end - pair.start)
    for measure, pattern in (*NAMED, *BY_UNIT):
        for match in pattern.finditer(text.plain):
            claim = _single(measure, match)
            if claim and not any(taken[claim.start : claim.end]):
                taken[claim.start : claim.end] = b"\1" * (claim.end - claim.start)
                found.append(claim)
    return sorted([*found, *_carried(text, found, taken)], key=lambda claim: claim.start)


def _carried(text: Text, found: list[_Claim], taken: bytearray) -> Iterator[_Claim]:
    """“Sugars 100–120, one of 240”: a bare number that goes on about the measure named just before."""
    for claim in found:
        match = _GOES_ON.match(text.plain, claim.end)
        measure = next(m for m, _ in NAMED if m.name == claim.measure and m.second == (not claim.first))
        if not match or (claim.first and claim.second) or any(taken[match.start("low") : match.end()]):
            continue
        number = _decimal(match["low"])
        unit = unit_of(measure, None, number)
        if unit and not counts_something_else(text.plain, match.end()):
            spans = (_times(_rounded(number), unit.factor),)
            first, second = ((), spans) if measure.second else (spans, ())
            yield _Claim(measure.name, match.start("low"), match.end(), first, second)


def _pair(match: re.Match) -> _Claim | None:
    tops, bottoms = ([_decimal(n) for n in match.group(*two) if n] for two in ((1, 2), (3, 4)))
    if not (
        all(70 <= n <= 260 for n in tops) and all(30 <= n <= 160 for n in bottoms) and tops[0] > bottoms[0]
    ):
        return None
    text, start, end = match.string, match.start(), match.end()
    if _DOSE.match(text, end) or _MIX.search(text, max(0, start - 12), start):
        return None
    return _Claim("blood_pressure", start, end, tuple(map(_rounded, tops)), tuple(map(_rounded, bottoms)))


def _single(measure: Measure, match: re.Match) -> _Claim | None:
    numbers = [_decimal(n) for n in match.group("low", "high") if n]
    units = [unit_of(measure, match["unit"], number) for number in numbers]
    text, start = match.string, match.start("low")
    bare = not match["unit"] and not match["after"]
    if None in units or (bare and counts_something_else(text, match.end())):
        return None
    if _NOT_A_DEVICES.search(text, max(0, start - 50), start):
        return None
    decades = match.group("decade", "decade2")
    spans = tuple(
        _times(_decade(n) if decade else _rounded(n), unit.factor)
        for n, decade, unit in zip(numbers, decades, units, strict=False)
    )
    first, second = ((), spans) if measure.second else (spans, ())
    return _Claim(measure.name, start, match.end(), first, second)


def _decimal(written: str) -> Decimal:
    return Decimal(written.replace(",", "."))


def _rounded(number: Decimal) -> Span:
    """What a number may have been before somebody rounded it to the places written: half of the last one each way."""
    half = Decimal(1).scaleb(number.as_tuple().exponent) / 2
    return number - half, number + half


def _decade(number: Decimal) -> Span:
    """“130s”."""
    return number, number + 9


def _times(span: Span, factor: Decimal) -> Span:
    return span[0] * factor, span[1] * factor


def _holds(fact: Fact, claim: _Claim) -> bool:
    """Whether every value of the claim lies between the lowest and the highest reading."""
    return _within(claim.first, fact.low, fact.high) and _within(
        claim.second, fact.second_low, fact.second_high
    )


def _within(spans: tuple[Span, ...], low: Decimal | None, high: Decimal | None) -> bool:
    if low is None or high is None:
        return not spans
    return all(first <= high and last >= low for first, last in spans)
