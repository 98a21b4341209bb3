"""Every second from none to two hours against integer arithmetic."""

from dataclasses import replace

import pytest

from billing.rules import PeriodFacts, Policy, ruleset_for, rulesets, select_codes
from billing.rules.ladder import earned

LAW = {  # month, one of every rule set: (least minutes of the short code or None, unit limit of the add-on)
    "2019-06": (None, 0),
    "2020-06": (None, 2),
    "2021-06": (None, 2),
    "2022-06": (None, 2),
    "2023-06": (None, 2),
    "2023-07": (None, 3),
    "2024-06": (None, 3),
    "2025-12": (None, 3),
    "2026-03": (10, 3),
}
TWO_HOURS = range(7201)


def test_every_rule_set_is_swept():
    assert [ruleset_for(month) for month in LAW] == list(rulesets())


def expected(seconds, short_from, limit):
    minutes = seconds // 60
    if minutes >= 20:
        addons = min((minutes - 20) // 20, limit)
        return {"99457": 1, "99458": addons} if addons else {"99457": 1}
    return {"99470": 1} if short_from and minutes >= short_from else {}


def in_order(month, **more):
    papers = {
        "consent_on": ruleset_for("2019-01").effective_from,
        "order_signed_on": ruleset_for("2019-01").effective_from,
        "established_patient": True,
        "necessity_documented": True,
        "supervising_practitioner": True,
        "device_basis_on_file": True,
        "auto_reading_days_in_month": 20,
        "live_contacts": 1,
    }
    return PeriodFacts(month=month, **papers, **more)


@pytest.mark.parametrize("month", LAW)
def test_every_second_of_two_hours(month):
    ruleset = ruleset_for(month)
    for seconds in TWO_HOURS:
        decision = select_codes(in_order(month, clinical_staff_seconds=seconds), ruleset)
        assert decision.released == expected(seconds, *LAW[month]), seconds
        assert decision.held == {}


@pytest.mark.parametrize("limit", range(5))
@pytest.mark.parametrize("month", LAW)
def test_every_second_under_every_limit(month, limit):
    """The ladder alone: a limit touches nothing else. Then the whole decision around every full minute."""
    ruleset, (short_from, lawful) = ruleset_for(month), LAW[month]
    facts = in_order(month, policy=Policy(unit_limit_99458=limit))
    for seconds in TWO_HOURS:
        base, units = earned(seconds, facts, ruleset).selection
        codes = {code: count for code, count in ((base, 1), ("99458", units)) if code and count}
        assert codes == expected(seconds, short_from, min(lawful, limit)), seconds
    for seconds in (minute * 60 + off for minute in range(1, 121) for off in (-1, 0)):
        decision = select_codes(replace(facts, clinical_staff_seconds=seconds), ruleset)
        assert decision.released == expected(seconds, short_from, min(lawful, limit)), seconds
        past = lawful > 0 and (seconds // 60 - 20) // 20 > min(lawful, limit)
        assert ("unit-limit" in decision.warnings) == past, seconds


@pytest.mark.parametrize("month", LAW)
def test_it_does_not_matter_whose_seconds_they_are(month):
    """Up to a second under the thirty minutes that are 99091's."""
    ruleset = ruleset_for(month)
    for seconds in range(0, 1800, 7):
        decision = select_codes(in_order(month, clinical_staff_seconds=90, qhp_seconds=seconds), ruleset)
        assert decision.released == expected(seconds + 90, *LAW[month]), seconds


@pytest.mark.parametrize("month", LAW)
def test_every_second_of_99091(month):
    ruleset = ruleset_for(month)
    for seconds in range(1500, 2101):
        facts = in_order(month, qhp_seconds_30_days=seconds)
        earned = {"99091": 1} if seconds // 60 >= 30 else {}
        assert select_codes(facts, ruleset).released == earned, seconds


@pytest.mark.parametrize("month", LAW)
def test_the_minute_lines_are_where_the_codes_change(month):
    ruleset = ruleset_for(month)
    codes = [expected(minute * 60, *LAW[month]) for minute in range(121)]
    changes = tuple(minute for minute in range(1, 121) if codes[minute] != codes[minute - 1])
    assert ruleset.management.minute_lines == changes
