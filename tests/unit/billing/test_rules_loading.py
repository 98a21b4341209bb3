"""Rule sets as data: the files that ship, and the files that are refused."""

import dataclasses
import tomllib
from datetime import date, timedelta

import pytest

from billing.rules import NoRuleSet, RuleSetError, ruleset_for, rulesets
from billing.rules.catalogue import FOLDER, read_rulesets
from billing.rules.loading import ruleset_from
from billing.rules.vocabulary import CHECKS, EXCLUSIONS, HOLDS, PRECONDITIONS

LATEST = (FOLDER / "medicare_rpm_2026_01.toml").read_text()


def changed(tmp_path, old, new, count=1):
    """The latest file with a change in it, read."""
    assert old in LATEST
    (tmp_path / "changed.toml").write_text(LATEST.replace(old, new, count))
    return read_rulesets(tmp_path)


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
    assert all(ruleset.id in str(refusal.value) for ruleset in rulesets())


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


BROKEN = [
    ('id = "medicare-rpm-2026-01"', "id = 1", "file: id must be there"),
    ('title = "', 'heading = "', "file: 'heading'"),
    ("effective_to = 2026-12-31", "effective_to = 2026-12-30", "first and last day of months"),
    ("effective_from = 2026-01-01", "effective_from = 2026-01-02", "first and last day of months"),
    ("effective_from = 2026-01-01", "effective_from = 2027-01-01", "first and last day of months"),
    ('family = "setup"', 'family = "other"', "code 99453: family"),
    ('label = "RPM set-up and teaching"', 'descriptor = "x"', "code: 'descriptor'"),
    ('[[code]]\ncode = "99091"', '[[code]]\ncode = "99092"', "every code must have one [[code]]"),
    ("at_least = 10\n", "at_least = 0\n", "management step: 0 is not above zero"),
    ("at_least = 10\n", "at_least = 21\n", "management: steps must be there, and rise"),
    ("at_least = 10\n", 'at_least = "10"\n', "management step: at_least"),
    ("at_least = 10\n", "at_least = true\n", "management step: at_least"),
    ('unit = "minutes"', 'unit = "hours"', "management step: unit"),
    (
        '[management.step.replaced]\nrule = "99470-replaced"',
        '[management.other]\nrule = "x"',
        "management: 'other'",
    ),
    ("every = 20", "every = 0", "management add-on"),
    ("units = 3", "units = 0", "management add-on"),
    ('base = "99457"', 'base = "99470"', "management add-on: base"),
    ('mark = "B"', 'mark = "D"', "mark: 'D'"),
    ('rule = "99470-replaced"', 'rule = "99470-time"', "name of its own: 99470-time"),
    ('[[check]]\nhold = "no-live-contact"', '[[check]]\nhold = "no-contact"', "check live-contact: hold"),
    ('rule = "live-contact"', 'rule = "contact"', "check: rule"),
    ('rule = "spacing-99091"', 'rule = "spacing-device"', "check: expected once each"),
    ('at_least = 1\nunit = "contacts"', "", "check live-contact: at_least"),
    ('at_least = 1\nunit = "contacts"', 'at_least = 1\nunit = "days"', "check live-contact: unit"),
    (
        '[[check]]\nhold = "unsigned-time"',
        '[[check]]\nat_least = 1\nhold = "unsigned-time"',
        "check signed-time",
    ),
    ('fact = "consent_on"', 'fact = "order_signed_on"', "precondition consent: expected hold no-consent"),
    ('test = "true"', 'test = "always"', "precondition established: expected"),
    ('rule = "order"', 'rule = "consents"', "precondition: rule"),
    ('words = ["physician", "np", "pa", "cns", "cnm"]\n', "", "precondition practitioner: words"),
    ('named_in = ["billed_by_us", "billed_elsewhere"]', 'named_in = ["notes"]', "exclusion rtm: named_in"),
    ('rule = "smbp"', 'rule = "rtm"', "exclusion rtm: hold"),
    ('families = ["management"]', 'families = ["time"]', "exclusion other-management: families"),
    (
        '99457 = ["no-live-contact"]',
        '99457 = ["no-contact"]',
        "held 99457: 'no-contact' is not one of device-basis, dual",
    ),
    (
        'warnings = ["below-minimum"]',
        'warnings = ["low"]',
        "warnings: 'low' is not one of 99091-available, below",
    ),
    ('month = "2026-03"', 'month = "2025-03"', "its month is not one of the rule set's"),
    ("id = ", "id ", "changed.toml: "),
    ('title = "', 'title = ""  # "', "file: title must be there"),
    ('label = "RPM set-up and teaching"', 'label = " "', "code: label must be there"),
    ("at_least = 20\n", "at_least = 10\n", "management: steps must be there, and rise"),
    ("[management.addon]", "[[management.addon]]", "management: addon must be there, of type dict"),
    ("[[check]]", "[check]", "changed.toml: "),
    ('words = ["physician"', 'words = ["physican"', "precondition practitioner: words: 'physican'"),
    ('words = ["physician"', 'words = ["np"', "precondition practitioner: words: one of them is there twice"),
    (
        'words = ["physician", "np", "pa", "cns", "cnm"]',
        "words = []",
        "practitioner: words must be a list, and",
    ),
    ('words = ["none", ', 'words = ["physician", ', "precondition global: words: 'physician'"),
    ('fact = "consent_on"', 'words = ["np"]\nfact = "consent_on"', "precondition consent: 'words'"),
    (
        'families = ["setup", "device"]',
        "families = []",
        "device-basis: families must be a list, and not empty",
    ),
    (
        'families = ["setup", "device"]',
        'families = ["setup", "setup"]',
        "families: one of them is there twice",
    ),
    (
        'named_in = ["billed_by_us", "billed_elsewhere"]',
        "named_in = []",
        "exclusion rtm: named_in must be a list",
    ),
    ('codes = ["99473", "99474"]', "codes = []", "exclusion smbp: codes must be there, each of five"),
    ('codes = ["99473", "99474"]', 'codes = ["99473", "9947"]', "exclusion smbp: codes must be there, each"),
    ('codes = ["99473", "99474"]', "codes = [99473]", "exclusion smbp: codes must be there, each of five"),
    ('99457 = ["no-live-contact"]', '99457 = "no-live-contact"', "held 99457 must be a list, and not empty"),
    ('99457 = ["no-live-contact"]', "99457 = []", "held 99457 must be a list, and not empty"),
    ("held = { 99457 = [", "held = { 99459 = [", "contact the code is held: code: '99459' is not one of"),
    (
        "released = { 99470 = 1 }",
        "released = { 99471 = 1 }",
        "short management code: code: '99471' is not one",
    ),
    ("clinical_staff_seconds = 599", "staff_seconds = 599", "earn nothing: given: staff_seconds: unknown"),
    (
        "clinical_staff_seconds = 599",
        "clinical_staff_seconds = -1",
        "given: clinical_staff_seconds: expected",
    ),
    ('month = "2026-03"\n', "", "case nine full minutes and 59 seconds earn nothing: given: month: expected"),
]

