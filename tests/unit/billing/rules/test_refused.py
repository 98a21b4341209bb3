"""Rule-set files that are refused, and the words in which they are."""

import re
import tomllib
from copy import deepcopy

import pytest

from billing.rules import RuleSetError
from billing.rules.catalog import FOLDER, read_rulesets
from billing.rules.loading import load_ruleset, ruleset_from

LATEST = (FOLDER / "medicare_rpm_2026_01.toml").read_text()
TABLES = tomllib.loads(LATEST)


def changed(tmp_path, old, new, count=1):
    """The latest file with a change in it, read."""
    assert old in LATEST
    (tmp_path / "changed.toml").write_text(LATEST.replace(old, new, count))
    return load_ruleset(tmp_path / "changed.toml")


# What is replaced in the file, by what, and the refusal: to its end, or to the "…".
BROKEN = [
    ('id = "medicare-rpm-2026-01"', "id = 1", "file: id must be there, of type str"),
    (
        'title = "',
        'heading = "',
        "file: 'heading' is not one of id, title, effective_from, effective_to, code, management,…",
    ),
    (
        "effective_to = 2026-12-31",
        "effective_to = 2026-12-30",
        "effective_from and effective_to must be the first and last day of months, in order",
    ),
    (
        "effective_from = 2026-01-01",
        "effective_from = 2026-01-02",
        "effective_from and effective_to must be the first and last day of months, in order",
    ),
    (
        "effective_from = 2026-01-01",
        "effective_from = 2027-01-01",
        "effective_from and effective_to must be the first and last day of months, in order",
    ),
    (
        'family = "setup"',
        'family = "other"',
        "code 99453: family: 'other' is not one of setup, device, management, interpretation",
    ),
    (
        'label = "RPM set-up and teaching"',
        'descriptor = "x"',
        "code: 'descriptor' is not one of code, label, family",
    ),
    (
        '[[code]]\ncode = "99091"',
        '[[code]]\ncode = "99092"',
        "every code must have one [[code]] and stand in one part of the set",
    ),
    ("at_least = 10\n", "at_least = 0\n", "management step: 0 is not above zero"),
    ("at_least = 10\n", "at_least = 21\n", "management: steps must be there, and rise"),
    ("at_least = 10\n", 'at_least = "10"\n', "management step: at_least must be there, of type int"),
    ("at_least = 10\n", "at_least = true\n", "management step: at_least must be there, of type int"),
    ('unit = "minutes"', 'unit = "hours"', "management step: unit: 'hours' is not one of minutes"),
    (
        '[management.step.replaced]\nrule = "99470-replaced"',
        '[management.other]\nrule = "x"',
        "management: 'other' is not one of step, addon",
    ),
    ("every = 20", "every = 0", "management add-on: 0 is not above zero"),
    ("units = 3", "units = 0", "management add-on: limit: 0 is not above zero"),
    ('base = "99457"', 'base = "99470"', "management add-on: base: '99470' is not one of 99457"),
    ('mark = "B"', 'mark = "D"', "management step: mark: 'D' is not one of A, B, C, K"),
    ('rule = "99470-replaced"', 'rule = "99470-time"', "a rule needs a name of its own: 99470-time"),
    (
        '[[check]]\nhold = "no-live-contact"',
        '[[check]]\nhold = "no-contact"',
        "check live-contact: hold: 'no-contact' is not one of no-live-contact",
    ),
    (
        'rule = "live-contact"',
        'rule = "contact"',
        "check: rule: 'contact' is not one of live-contact, signed-time, readings-management,…",
    ),
    (
        'rule = "spacing-99091"',
        'rule = "spacing-device"',
        "check: expected once each: live-contact, signed-time, readings-management, readings-99091…",
    ),
    ('at_least = 1\nunit = "contacts"', "", "check live-contact: at_least must be there, of type int"),
    (
        'at_least = 1\nunit = "contacts"',
        'at_least = 1\nunit = "days"',
        "check live-contact: unit: 'days' is not one of contacts",
    ),
    (
        '[[check]]\nhold = "unsigned-time"',
        '[[check]]\nat_least = 1\nhold = "unsigned-time"',
        "check signed-time: 'at_least' is not one of hold, rule, source, mark",
    ),
    (
        'fact = "consent_on"',
        'fact = "order_signed_on"',
        "precondition consent: expected hold no-consent, fact consent_on, test by-month-end",
    ),
    (
        'test = "true"',
        'test = "always"',
        "precondition established: expected hold not-established, fact established_patient, test true",
    ),
    (
        'rule = "order"',
        'rule = "consents"',
        "precondition: rule: 'consents' is not one of consent, order, established, necessity, supervision,…",
    ),
    (
        'words = ["physician", "np", "pa", "cns", "cnm"]\n',
        "",
        "precondition practitioner: words must be there, of type list",
    ),
    (
        'named_in = ["billed_by_us", "billed_elsewhere"]',
        'named_in = ["notes"]',
        "exclusion rtm: named_in: 'notes' is not one of billed_by_us, billed_elsewhere",
    ),
    ('rule = "smbp"', 'rule = "rtm"', "exclusion rtm: hold: 'smbp-conflict' is not one of rtm-conflict"),
    (
        'families = ["management"]',
        'families = ["time"]',
        "exclusion other-management: families: 'time' is not one of setup, device, management, interpretation",
    ),
    (
        '99457 = ["no-live-contact"]',
        '99457 = ["no-contact"]',
        "case without a live contact the code is held: held 99457: 'no-contact' is not one of device-basis,…",
    ),
    (
        'warnings = ["below-minimum"]',
        'warnings = ["low"]',
        "case nine full minutes and 59 seconds earn nothing: warnings: 'low' is not one of 99091-available,…",
    ),
    (
        'month = "2026-03"',
        'month = "2025-03"',
        "case nine full minutes and 59 seconds earn nothing: its month is not one of the rule set's",
    ),
    ("id = ", "id ", "Expected '=' after a key in a key/value pair…"),
    ('title = "', 'title = ""  # "', "file: title must be there, of type str"),
    ('label = "RPM set-up and teaching"', 'label = " "', "code: label must be there, of type str"),
    ("at_least = 20\n", "at_least = 10\n", "management: steps must be there, and rise"),
    ("[management.addon]", "[[management.addon]]", "management: addon must be there, of type dict"),
    ("[[check]]", "[check]", "Cannot overwrite a value…"),
    (
        'words = ["physician"',
        'words = ["physican"',
        "precondition practitioner: words: 'physican' is not one of physician, np, pa, cns, cnm, pt, ot, slp",
    ),
    ('words = ["physician"', 'words = ["np"', "precondition practitioner: words: one of them is there twice"),
    (
        'words = ["physician", "np", "pa", "cns", "cnm"]',
        "words = []",
        "precondition practitioner: words must be a list, and not empty",
    ),
    (
        'words = ["none", ',
        'words = ["physician", ',
        "precondition global: words: 'physician' is not one of none, related, unrelated_attested",
    ),
    (
        'fact = "consent_on"',
        'words = ["np"]\nfact = "consent_on"',
        "precondition consent: 'words' is not one of hold, fact, test, families, rule, source, mark",
    ),
    (
        'families = ["setup", "device"]',
        "families = []",
        "precondition device-basis: families must be a list, and not empty",
    ),
    (
        'families = ["setup", "device"]',
        'families = ["setup", "setup"]',
        "precondition device-basis: families: one of them is there twice",
    ),
    (
        'named_in = ["billed_by_us", "billed_elsewhere"]',
        "named_in = []",
        "exclusion rtm: named_in must be a list, and not empty",
    ),
    (
        'codes = ["99473", "99474"]',
        "codes = []",
        "exclusion smbp: codes must be there, each of five digits or capital letters",
    ),
    (
        'codes = ["99473", "99474"]',
        'codes = ["99473", "9947"]',
        "exclusion smbp: codes must be there, each of five digits or capital letters",
    ),
    (
        'codes = ["99473", "99474"]',
        "codes = [99473]",
        "exclusion smbp: codes must be there, each of five digits or capital letters",
    ),
    (
        '99457 = ["no-live-contact"]',
        '99457 = "no-live-contact"',
        "case without a live contact the code is held: held 99457 must be a list, and not empty",
    ),
    (
        '99457 = ["no-live-contact"]',
        "99457 = []",
        "case without a live contact the code is held: held 99457 must be a list, and not empty",
    ),
    (
        "held = { 99457 = [",
        "held = { 99459 = [",
        "case without a live contact the code is held: code: '99459' is not one of 99091, 99445, 99453,…",
    ),
    (
        "released = { 99470 = 1 }",
        "released = { 99471 = 1 }",
        "case ten minutes earn the short management code: code: '99471' is not one of 99091, 99445, 99453,…",
    ),
    (
        "clinical_staff_seconds = 599",
        "staff_seconds = 599",
        "case nine full minutes and 59 seconds earn nothing: given: staff_seconds: unknown; expected one of…",
    ),
    (
        "clinical_staff_seconds = 599",
        "clinical_staff_seconds = -1",
        "case nine full minutes and 59 seconds earn nothing: given: clinical_staff_seconds: expected a whole…",
    ),
    (
        'month = "2026-03"\n',
        "",
        "case nine full minutes and 59 seconds earn nothing: given: month: expected, but it is missing",
    ),
]


