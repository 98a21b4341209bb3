"""Which rule set was in effect when. All of them are read once, and must follow one another without a gap."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from .facts import last_day_of
from .loading import RuleSetError, load_ruleset
from .ruleset import RuleSet

FOLDER = Path(__file__).parent / "rulesets"


class NoRuleSet(ValueError):
    """No rule set covers the month. The text names those there are."""


def ruleset_for(month: str | date) -> RuleSet:
    """The rule set in effect in a month: "2026-03", or any day of it."""
    key = month.isoformat()[:7] if isinstance(month, date) else month
    try:
        return _by_month()[key]
    except KeyError:
        names = ", ".join(ruleset.id for ruleset in rulesets())
        raise NoRuleSet(f"month: no rule set covers {key}; there are {names}") from None


@cache
def rulesets() -> tuple[RuleSet, ...]:
    """Every rule set, oldest first."""
    return read_rulesets(FOLDER)


def read_rulesets(folder: Path) -> tuple[RuleSet, ...]:
    """The rule sets in a folder, in order, each knowing since when its device rules hold."""
    found = sorted(
        (load_ruleset(path) for path in folder.glob("*.toml")), key=lambda each: each.effective_from
    )
    chain: list[RuleSet] = []
    for ruleset in found:
        chain.append(_follow(chain[-1], ruleset) if chain else ruleset)
    if len({ruleset.id for ruleset in chain}) < len(chain):
        raise RuleSetError("every rule set needs an id of its own")
    return tuple(chain)


def _follow(before: RuleSet, ruleset: RuleSet) -> RuleSet:
    if ruleset.effective_from != before.effective_to + timedelta(days=1):
        raise RuleSetError(f"{ruleset.id} must begin the day after {before.id} ends")
    same = _device_law(before) == _device_law(ruleset)
    return replace(ruleset, device_rules_since=before.device_rules_since if same else ruleset.effective_from)


def _device_law(ruleset: RuleSet) -> list[tuple[str, int]]:
    """What decides a window. A better source for the same numbers is not another law."""
    return [(step.code, step.at_least) for step in ruleset.device]


@cache
def _by_month() -> dict[str, RuleSet]:
    by_month = {}
    for ruleset in rulesets():
        first = ruleset.effective_from
        while first < ruleset.effective_to:
            month = first.isoformat()[:7]
            by_month[month] = ruleset
            first = last_day_of(month) + timedelta(days=1)
    return by_month


def bases(ruleset_id: str) -> dict[str, str]:
    """{code of further units: the code that it is claimed beside} of a rule set. None for one that is unknown."""
    addons = [each.management.addon for each in rulesets() if each.id == ruleset_id]
    return {addon.code: addon.base for addon in addons if addon}
