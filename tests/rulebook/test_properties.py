"""What holds for every patient-month, whatever its facts."""

import json
import random
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.rules import (
    HOLDS,
    WARNINGS,
    FactError,
    decision_json,
    facts_json,
    parse_facts,
    ruleset_for,
    rulesets,
    select_codes,
    to_dict,
)
from tests.rulebook.random_facts import SECONDS, facts
from tests.rulebook.reference import decide as reference

# Asserted is what holds, not how fast: on a busy machine the first draws take a second.
QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
MANY = settings(max_examples=600, **QUIET)
SOME = settings(max_examples=200, **QUIET)
MANAGEMENT = ("99470", "99457", "99458")


def decided(given_facts):
    read = parse_facts(given_facts)
    return select_codes(read, ruleset_for(read.month))


def units(decision, code):
    return decision.released.get(code, 0) + decision.held_units.get(code, 0)


def test_the_random_facts_reach_every_rule_set_hold_and_warning():
    """Else the properties below would hold of nothing. Derandomised: it cannot fail by bad luck."""
    seen = set()

    @settings(max_examples=1000, derandomize=True, database=None, **QUIET)
    @given(facts())
    def look(given_facts):
        decision = decided(given_facts)
        seen.update([decision.ruleset, *decision.warnings, *decision.released])
        seen.update(f"held {slug}" for slugs in decision.held.values() for slug in slugs)

    look()
    ids = {ruleset.id for ruleset in rulesets()}
    codes = {code.code for ruleset in rulesets() for code in ruleset.codes}
    assert ids | codes | WARNINGS | {f"held {slug}" for slug in HOLDS} <= seen


@MANY
@given(facts())
def test_the_decision_is_that_of_the_reference(given_facts):
    plain = to_dict(decided(given_facts))
    assert {key: plain[key] for key in ("released", "held", "held_units", "warnings")} == reference(
        given_facts
    )


@SOME
@given(facts())
def test_every_code_of_the_rule_set_has_an_outcome_with_findings(given_facts):
    decision = decided(given_facts)
    codes = [code.code for code in ruleset_for(given_facts["month"]).codes]
    assert sorted({outcome.code for outcome in decision.outcomes}) == codes
    assert [outcome.code for outcome in decision.outcomes] == sorted(
        outcome.code for outcome in decision.outcomes
    )
    assert all(outcome.findings for outcome in decision.outcomes)
    keys = [(outcome.code, outcome.status) for outcome in decision.outcomes]
    assert len(set(keys)) == len(keys)


@SOME
@given(facts())
def test_an_outcome_agrees_with_its_findings(given_facts):
    for outcome in decided(given_facts).outcomes:
        unmet = [finding for finding in outcome.findings if not finding.met]
        if outcome.status == "released":
            assert outcome.units
            assert {finding.rule for finding in unmet} <= {"99458-limit"}
        elif outcome.status == "held":
            assert outcome.units
            assert outcome.holds
            assert unmet
        else:
            assert (outcome.units, outcome.holds) == (0, ())
            assert unmet


@SOME
@given(facts())
def test_short_and_full_codes_exclude_each_other(given_facts):
    decision = decided(given_facts)
    assert not (units(decision, "99470") and units(decision, "99457"))
    assert not (units(decision, "99470") and units(decision, "99458"))


@SOME
@given(facts())
def test_the_add_on_is_never_without_its_base_nor_past_its_limit(given_facts):
    decision = decided(given_facts)
    assert not units(decision, "99458") or units(decision, "99457") == 1
    assert "99458" not in decision.released or "99457" in decision.released
    addon = ruleset_for(given_facts["month"]).management.addon
    lawful = addon.limit if addon else 0
    lowered = given_facts.get("policy", {}).get("unit_limit_99458", lawful)
    assert units(decision, "99458") <= min(lawful, lowered)


@SOME
@given(facts())
def test_a_window_earns_one_code_at_most(given_facts):
    decision = decided(given_facts)
    assert units(decision, "99445") + units(decision, "99454") <= len(given_facts.get("device_windows", []))


@SOME
@given(facts())
def test_held_and_released_management_units_are_disjoint(given_facts):
    """A precondition that fails releases nothing; and each released code stands there with no hold."""
    decision = decided(given_facts)
    if not given_facts.get("established_patient", False):
        assert decision.released == {}
    held = {(outcome.code, outcome.units) for outcome in decision.outcomes if outcome.status == "held"}
    assert held == set(decision.held_units.items())
    for outcome in decision.outcomes:
        assert bool(outcome.holds) == (outcome.status == "held")


