"""What holds whole families of codes: preconditions that are not fulfilled, and codes that exclude ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from .decision import Finding, Value
from .facts import PeriodFacts
from .ruleset import Check, Exclusion, Precondition, RuleSet
from .vocabulary import FAMILIES


@dataclass(slots=True)
class Gate:
    """The findings that bear on a line, and the holds of those that are not met."""

    findings: list[Finding] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)

    def add(self, finding: Finding, hold: str) -> None:
        self.findings.append(finding)
        if not finding.met and hold not in self.holds:
            self.holds.append(hold)

    def ask(self, check: Check, met: bool, observed: Value, needed: Value) -> None:
        self.add(Finding(check.rule, met, observed, needed), check.hold)

    def copy(self) -> Gate:
        return Gate(self.findings.copy(), self.holds.copy())


def gates(facts: PeriodFacts, ruleset: RuleSet) -> dict[str, Gate]:
    """For each family, what every line of it has to pass."""
    everyone = Gate()
    some: list[tuple[Finding, str, tuple[str, ...]]] = []
    for finding, law in _asked(facts, ruleset):
        if law.families == FAMILIES:
            everyone.add(finding, law.hold)
        else:
            some.append((finding, law.hold, law.families))
    by_family = {family: everyone.copy() for family in FAMILIES}
    for finding, hold, families in some:
        for family in families:
            by_family[family].add(finding, hold)
    return by_family


def _asked(facts: PeriodFacts, ruleset: RuleSet) -> Iterator[tuple[Finding, Precondition | Exclusion]]:
    last_day = facts.last_day
    for precondition in ruleset.preconditions:
        yield _stands(precondition, getattr(facts, precondition.fact), last_day), precondition
    for exclusion in ruleset.exclusions:
        yield _free_of(exclusion, facts), exclusion


@lru_cache(maxsize=8192)
def _stands(precondition: Precondition, observed: Any, last_day: date) -> Finding:
    if precondition.test == "by-month-end":
        return _dated(precondition, observed, last_day)
    if precondition.test == "one-of":
        return Finding(precondition.rule, observed in precondition.words, observed, precondition.words)
    answer, wanted = bool(observed), precondition.test == "true"
    return Finding(precondition.rule, answer is wanted, answer, wanted)


def _dated(precondition: Precondition, on: date | None, last_day: date) -> Finding:
    """A paper dated after the month counts as not on file."""
    observed = None if on is None else on.isoformat()
    return Finding(precondition.rule, on is not None and on <= last_day, observed, last_day.isoformat())


def _free_of(exclusion: Exclusion, facts: PeriodFacts) -> Finding:
    named: set[str] = set()
    for name in exclusion.named_in:
        listed: frozenset[str] = getattr(facts, name)
        if listed:
            named |= listed & exclusion.codes
    return _clear_of(exclusion, tuple(sorted(named)) if named else ())


@lru_cache(maxsize=1024)
def _clear_of(exclusion: Exclusion, named: tuple[str, ...]) -> Finding:
    return Finding(exclusion.rule, not named, named, ())


def days_apart(earlier: date | None, later: date) -> int | None:
    return None if earlier is None else (later - earlier).days


def ask_spacing(gate: Gate, check: Check, days: int | None) -> None:
    """Services of 30-day codes may not lie closer together than 30 days."""
    gate.ask(check, days is None or days >= check.at_least, days, check.at_least)


def ask_covered(gate: Gate, check: Check, facts: PeriodFacts, *codes: str) -> None:
    """Whether the payer covers the codes that a line rests on. Asked where its policy names some that it does not."""
    if facts.policy.codes_not_covered:
        named = tuple(code for code in codes if code in facts.policy.codes_not_covered)
        gate.ask(check, not named, named, ())


def ask_readings(gate: Gate, check: Check, days: int) -> None:
    """With no automatic reading in the month there was nothing to manage or interpret."""
    gate.ask(check, days >= check.at_least, days, check.at_least)
