"""Rule sets as data: the files that ship."""

import dataclasses
from datetime import date, timedelta

import pytest

from billing.rules import NoRuleSet, ruleset_for, rulesets
from billing.rules.catalog import FOLDER, read_rulesets
from billing.rules.vocabulary import CHECKS, EXCLUSIONS, HOLDS, PRECONDITIONS


def test_the_rule_sets_follow_one_another_from_2019_to_2026():
    dates = [(ruleset.effective_from, ruleset.effective_to) for ruleset in rulesets()]
    assert dates[0][0] == date(2019, 1, 1)
    assert dates[-1][1] == date(2026, 12, 31)
    assert all(
        later[0] == earlier[1] + timedelta(days=1) for earlier, later in zip(dates, dates[1:], strict=False)
    )
    assert date(2023, 7, 1) in {start for start, _ in dates}


def test_every_month_has_its_rule_set():
    for year in range(2019, 2027):
        for number in range(1, 13):
            ruleset = ruleset_for(f"{year}-{number:02d}")
            assert ruleset.effective_from <= date(year, number, 15) <= ruleset.effective_to
            assert ruleset_for(date(year, number, 15)) is ruleset


@pytest.mark.parametrize("month", ["2018-12", "2027-01", "0001-01", "9999-12", date(2018, 12, 31)])
def test_a_month_outside_names_the_rule_sets_there_are(month):
    with pytest.raises(NoRuleSet) as refusal:
        ruleset_for(month)
    names = ", ".join(ruleset.id for ruleset in rulesets())
    assert str(refusal.value) == f"month: no rule set covers {str(month)[:7]}; there are {names}"


@pytest.mark.parametrize(
    ("month", "codes"),
    [
        ("2019-06", "99091 99453 99454 99457"),
        ("2020-06", "99091 99453 99454 99457 99458"),
        ("2025-12", "99091 99453 99454 99457 99458"),
        ("2026-01", "99091 99445 99453 99454 99457 99458 99470"),
    ],
)
def test_codes_by_year(month, codes):
    assert " ".join(code.code for code in ruleset_for(month).codes) == codes


def test_device_rules_changed_in_2026_only():
    since = {ruleset.id: ruleset.device_rules_since for ruleset in rulesets()}
    assert {day for day in since.values() if day} == {date(2026, 1, 1)}
    assert since["medicare-rpm-2026-01"] == date(2026, 1, 1)


def test_a_title_says_from_when_to_when():
    for ruleset in rulesets():
        dates = f"{ruleset.effective_from} to {ruleset.effective_to}"
        assert ruleset.title == f"Medicare remote physiologic monitoring, {dates}"


def test_every_rule_says_its_source_and_mark():
    for ruleset in rulesets():
        for rule in ruleset.rules:
            assert rule.source.strip()
            assert rule.mark in "ABCK"


def test_every_hold_has_a_rule():
    slugs = {hold for hold, *_ in [*CHECKS.values(), *PRECONDITIONS.values()]} | set(EXCLUSIONS.values())
    assert slugs == HOLDS


def test_labels_are_our_own():
    assert ruleset_for("2026-03").label("99457") == "RPM management, first 20 min"


def test_a_rule_set_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ruleset_for("2026-03").id = "mine"


def test_a_new_year_is_a_new_file(tmp_path):
    for path in FOLDER.glob("*.toml"):
        (tmp_path / path.name).write_text(path.read_text())
    latest, year = rulesets()[-1], rulesets()[-1].effective_to.year
    text = max(FOLDER.glob("*.toml")).read_text()
    assert latest.id in text
    (tmp_path / "next.toml").write_text(text.replace(f"{year}-", f"{year + 1}-"))
    new = read_rulesets(tmp_path)[-1]
    assert new.effective_from == latest.effective_to + timedelta(days=1)
    assert new.device_rules_since == latest.device_rules_since