@SOME
@given(facts())
def test_management_and_interpretation_are_never_released_on_the_same_seconds(given_facts):
    decision = decided(given_facts)
    if "99091" in decision.released:
        staff = {**given_facts, "qhp_seconds": 0, "qhp_seconds_30_days": 0}
        assert {code: units(decision, code) for code in MANAGEMENT} == {
            code: units(decided(staff), code) for code in MANAGEMENT
        }


# More staff time: with every other fact fixed, whatever it is, 99091 and unsigned time among them ----------

STAFF_SECONDS = st.lists(SECONDS, min_size=2, max_size=6).map(sorted)


@SOME
@given(facts(), STAFF_SECONDS)
def test_selected_management_rises_with_staff_seconds(given_facts, seconds):
    """Released and held lines together never come to less."""
    decisions = [decided({**given_facts, "clinical_staff_seconds": each}) for each in seconds]
    assert all(less <= more for less, more in pairwise(_rank(units, each) for each in decisions))


@SOME
@given(facts(), STAFF_SECONDS)
def test_released_management_rises_with_staff_seconds_when_all_time_is_signed(given_facts, seconds):
    """Unsigned time is excepted: it holds what is a second short of the next code, and leaves the rest alone. So is a
    payer that covers the short code and not the full one."""
    every_code = {**given_facts.get("policy", {}), "codes_not_covered": []}
    signed = {**given_facts, "unsigned_seconds": 0, "policy": every_code}
    decisions = [decided({**signed, "clinical_staff_seconds": each}) for each in seconds]
    assert all(less <= more for less, more in pairwise(_rank(released, each) for each in decisions))


def _rank(count, decision):
    """Nothing, the short code, the full code, and each add-on: a line on which management can only rise."""
    base = 2 if count(decision, "99457") else count(decision, "99470")
    return (base, count(decision, "99458"))


def released(decision, code):
    return decision.released.get(code, 0)


IN_ORDER = {
    "month": "2026-03",
    "consent_on": "2026-03-01",
    "order_signed_on": "2026-03-01",
    "established_patient": True,
    "necessity_documented": True,
    "supervising_practitioner": True,
    "device_basis_on_file": True,
    "auto_reading_days_in_month": 20,
}


def test_what_does_not_rise_with_time():
    """Why the two properties above say no more than they say."""

    def of(**more):
        return decided({**IN_ORDER, **more})

    # Released lines, beside unsigned time: the 600th unsigned second comes to matter.
    assert of(clinical_staff_seconds=600, unsigned_seconds=599, live_contacts=1).released == {"99470": 1}
    assert of(clinical_staff_seconds=601, unsigned_seconds=599, live_contacts=1).released == {}
    # Where the payer covers the short code alone: the full one is held, and no other takes its place.
    short = {"live_contacts": 1, "policy": {"codes_not_covered": ["99457"]}}
    assert of(clinical_staff_seconds=1199, **short).released == {"99470": 1}
    assert of(clinical_staff_seconds=1200, **short).held == {"99457": ("payer-code",)}
    # 99091, beside a contact: it gives way as soon as management is earned.
    assert of(clinical_staff_seconds=599, qhp_seconds_30_days=1800, live_contacts=1).released == {"99091": 1}
    assert of(clinical_staff_seconds=600, qhp_seconds_30_days=1800, live_contacts=1).released == {"99470": 1}
    # Management, in practitioner seconds: the 1800th makes 99091, which takes them all.
    assert of(clinical_staff_seconds=1200, qhp_seconds=1799).held_units == {"99457": 1, "99458": 1}
    assert of(clinical_staff_seconds=1200, qhp_seconds=1800).held_units == {"99457": 1}


# Holds ----------------------------------------------------------------------------------------------------

WORSE = {
    "consent_on": None,
    "order_signed_on": None,
    "established_patient": False,
    "necessity_documented": False,
    "supervising_practitioner": False,
    "device_basis_on_file": False,
    "diagnosis_allowed": False,
    "practitioner_type": "pt",
    "global_period": "related",
    "institutional_all_month": True,
    "auto_reading_days_in_month": 0,
    "last_device_service_on": "2026-12-31",
    "last_99091_service_on": "2026-12-31",
    "billed_by_us": ["98980", "99474"],
    "billed_elsewhere": ["99454", "99457", "99091"],
}
WORSE_SETUP = {"completed_on": "2026-01-01", "episode_restarted": True}
HOLDING_EVERYTHING = sorted(
    set(WORSE)
    - {"device_basis_on_file", "auto_reading_days_in_month", "billed_elsewhere"}
    - {"last_device_service_on", "last_99091_service_on"}
)


