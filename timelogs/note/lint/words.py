"""The sentences of advice: what to do, with the number in question and what is stored."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from timelogs.note.lint.shapes import Fact


def among_the_readings(quote: str, facts: list[Fact], all_facts: Iterable[Fact]) -> str:
    """`Check 158/96: it is not among the readings of 1–14 Mar, 128–141/78–84 mmHg.`"""
    if facts:
        values = " and ".join(f"{values_of(fact)} {fact.unit}".strip() for fact in facts)
        return f"Check {quote}: it is not among the readings of {days_of(facts)}, {values}."
    when = f" in {days_of(all_facts)}" if (all_facts := list(all_facts)) else ""
    return f"Check {quote}: no device sent such a reading{when}. Say who measured it."


def days_of(facts: Iterable[Fact]) -> str:
    """`1–14 Mar`, `28 Feb–13 Mar`: from the first day to the last."""
    facts = list(facts)
    since, until = min(f.since for f in facts), max(f.until for f in facts)
    if since == until:
        return _day(until)
    first = str(since.day) if (since.year, since.month) == (until.year, until.month) else _day(since)
    return f"{first}–{_day(until)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def values_of(fact: Fact) -> str:
    """`128–141/78–84`, `84.1–85.6`."""
    spans = [(fact.low, fact.high), (fact.second_low, fact.second_high)]
    return "/".join(
        number(low) if low == high else f"{number(low)}–{number(high)}"
        for low, high in spans
        if low is not None
    )


def number(value: Decimal) -> str:
    """`128`, `84.5`: without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def length(seconds: int) -> str:
    """`4 min 10 s`, `12 min`."""
    minutes, rest = divmod(seconds, 60)
    if minutes and rest:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes} min" if minutes or not rest else f"{rest} s"


def any_of(numbers: Iterable[int], what: str) -> str:
    """`6 days above range`, `3 or 6 days above range`: the first word of `what` becomes its plural."""
    known = sorted(set(numbers))
    word, *rest = what.split()
    return " ".join([" or ".join(map(str, known)), word if known == [1] else f"{word}s", *rest])
