"""From a TOML file to a RuleSet. A word outside the vocabulary, or a set without cases, is refused."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from .facts import last_day_of
from .parse import FactError, parse_facts
from .ruleset import (
    AddOn,
    Case,
    Check,
    Code,
    Exclusion,
    Interpretation,
    Management,
    Precondition,
    Rule,
    RuleSet,
    SetUpService,
    Step,
)
from .vocabulary import (
    CHECKS,
    CODE_LISTS,
    EXCLUSIONS,
    FAMILIES,
    GLOBAL_PERIODS,
    HOLDS,
    MARKS,
    PRACTITIONERS,
    PRECONDITIONS,
    WARNINGS,
)

Table = dict[str, Any]
Words = tuple[str, ...]


class RuleSetError(ValueError):
    """A rule-set file that does not say what a rule set must say. The text names the place."""


def load_ruleset(path: Path) -> RuleSet:
    """The rule set in a file, every name and number in it checked."""
    try:
        return ruleset_from(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:  # ours, or what is no TOML, or no UTF-8
        raise RuleSetError(f"{path.name}: {error}") from error


def ruleset_from(table: Table) -> RuleSet:
    """The rule set of a file that is read."""
    _keys(table, "file", TOP, {})
    codes = tuple(_code(entry) for entry in table["code"])
    ruleset = RuleSet(
        id=table["id"],
        title=table["title"],
        effective_from=table["effective_from"],
        effective_to=table["effective_to"],
        device_rules_since=None,
        codes=tuple(sorted(codes, key=lambda code: code.code)),
        management=_management(table["management"]),
        interpretation=_interpretation(table["interpretation"]),
        device=_steps(_only(table["device"], "device", "step"), "device", "days"),
        setup=_setup(table["setup"]),
        checks=_by_rule([_check(entry) for entry in table["check"]], tuple(CHECKS), "check"),
        preconditions=_preconditions(table["precondition"]),
        exclusions=_exclusions(table["exclusion"]),
        cases=tuple(_case(entry) for entry in table["case"]),
    )
    _agree(ruleset)
    return ruleset


TOP = {
    "id": str, "title": str, "effective_from": date, "effective_to": date, "code": list, "management": dict,
    "interpretation": dict, "device": dict, "setup": dict, "check": list, "precondition": list,
    "exclusion": list, "case": list,
}  # fmt: skip
RULE = {"rule": str, "source": str, "mark": str}
# The words that a precondition of the test "one-of" may list.
WORDS = {"practitioner_type": PRACTITIONERS, "global_period": GLOBAL_PERIODS}
CODE = re.compile(r"[0-9A-Z]{5}")


# The parts -------------------------------------------------------------------------------------------------


def _code(table: Table) -> Code:
    _keys(table, "code", {"code": str, "label": str, "family": str}, {})
    _known(table["family"], FAMILIES, f"code {table['code']}: family")
    return Code(**table)


def _rule(table: Table, where: str) -> Rule:
    _known(table["mark"], MARKS, f"{where}: mark")
    return Rule(table["rule"], table["source"], table["mark"])


def _plain_rule(table: Table, where: str) -> Rule:
    _keys(table, where, RULE, {})
    return _rule(table, where)


def _management(table: Table) -> Management:
    _keys(table, "management", {"step": list}, {"addon": dict})
    addon = _addon(table["addon"]) if "addon" in table else None
    return Management(_steps(table["step"], "management", "minutes"), addon)


def _steps(entries: list[Table], where: str, unit: str) -> tuple[Step, ...]:
    steps = tuple(_step(entry, where, unit) for entry in entries)
    amounts = [step.at_least for step in steps]
    if not steps or amounts != sorted(set(amounts)):
        raise RuleSetError(f"{where}: steps must be there, and rise")
    if [step.replaced is None for step in steps] != [False] * (len(steps) - 1) + [True]:
        raise RuleSetError(f"{where}: every step but the last must say what replaces it")
    return steps


def _step(table: Table, where: str, unit: str) -> Step:
    where = f"{where} step"
    _keys(table, where, {"code": str, "at_least": int, "unit": str, **RULE}, {"replaced": dict})
    _known(table["unit"], (unit,), f"{where}: unit")
    replaced = _plain_rule(table["replaced"], f"{where}: replaced") if "replaced" in table else None
    return Step(table["code"], _positive(table["at_least"], where), _rule(table, where), replaced)


def _addon(table: Table) -> AddOn:
    where = "management add-on"
    _keys(table, where, {"code": str, "base": str, "every": int, "unit": str, "limit": dict, **RULE}, {})
    _keys(table["limit"], f"{where}: limit", {"units": int, **RULE}, {})
    _known(table["unit"], ("minutes",), f"{where}: unit")
    return AddOn(
        code=table["code"],
        base=table["base"],
        every=_positive(table["every"], where),
        rule=_rule(table, where),
        limit=_positive(table["limit"]["units"], f"{where}: limit"),
        limit_rule=_rule(table["limit"], f"{where}: limit"),
    )


def _interpretation(table: Table) -> Interpretation:
    where = "interpretation"
    keys = {"code": str, "at_least": int, "unit": str, "alternative": dict, "single_use": dict, **RULE}
    _keys(table, where, keys, {})
    _known(table["unit"], ("minutes",), f"{where}: unit")
    return Interpretation(
        code=table["code"],
        at_least=_positive(table["at_least"], where),
        rule=_rule(table, where),
        alternative=_plain_rule(table["alternative"], f"{where}: alternative"),
        single_use=_plain_rule(table["single_use"], f"{where}: single_use"),
    )


def _setup(table: Table) -> SetUpService:
    _keys(table, "setup", {"code": str, "done": dict, "once": dict}, {})
    done, once = _plain_rule(table["done"], "setup: done"), _plain_rule(table["once"], "setup: once")
    return SetUpService(table["code"], done, once)


# Checks, preconditions, exclusions ---------------------------------------------------------------------------


def _check(table: Table) -> Check:
    name = _name(table, CHECKS, "check")
    where, (hold, unit) = f"check {name}", CHECKS[name]
    numbers: Table = {"at_least": int, "unit": str} if unit else {}
    _keys(table, where, {"hold": str, **numbers, **RULE}, {})
    _known(table["hold"], (hold,), f"{where}: hold")
    if unit:
        _known(table["unit"], (unit,), f"{where}: unit")
    at_least = _positive(table["at_least"], where) if unit else 0
    return Check(_rule(table, where), hold, at_least)


def _preconditions(entries: list[Table]) -> tuple[Precondition, ...]:
    return tuple(
        _by_rule([_precondition(entry) for entry in entries], tuple(PRECONDITIONS), "precondition").values()
    )


def _precondition(table: Table) -> Precondition:
    name = _name(table, PRECONDITIONS, "precondition")
    where, known = f"precondition {name}", PRECONDITIONS[name]
    hold, fact, test = known
    words: Table = {"words": list} if test == "one-of" else {}
    _keys(table, where, {"hold": str, "fact": str, "test": str, "families": list, **words, **RULE}, {})
    if (table["hold"], table["fact"], table["test"]) != known:
        raise RuleSetError(f"{where}: expected hold {hold}, fact {fact}, test {test}")
    return Precondition(
        rule=_rule(table, where),
        hold=hold,
        fact=fact,
        test=test,
        words=_words(table["words"], WORDS[fact], f"{where}: words") if words else (),
        families=_families(table, where),
    )


def _exclusions(entries: list[Table]) -> tuple[Exclusion, ...]:
    return tuple(_by_rule([_exclusion(entry) for entry in entries], tuple(EXCLUSIONS), "exclusion").values())


def _exclusion(table: Table) -> Exclusion:
    name = _name(table, EXCLUSIONS, "exclusion")
    where, hold = f"exclusion {name}", EXCLUSIONS[name]
    _keys(table, where, {"hold": str, "named_in": list, "codes": list, "families": list, **RULE}, {})
    _known(table["hold"], (hold,), f"{where}: hold")
    named_in = _words(table["named_in"], CODE_LISTS, f"{where}: named_in")
    return Exclusion(_rule(table, where), hold, named_in, _excluded(table, where), _families(table, where))


def _excluded(table: Table, where: str) -> frozenset[str]:
    codes = table["codes"]
    if not codes or not all(type(code) is str and CODE.fullmatch(code) for code in codes):
        raise RuleSetError(f"{where}: codes must be there, each of five digits or capital letters")
    return frozenset(codes)


def _families(table: Table, where: str) -> Words:
    return _words(table["families"], FAMILIES, f"{where}: families")


def _case(table: Table) -> Case:
    _keys(table, "case", {"name": str, "given": dict, "released": dict, "held": dict, "warnings": list}, {})
    where = f"case {table['name']}"
    for code, slugs in table["held"].items():
        _words(slugs, tuple(sorted(HOLDS)), f"{where}: held {code}")
    for slug in table["warnings"]:
        _known(slug, tuple(sorted(WARNINGS)), f"{where}: warnings")
    try:
        parse_facts(table["given"])
    except FactError as error:
        raise RuleSetError(f"{where}: given: {error}") from None
    return Case(**{**table, "warnings": tuple(table["warnings"])})


# What the parts must say together ------------------------------------------------------------------------------


def _agree(ruleset: RuleSet) -> None:
    _dates_agree(ruleset)
    _codes_agree(ruleset)
    _rules_agree(ruleset)
    _cases_agree(ruleset)


def _dates_agree(ruleset: RuleSet) -> None:
    first, last = ruleset.effective_from, ruleset.effective_to
    if first > last or first.day != 1 or last != last_day_of(last.isoformat()[:7]):
        raise RuleSetError(
            "effective_from and effective_to must be the first and last day of months, in order"
        )


def _codes_agree(ruleset: RuleSet) -> None:
    management, addon = ruleset.management, ruleset.management.addon
    used = [(step.code, "management") for step in management.steps]
    used += [(step.code, "device") for step in ruleset.device]
    used += [(ruleset.interpretation.code, "interpretation"), (ruleset.setup.code, "setup")]
    if addon:
        used.append((addon.code, "management"))
        _known(addon.base, (management.steps[-1].code,), "management add-on: base")
    if sorted(used) != sorted((code.code, code.family) for code in ruleset.codes):
        raise RuleSetError("every code must have one [[code]] and stand in one part of the set")


def _rules_agree(ruleset: RuleSet) -> None:
    ids = [rule.id for rule in ruleset.rules]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise RuleSetError(f"a rule needs a name of its own: {', '.join(twice)}")


def _cases_agree(ruleset: RuleSet) -> None:
    codes = tuple(code.code for code in ruleset.codes)
    for case in ruleset.cases:
        if not ruleset.effective_from <= last_day_of(case.given["month"]) <= ruleset.effective_to:
            raise RuleSetError(f"case {case.name}: its month is not one of the rule set's")
        for code in (*case.released, *case.held):
            _known(code, codes, f"case {case.name}: code")
    proven = {code for case in ruleset.cases for code in case.released}
    missing = sorted(set(codes) - proven)
    if missing:
        raise RuleSetError(f"no case releases {', '.join(missing)}")


# Helpers ---------------------------------------------------------------------------------------------------


def _keys(table: Any, where: str, required: Table, optional: Table) -> None:
    """The table has every required key, no unknown one, and under each a value of its type; no text is empty."""
    _is_table(table, where)
    for key in table:
        _known(key, (*required, *optional), where)
    given = {key: kind for key, kind in optional.items() if key in table}
    for key, kind in (required | given).items():
        value = table.get(key)
        if type(value) is not kind or (kind is str and not value.strip()):
            raise RuleSetError(f"{where}: {key} must be there, of type {kind.__name__}")


def _is_table(table: Any, where: str) -> None:
    if type(table) is not dict:
        raise RuleSetError(f"{where}: {table!r} is not a table")


def _name(table: Any, names: Table, where: str) -> str:
    """Which of the questions that the code can ask a table is about."""
    _is_table(table, where)
    return _known(table.get("rule"), tuple(names), f"{where}: rule")


def _only(table: Table, where: str, key: str) -> list[Table]:
    _keys(table, where, {key: list}, {})
    entries: list[Table] = table[key]
    return entries


def _known(word: Any, words: Words, where: str) -> str:
    if word not in words:
        raise RuleSetError(f"{where}: {word!r} is not one of {', '.join(words)}")
    return str(word)


def _words(given: Any, words: Words, where: str) -> Words:
    """A list of known words, each once, and not empty: with none of them a rule would never speak."""
    if type(given) is not list or not given:
        raise RuleSetError(f"{where} must be a list, and not empty")
    for word in given:
        _known(word, words, where)
    if len(set(given)) < len(given):
        raise RuleSetError(f"{where}: one of them is there twice")
    return tuple(given)


def _positive(number: int, where: str) -> int:
    if number < 1:
        raise RuleSetError(f"{where}: {number} is not above zero")
    return number


def _by_rule(parts: list[Any], names: Words, where: str) -> dict[str, Any]:
    by_rule = {part.rule.id: part for part in parts}
    if len(parts) != len(names) or set(by_rule) != set(names):
        raise RuleSetError(f"{where}: expected once each: {', '.join(names)}")
    return by_rule