NOT_TABLES = [
    ("code", "code: 1 is not a table"),
    ("check", "check: 1 is not a table"),
    ("precondition", "precondition: 1 is not a table"),
    ("exclusion", "exclusion: 1 is not a table"),
    ("case", "case: 1 is not a table"),
]


@pytest.mark.parametrize(("old", "new", "words"), BROKEN)
def test_a_file_that_is_refused(tmp_path, old, new, words):
    with pytest.raises(RuleSetError) as refusal:
        changed(tmp_path, old, new)
    assert words in str(refusal.value)
    assert "changed.toml" in str(refusal.value)


@pytest.mark.parametrize(("name", "words"), NOT_TABLES)
def test_a_part_that_is_no_table_is_refused(name, words):
    table = tomllib.loads(LATEST)
    table[name] = [1]
    with pytest.raises(RuleSetError, match=words):
        ruleset_from(table)


def test_a_file_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "changed.toml").write_bytes(LATEST.encode() + "# \u00fc".encode("latin-1"))
    with pytest.raises(RuleSetError, match="changed.toml: 'utf-8' codec"):
        read_rulesets(tmp_path)


def test_a_rule_without_a_source_is_refused(tmp_path):
    line = next(line for line in LATEST.splitlines() if line.startswith("source ="))
    with pytest.raises(RuleSetError, match="source must be there"):
        changed(tmp_path, line, 'source = " "')


def test_a_step_that_nothing_replaces_must_be_the_last(tmp_path):
    start = LATEST.index("[management.step.replaced]")
    end = LATEST.index("[[management.step]]", start)
    with pytest.raises(RuleSetError, match="what replaces it"):
        changed(tmp_path, LATEST[start:end], "")


def test_a_set_without_cases_is_refused(tmp_path):
    with pytest.raises(RuleSetError, match="case must be there"):
        changed(tmp_path, LATEST[LATEST.index("[[case]]") :], "")


def test_a_set_with_a_code_that_no_case_releases_is_refused(tmp_path):
    with pytest.raises(RuleSetError, match="no case releases 99091"):
        changed(tmp_path, "released = { 99091 = 1 }", "released = { 99457 = 1 }")


def test_a_gap_between_rule_sets_is_refused(tmp_path):
    for year in ("2024", "2026"):
        name = f"medicare_rpm_{year}_01.toml"
        (tmp_path / name).write_text((FOLDER / name).read_text())
    with pytest.raises(RuleSetError, match="must begin the day after"):
        read_rulesets(tmp_path)


def test_two_rule_sets_of_one_name_are_refused(tmp_path):
    for year in ("2024", "2025"):
        text = (FOLDER / f"medicare_rpm_{year}_01.toml").read_text()
        (tmp_path / f"{year}.toml").write_text(text.replace(f"medicare-rpm-{year}-01", "the-same"))
    with pytest.raises(RuleSetError, match="id of its own"):
        read_rulesets(tmp_path)


def test_a_new_year_is_a_new_file(tmp_path):
    for path in FOLDER.glob("*.toml"):
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "next.toml").write_text(LATEST.replace("2026-", "2027-").replace("rpm-2026", "rpm-2027"))
    latest = read_rulesets(tmp_path)[-1]
    assert latest.id == "medicare-rpm-2027-01"
    assert latest.device_rules_since == date(2026, 1, 1)
