"""The shapes of a rule set: dated law as values, each with its source and how firm the evidence is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """One statement of the law: what it is called here, where it comes from, and its evidence mark."""

    id: str
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class Code:
    code: str
    label: str
    family: str


@dataclass(frozen=True, slots=True)
class Step:
    """A code that an amount of minutes or days earns, until the next step replaces it."""

    code: str
    at_least: int
    rule: Rule
    replaced: Rule | None


@dataclass(frozen=True, slots=True)
class AddOn:
    """A code for each further full block of minutes after its base, up to a limit of units."""

    code: str
    base: str
    every: int
    rule: Rule
    limit: int
    limit_rule: Rule


@dataclass(frozen=True, slots=True)
class Management:
    steps: tuple[Step, ...]
    addon: AddOn | None

    @property
    def minute_lines(self) -> tuple[int, ...]:
        """The minutes at which a month earns something more: 10, 20, 40, 60, 80 in 2026."""
        lines = [step.at_least for step in self.steps]
        if self.addon:
            lines += [lines[-1] + self.addon.every * unit for unit in range(1, self.addon.limit + 1)]
        return tuple(lines)


@dataclass(frozen=True, slots=True)
class Interpretation:
    """99091: its minutes, that it gives way to management, and that its time is spent on it alone."""

    code: str
    at_least: int
    rule: Rule
    alternative: Rule
    single_use: Rule


@dataclass(frozen=True, slots=True)
class SetUpService:
    code: str
    done: Rule
    once: Rule


@dataclass(frozen=True, slots=True)
class Check:
    """A question whose answer may hold a line; `at_least` where it has a number."""

    rule: Rule
    hold: str
    at_least: int


@dataclass(frozen=True, slots=True, eq=False)
class Precondition:
    """A fact that must stand as `test` says, or every code of `families` is held."""

    rule: Rule
    hold: str
    fact: str
    test: str
    words: tuple[str, ...]
    families: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Exclusion:
    """Codes that, reported by those named, hold every code of `families`."""

    rule: Rule
    hold: str
    named_in: tuple[str, ...]
    codes: frozenset[str]
    families: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """An example that a rule set carries: these facts come out as these codes."""

    name: str
    given: dict[str, Any]
    released: dict[str, int]
    held: dict[str, list[str]]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The law in effect for dates of service from `effective_from` to `effective_to`, both included."""

    id: str
    title: str
    effective_from: date
    effective_to: date
    # The day since when windows are judged by these device rules; None while nothing older is known.
    device_rules_since: date | None
    codes: tuple[Code, ...]
    management: Management
    interpretation: Interpretation
    device: tuple[Step, ...]
    setup: SetUpService
    checks: dict[str, Check]
    preconditions: tuple[Precondition, ...]
    exclusions: tuple[Exclusion, ...]
    cases: tuple[Case, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every statement of the set, in the order in which a biller would read them."""
        steps = (*self.management.steps, *self.device)
        addon, interpretation = self.management.addon, self.interpretation
        parts: tuple[Check | Precondition | Exclusion, ...]
        parts = (*self.checks.values(), *self.preconditions, *self.exclusions)
        return (
            *(rule for step in steps for rule in (step.rule, step.replaced) if rule),
            *((addon.rule, addon.limit_rule) if addon else ()),
            *(interpretation.rule, interpretation.alternative, interpretation.single_use),
            *(self.setup.done, self.setup.once),
            *(part.rule for part in parts),
        )

    def label(self, code: str) -> str:
        """Our own short name of a code."""
        return next(known.label for known in self.codes if known.code == code)