@pytest.mark.parametrize(("old", "new", "words"), BROKEN)
def test_a_file_that_is_refused(tmp_path, old, new, words):
    with pytest.raises(RuleSetError) as refusal:
        changed(tmp_path, old, new)
    said = str(refusal.value)
    assert (
        said.startswith(f"changed.toml: {words[:-1]}")
        if words.endswith("…")
        else said == f"changed.toml: {words}"
    )


def refusal_of(table):
    with pytest.raises(RuleSetError) as refusal:
        ruleset_from(table)
    return str(refusal.value)


@pytest.mark.parametrize("name", ["code", "check", "precondition", "exclusion", "case"])
def test_a_part_that_is_no_table_is_refused(name):
    assert refusal_of(TABLES | {name: [1]}) == f"{name}: 1 is not a table"


# Where each kind of table stands in the file, what a refusal calls it, and the names of its optional keys.
def place(where, *path, optional=()):
    return pytest.param(path, where, optional, id=where)


PLACES = [
    place("file"),
    place("code", "code", 0),
    place("management", "management", optional=("addon",)),
    place("management step", "management", "step", 0, optional=("replaced",)),
    place("management step: replaced", "management", "step", 0, "replaced"),
    place("management add-on", "management", "addon"),
    place("management add-on: limit", "management", "addon", "limit"),
    place("interpretation", "interpretation"),
    place("interpretation: alternative", "interpretation", "alternative"),
    place("interpretation: single_use", "interpretation", "single_use"),
    place("device", "device"),
    place("device step", "device", "step", 0, optional=("replaced",)),
    place("device step: replaced", "device", "step", 0, "replaced"),
    place("setup", "setup"),
    place("setup: done", "setup", "done"),
    place("setup: once", "setup", "once"),
    place("check live-contact", "check", 0),
    place("check signed-time", "check", 1),
    place("precondition consent", "precondition", 0),
    place("precondition practitioner", "precondition", 5),
    place("exclusion rtm", "exclusion", 0),
    place("case", "case", 0),
]
NAMED = ("check", "precondition", "exclusion")


