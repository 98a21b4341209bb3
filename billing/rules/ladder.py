"""Seconds to management codes: 99470, or 99457 and its add-on 99458. Cut to whole minutes once."""

from __future__ import annotations

from dataclasses import dataclass

from .facts import PeriodFacts, Policy
from .ruleset import AddOn, RuleSet, Step
from .steps import earned_step


@dataclass(frozen=True, slots=True)
class Earned:
    """The base code and the add-on units, after the limit; `wanted` is what the minutes came to."""

    base: Step | None
    addon: AddOn | None = None
    units: int = 0
    wanted: int = 0

    @property
    def selection(self) -> tuple[str, int]:
        """The codes as they would stand on a claim."""
        return (self.base.code if self.base else "", self.units)


NOTHING = Earned(None)


def earned(seconds: int, facts: PeriodFacts, ruleset: RuleSet) -> Earned:
    """What management seconds earn, live contact or not."""
    minutes = seconds // 60
    base = earned_step(ruleset.management.steps, minutes)
    if base is None:
        return NOTHING
    addon = ruleset.management.addon
    if addon is None or addon.base != base.code:
        return Earned(base)
    wanted = (minutes - base.at_least) // addon.every
    return Earned(base, addon, min(wanted, unit_limit(addon, facts.policy)), wanted)


def unit_limit(addon: AddOn, policy: Policy) -> int:
    """The limit in effect. A policy can only lower it."""
    return addon.limit if policy.unit_limit_99458 is None else min(addon.limit, policy.unit_limit_99458)
