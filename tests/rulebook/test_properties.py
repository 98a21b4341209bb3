"""What holds for every patient-month, whatever its facts."""

import json
import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import decision_json, facts_json, parse_facts, ruleset_for, select_codes, to_dict
from tests.rulebook.random_facts import facts
from tests.rulebook.reference import decide as reference

MANY = settings(max_examples=600, deadline=None)
SOME = settings(max_examples=200, deadline=None)
MANAGEMENT = ("99470", "99457", "99458")


def decided(given_facts):
    read = parse_facts(given_facts)
    return select_codes(read, ruleset_for(read.month))


def units(decision, code):
    return decision.released.get(code, 0) + decision.held_units.get(code, 0)


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
    assert units(decision, "99458") <= (addon.limit if addon else 0)


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


@SOME
@given(facts(), st.lists(st.integers(0, 9000), min_size=2, max_size=6))
def test_management_rises_with_staff_time(given_facts, seconds):
    """With the other facts fixed, and no unsigned time, more staff seconds never earn less."""
    fixed = {**given_facts, "unsigned_seconds": 0, "qhp_seconds": 0, "qhp_seconds_30_days": 0}
    worth = [_worth(decided({**fixed, "clinical_staff_seconds": each})) for each in sorted(seconds)]
    assert all(less <= more for less, more in pairwise(worth))


def _worth(decision):
    return (bool(units(decision, "99470")) + 2 * units(decision, "99457"), units(decision, "99458"))


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