def at(path):
    """A fresh copy of the file as tables, and the table at a path in it."""
    table = found = deepcopy(TABLES)
    for step in path:
        found = found[step]
    return table, found


@pytest.mark.parametrize(("path", "where", "optional"), PLACES)
def test_an_unknown_key_is_refused(path, where, optional):
    table, found = at(path)
    known = list(found)
    found["other"] = 1
    said = refusal_of(table)
    assert said.startswith(f"{where}: 'other' is not one of ")
    assert set(known) <= set(re.split(", | ", said))


@pytest.mark.parametrize(("path", "where", "optional"), PLACES)
def test_a_key_that_is_missing_or_of_another_type_is_refused(path, where, optional):
    for key, value in at(path)[1].items():
        wanted = f"{where}: {key} must be there, of type {type(value).__name__}"
        if key == "rule" and where.startswith(NAMED):
            continue  # without it nobody knows which of them it is; see below
        table, found = at(path)
        found[key] = 1.5
        assert refusal_of(table) == wanted
        table, found = at(path)
        del found[key]
        if key not in optional:
            assert refusal_of(table) == wanted
        if isinstance(value, str):
            found[key] = " "
            assert refusal_of(table) == wanted


@pytest.mark.parametrize("name", NAMED)
def test_a_part_without_its_name_or_given_twice_is_refused(name):
    table, found = at((name, 0))
    first = found.pop("rule")
    assert refusal_of(table).startswith(f"{name}: rule: None is not one of {first}, ")
    table, _ = at(())
    table[name].pop()
    names = ", ".join(part["rule"] for part in at(())[0][name])
    assert refusal_of(table) == f"{name}: expected once each: {names}"
    table[name].append(table[name][0])
    assert refusal_of(table) == f"{name}: expected once each: {names}"