@SOME
@given(facts(), st.sets(st.sampled_from(sorted(WORSE)), min_size=1))
def test_a_reason_to_hold_never_releases_a_unit(given_facts, keys):
    """99091 held gives its seconds back to management, but what they earn there is held too."""
    before = decided(given_facts)
    after = decided({**given_facts, **{key: WORSE[key] for key in keys}})
    assert all(count <= before.released.get(code, 0) for code, count in after.released.items())


@SOME
@given(facts(), st.sampled_from(HOLDING_EVERYTHING))
def test_one_precondition_that_fails_holds_every_code(given_facts, key):
    decision = decided({**given_facts, key: WORSE[key]})
    assert decision.released == {}
    assert not any(outcome.status == "released" for outcome in decision.outcomes)


@SOME
@given(facts(), st.sets(st.sampled_from(sorted(WORSE)), min_size=1))
def test_a_hold_neither_adds_nor_loses_a_unit(given_facts, keys):
    """Without 99091, whose time depends on whether it is held: a unit is earned, then it is released or held."""
    without = {**given_facts, "qhp_seconds_30_days": 0}
    held = {**without, **{key: WORSE[key] for key in keys}}
    if held.get("setup"):
        held["setup"] = {**held["setup"], **WORSE_SETUP}
    codes = [code.code for code in ruleset_for(given_facts["month"]).codes]
    before, after = decided(without), decided(held)
    assert {code: units(before, code) for code in codes} == {code: units(after, code) for code in codes}


CODES = sorted({code.code for ruleset in rulesets() for code in ruleset.codes})


@SOME
@given(facts(), st.sets(st.sampled_from(CODES), min_size=1))
def test_a_code_that_the_payer_does_not_cover_is_held_and_releases_no_other(given_facts, codes):
    policy = given_facts.get("policy", {})
    before = decided({**given_facts, "policy": {**policy, "codes_not_covered": []}})
    after = decided({**given_facts, "policy": {**policy, "codes_not_covered": sorted(codes)}})
    assert all(count <= before.released.get(code, 0) for code, count in after.released.items())
    assert not codes & set(after.released)
    assert all("payer-code" in holds for code, holds in after.held.items() if code in codes)
    free = {code for code, holds in after.held.items() if "payer-code" in holds} - codes
    # An add-on alone is held for another code: its base.
    assert free <= ({"99458"} if "99457" in codes else set())


# The same, however it is told -----------------------------------------------------------------------------


@SOME
@given(facts(), st.randoms())
def test_the_order_of_facts_does_not_matter(given_facts, shuffler: random.Random):
    shuffled = {
        key: _shuffled(value, shuffler) for key, value in _shuffled(list(given_facts.items()), shuffler)
    }
    assert decision_json(decided(shuffled)) == decision_json(decided(given_facts))


def _shuffled(value, shuffler):
    if not isinstance(value, list):
        return value
    value = list(value)
    shuffler.shuffle(value)
    return value


@SOME
@given(facts())
def test_the_same_facts_give_the_same_bytes(given_facts):
    once, again = (
        decision_json(decided(given_facts)),
        decision_json(decided(json.loads(json.dumps(given_facts)))),
    )
    assert once.encode() == again.encode()
    plain = json.loads(once)
    assert once == json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@SOME
@given(facts())
def test_facts_written_out_are_read_back_the_same(given_facts):
    read = parse_facts(given_facts)
    assert parse_facts(json.loads(json.dumps(facts_json(read)))) == read


@SOME
@given(facts())
def test_setting_and_payer_name_change_no_code(given_facts):
    elsewhere = {**given_facts, "setting": "fqhc", "payer": "another"}
    assert decision_json(decided(elsewhere)) == decision_json(decided(given_facts))


@SOME
@given(facts(), st.data())
def test_a_value_of_a_wrong_kind_is_refused_by_the_name_of_its_field(given_facts, data):
    key = data.draw(st.sampled_from(sorted(given_facts)))
    wrong = data.draw(st.sampled_from([1.5, float("nan"), object(), -1, "no such word\n", [[]], {"x": 1}]))
    if key == "payer" and isinstance(wrong, str):
        return
    with pytest.raises(FactError, match=rf"^{key}[:.\[]"):
        parse_facts({**given_facts, key: wrong})
