"""The rulebook can fail: each of these small misreadings of the law is noticed by its rows.

docs/rules-proof.md tells of the mutation run, which does the same for every line.
"""

from dataclasses import replace

import pytest

from billing.rules import HOLDS, parse_facts, ruleset_for, select_codes, to_dict
from tests.rulebook.test_cases import cases

ROWS = [
    (case.values[0], case.values[1]) for name in ("select_codes.jsonl", "edges.jsonl") for case in cases(name)
]


def rows_that_fail(read=parse_facts, law=ruleset_for):
    """How many rows come out otherwise when the facts are read, or the law stands, like this."""
    return sum(not _comes_out(given, expect, read, law) for given, expect in ROWS)


def _comes_out(given, expect, read, law):
    facts = read(given)
    decision = to_dict(select_codes(facts, law(facts.month)))
    return (decision["released"], decision["held"]) == (expect["released"], expect["held"])


def rounded_up(given):
    facts = parse_facts(given)
    return replace(facts, clinical_staff_seconds=(facts.clinical_staff_seconds + 59) // 60 * 60)


def midpoint_credit(month):
    ruleset = ruleset_for(month)
    addon = ruleset.management.addon
    return _with_management(ruleset, addon=addon and replace(addon, every=10))


def a_limit_higher(month):
    ruleset = ruleset_for(month)
    addon = ruleset.management.addon
    return _with_management(ruleset, addon=addon and replace(addon, limit=addon.limit + 1))


def a_minute_more(month):
    ruleset = ruleset_for(month)
    steps = tuple(replace(step, at_least=step.at_least + 1) for step in ruleset.management.steps)
    return _with_management(ruleset, steps=steps)


def a_day_less(month):
    ruleset = ruleset_for(month)
    return replace(
        ruleset, device=tuple(replace(step, at_least=step.at_least - 1) for step in ruleset.device)
    )


def no_change_of_device_rules(month):
    return replace(ruleset_for(month), device_rules_since=None)


def short_codes_a_year_early(month):
    ruleset = ruleset_for(month)
    if not month.startswith("2025"):
        return ruleset
    return replace(ruleset_for("2026-03"), effective_from=ruleset.effective_from)


def _with_management(ruleset, **changes):
    return replace(ruleset, management=replace(ruleset.management, **changes))


MISREADINGS = [midpoint_credit, a_limit_higher, a_minute_more, a_day_less, no_change_of_device_rules]


def test_read_as_it_stands_no_row_fails():
    assert rows_that_fail() == 0


@pytest.mark.parametrize("law", [*MISREADINGS, short_codes_a_year_early])
def test_a_misreading_of_the_law_is_noticed(law):
    assert rows_that_fail(law=law)


def test_seconds_rounded_up_are_noticed():
    assert rows_that_fail(read=rounded_up)


@pytest.mark.parametrize("hold", sorted(HOLDS))
def test_a_hold_forgotten_is_noticed(hold):
    assert any(hold in slugs for _, expect in ROWS for slugs in expect["held"].values())


@pytest.mark.parametrize("check", ruleset_for("2026-03").checks)
def test_another_number_in_a_check_is_noticed(check):
    def law(month):
        ruleset = ruleset_for(month)
        asked = ruleset.checks[check]
        return replace(ruleset, checks={**ruleset.checks, check: replace(asked, at_least=asked.at_least + 1)})

    assert bool(rows_that_fail(law=law)) == bool(ruleset_for("2026-03").checks[check].at_least)