@pytest.mark.parametrize(("path", "where", "optional"), PLACES)
def test_marks_units_and_numbers_are_checked_wherever_they_stand(path, where, optional):
    for key, wrong, words in (
        ("mark", "D", "mark: 'D' is not one of A, B, C, K"),
        ("at_least", 0, "0 is not above zero"),
        ("every", -1, "-1 is not above zero"),
        ("units", 0, "0 is not above zero"),
        ("hold", "x", ""),
    ):
        table, found = at(path)
        if key in found:
            found[key] = wrong
            assert refusal_of(table).startswith(f"{where}: {words}")
    table, found = at(path)
    if "unit" in found:
        unit, found["unit"] = found["unit"], "weeks"
        assert refusal_of(table) == f"{where}: unit: 'weeks' is not one of {unit}"


def test_a_file_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "changed.toml").write_bytes(LATEST.encode() + b"# \xfc")
    with pytest.raises(RuleSetError, match="^changed.toml: 'utf-8' codec"):
        load_ruleset(tmp_path / "changed.toml")


def test_every_step_but_the_last_says_what_replaces_it():
    said = "management: every step but the last must say what replaces it"
    table, step = at(("management", "step", 0))
    del step["replaced"]
    assert refusal_of(table) == said
    table, steps = at(("management", "step"))
    steps[1]["replaced"] = steps[0]["replaced"]
    assert refusal_of(table) == said


def test_a_ladder_without_steps_is_refused():
    table, management = at(("management",))
    management["step"] = []
    assert refusal_of(table) == "management: steps must be there, and rise"
    table, device = at(("device",))
    device["step"].reverse()
    assert refusal_of(table) == "device: steps must be there, and rise"


def test_a_set_without_cases_is_refused(tmp_path):
    with pytest.raises(RuleSetError, match="^changed.toml: file: case must be there, of type list$"):
        changed(tmp_path, LATEST[LATEST.index("[[case]]") :], "")
    codes = "99091, 99445, 99453, 99454, 99457, 99458, 99470"
    assert refusal_of(TABLES | {"case": []}) == f"no case releases {codes}"


def test_a_set_with_a_code_that_no_case_releases_is_refused(tmp_path):
    with pytest.raises(RuleSetError, match="no case releases 99091$"):
        changed(tmp_path, "released = { 99091 = 1 }", "released = { 99457 = 1 }")


@pytest.mark.parametrize("month", ["2025-12", "2027-01"])
def test_a_case_of_a_month_outside_is_refused(month):
    table, case = at(("case", 0))
    case["given"]["month"] = month
    assert refusal_of(table) == f"case {case['name']}: its month is not one of the rule set's"


@pytest.mark.parametrize("month", ["2026-01", "2026-12"])
def test_a_case_of_the_first_or_last_month_is_taken(month):
    table, case = at(("case", 0))
    case["given"]["month"] = month
    assert ruleset_from(table).cases[0].given["month"] == month


def test_names_that_are_there_twice_are_told_in_order():
    table, management = at(("management",))
    management["step"][1]["rule"] = "consent"
    management["addon"]["rule"] = "99445-days"
    assert refusal_of(table) == "a rule needs a name of its own: 99445-days, consent"


def test_a_gap_between_rule_sets_is_refused(tmp_path):
    for year in ("2024", "2026"):
        name = f"medicare_rpm_{year}_01.toml"
        (tmp_path / name).write_text((FOLDER / name).read_text())
    with pytest.raises(
        RuleSetError, match="^medicare-rpm-2026-01 must begin the day after medicare-rpm-2024-01 ends$"
    ):
        read_rulesets(tmp_path)


def test_two_rule_sets_of_one_name_are_refused(tmp_path):
    for year in ("2024", "2025"):
        text = (FOLDER / f"medicare_rpm_{year}_01.toml").read_text()
        (tmp_path / f"{year}.toml").write_text(text.replace(f"medicare-rpm-{year}-01", "the-same"))
    with pytest.raises(RuleSetError, match="^every rule set needs an id of its own$"):
        read_rulesets(tmp_path)
