"""The shape of a decision: its keys, its bytes, its findings."""

import dataclasses
import importlib
import json
import pkgutil

import pytest

from billing import rules
from billing.rules import (
    HOLDS,
    WARNINGS,
    PeriodFacts,
    WrongRuleSet,
    canonical,
    decision_json,
    parse_facts,
    ruleset_for,
    select_codes,
    to_dict,
)

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


def decided(**more):
    facts = parse_facts({**IN_ORDER, **more})
    return select_codes(facts, ruleset_for(facts.month))


def outcome(decision, code, status):
    return next(each for each in decision.outcomes if (each.code, each.status) == (code, status))


def test_the_keys_of_a_decision():
    plain = to_dict(decided(clinical_staff_seconds=1200))
    assert set(plain) == {
        "month", "ruleset", "released", "held", "held_units", "warnings", "outcomes",
    }  # fmt: skip
    for each in plain["outcomes"]:
        assert set(each) == {"code", "units", "status", "findings"}
        for finding in each["findings"]:
            assert set(finding) == {"rule", "met", "observed", "needed", "source", "mark"}


def test_a_decision_names_its_month_and_its_law():
    for month in ("2023-06", "2023-07", "2026-12"):
        plain = to_dict(decided(month=month))
        assert (plain["month"], plain["ruleset"]) == (month, ruleset_for(month).id)


def test_the_bytes_of_a_decision():
    decision = decided(clinical_staff_seconds=1200, practitioner_type="pt")
    text = decision_json(decision)
    assert text == json.dumps(to_dict(decision), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert text.startswith(
        '{"held":{"99457":["no-live-contact","practitioner-type"]},"held_units":{"99457":1},'
    )
    assert "\n" not in text


def test_a_decision_as_a_dict_holds_json_values_only():
    plain = to_dict(decided(clinical_staff_seconds=1200, billed_by_us=["98980"]))
    assert json.loads(canonical(plain)) == plain


def test_text_beyond_ascii_is_written_as_it_is():
    assert canonical({"b": "ü", "a": [1]}) == '{"a":[1],"b":"ü"}'


def test_a_code_may_be_released_and_held():
    windows = [{"ends_on": "2026-03-02", "reading_days": 16}, {"ends_on": "2026-03-31", "reading_days": 17}]
    decision = decided(device_windows=windows)
    assert (decision.released, decision.held_units) == ({"99454": 1}, {"99454": 1})
    statuses = [each.status for each in decision.outcomes if each.code == "99454"]
    assert statuses == ["released", "held"]


def test_units_of_one_status_are_one_outcome():
    windows = [{"ends_on": "2026-03-01", "reading_days": 16}, {"ends_on": "2026-03-31", "reading_days": 16}]
    only = outcome(decided(device_windows=windows), "99454", "released")
    assert only.units == 2
    assert len(only.findings) == len(set(only.findings))


def test_refused_codes_are_there_with_their_findings():
    decision = decided(clinical_staff_seconds=1553, live_contacts=1)
    (finding,) = outcome(decision, "99458", "refused").findings
    assert (finding.rule, finding.met, finding.observed, finding.needed) == ("99458-time", False, 1553, 2400)
    short = outcome(decision, "99470", "refused").findings
    assert [(each.rule, each.met) for each in short] == [("99470-time", True), ("99470-replaced", False)]


def test_findings_carry_source_and_mark():
    rules_of_law = {(rule.id, rule.source, rule.mark) for rule in ruleset_for("2026-03").rules}
    for each in decided(clinical_staff_seconds=1200).outcomes:
        assert {(finding.rule, finding.source, finding.mark) for finding in each.findings} <= rules_of_law


def test_time_taken_by_99091_is_said_of_the_management_codes():
    decision = decided(clinical_staff_seconds=600, qhp_seconds=1800)
    for code, status in (("99470", "held"), ("99457", "refused"), ("99458", "refused")):
        assert "99091-single-use" in {finding.rule for finding in outcome(decision, code, status).findings}


def test_time_not_taken_is_not_spoken_of():
    for more in (
        {"qhp_seconds": 1799},
        {"qhp_seconds_30_days": 1800},
        {"qhp_seconds": 1800, "live_contacts": 1},
        {"qhp_seconds": 1800, "last_99091_service_on": "2026-03-20"},  # held, it uses up nothing
    ):
        told = {finding.rule for each in decided(**more).outcomes for finding in each.findings}
        assert "99091-single-use" not in told


def test_a_unit_limit_of_none_says_why_the_add_on_is_refused():
    decision = decided(clinical_staff_seconds=2400, live_contacts=1, policy={"unit_limit_99458": 0})
    told = [(each.rule, each.met, each.needed) for each in outcome(decision, "99458", "refused").findings]
    assert told == [("99458-time", True, 2400), ("99458-limit", False, 0)]


def test_a_month_is_not_decided_by_another_law():
    with pytest.raises(WrongRuleSet, match="medicare-rpm-2025-01 is not in effect in 2026-03"):
        select_codes(PeriodFacts(month="2026-03"), ruleset_for("2025-12"))


def test_facts_and_decisions_cannot_be_changed():
    decision = decided()
    for value in (
        decision,
        decision.outcomes[0],
        decision.outcomes[0].findings[0],
        PeriodFacts(month="2026-03"),
    ):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, dataclasses.fields(value)[0].name, "other")
    assert hash(decision) == hash(decided())


def test_the_words_are_those_agreed():
    assert len(HOLDS) == 23
    assert len(WARNINGS) == 8


def findings(decision, code, status):
    return {
        each.rule: (each.met, each.observed, each.needed) for each in outcome(decision, code, status).findings
    }


ALL_CODES = {
    "clinical_staff_seconds": 3600,
    "live_contacts": 2,
    "policy": {"live_contact_per_unit": True},
    "device_windows": [{"ends_on": "2026-03-30", "reading_days": 18}],
    "setup": {"completed_on": "2026-03-01", "documented": True, "first_window_reading_days": 2},
    "last_device_service_on": "2026-02-20",
}
COMMON = {
    "consent": (True, "2026-03-01", "2026-03-31"),
    "order": (True, "2026-03-01", "2026-03-31"),
    "established": (True, True, True),
    "necessity": (True, True, True),
    "supervision": (True, True, True),
    "practitioner": (True, "physician", ("physician", "np", "pa", "cns", "cnm")),
    "diagnosis": (True, True, True),
    "global": (True, "none", ("none", "unrelated_attested")),
    "institution": (True, False, False),
    "rtm": (True, (), ()),
    "smbp": (True, (), ()),
}
OF_DEVICE = COMMON | {"device-basis": (True, True, True), "other-device": (True, (), ())}
OF_TIME = COMMON | {
    "other-management": (True, (), ()),
    "readings-management": (True, 20, 1),
    "signed-time": (True, 0, 0),
}


def test_every_finding_of_a_set_up():
    assert findings(decided(**ALL_CODES), "99453", "released") == OF_DEVICE | {
        "setup-once": (True, False, False),
        "setup-documented": (True, True, True),
        "setup-days": (True, 2, 2),
        "setup-episode": (True, False, False),
    }


def test_every_finding_of_a_device():
    assert findings(decided(**ALL_CODES), "99454", "released") == OF_DEVICE | {
        "99454-days": (True, 18, 16),
        "spacing-device": (True, 38, 30),
        "one-rule-set": (True, "2026-03-01", "2026-01-01"),
    }


def test_every_finding_of_management():
    decision = decided(**ALL_CODES)
    assert findings(decision, "99457", "released") == OF_TIME | {
        "99457-time": (True, 3600, 1200),
        "live-contact": (True, 2, 1),
    }
    addon = OF_TIME | {"99458-time": (True, 3600, 3600), "99458-limit": (True, 2, 3)}
    assert findings(decision, "99458", "released") == addon | {"live-contact": (True, 2, 2)}
    assert findings(decision, "99458", "held") == addon | {"live-contact": (False, 2, 3)}


@pytest.mark.parametrize("contacts", [0, 1])
def test_held_add_ons_ask_once_for_the_contacts_of_them_all(contacts):
    policy = {"live_contact_per_unit": True}
    held = outcome(
        decided(clinical_staff_seconds=3600, live_contacts=contacts, policy=policy), "99458", "held"
    )
    asked = [(each.observed, each.needed) for each in held.findings if each.rule == "live-contact"]
    assert (held.units, asked) == (2, [(contacts, 3)])


def test_a_limit_just_met_is_met():
    decision = decided(clinical_staff_seconds=4800, live_contacts=1)
    assert findings(decision, "99458", "released")["99458-limit"] == (True, 3, 3)
    decision = decided(clinical_staff_seconds=6000, live_contacts=1)
    assert findings(decision, "99458", "released")["99458-limit"] == (False, 4, 3)


def test_every_finding_of_99091():
    assert findings(decided(qhp_seconds=1800), "99091", "released") == COMMON | {
        "99091-time": (True, 1800, 1800),
        "other-99091": (True, (), ()),
        "spacing-99091": (True, None, 30),
        "readings-99091": (True, 20, 1),
    }
    dual = decided(qhp_seconds=1800, live_contacts=1, policy={"dual_99091": "cms_2021"})
    assert findings(dual, "99091", "held")["dual-99091"] == (False, "cms_2021", "never")
    given_way = decided(qhp_seconds=1800, live_contacts=3)
    assert findings(given_way, "99091", "refused") == {
        "99091-time": (True, 1800, 1800),
        "99091-alternative": (False, 3, 0),
    }


def test_every_finding_of_refused_codes():
    nothing = decided()
    assert findings(nothing, "99453", "refused") == {"setup-done": (False, None, True)}
    assert findings(nothing, "99445", "refused") == {"99445-days": (False, 0, 2)}
    assert findings(nothing, "99454", "refused") == {"99454-days": (False, 0, 16)}
    assert findings(nothing, "99470", "refused") == {"99470-time": (False, 0, 600)}
    assert findings(nothing, "99457", "refused") == {"99457-time": (False, 0, 1200)}
    assert findings(nothing, "99458", "refused") == {"99458-time": (False, 0, 2400)}
    assert findings(nothing, "99091", "refused") == {"99091-time": (False, 0, 1800)}


def test_a_code_just_missed_says_that_alone():
    missed = decided(
        clinical_staff_seconds=599, device_windows=[{"ends_on": "2026-03-30", "reading_days": 1}]
    )
    assert findings(missed, "99470", "refused") == {"99470-time": (False, 599, 600)}
    assert findings(missed, "99445", "refused") == {"99445-days": (False, 1, 2)}


def test_a_code_that_another_replaces_says_from_where_on():
    decision = decided(
        clinical_staff_seconds=1200, device_windows=[{"ends_on": "2026-03-30", "reading_days": 16}]
    )
    assert findings(decision, "99470", "refused")["99470-replaced"] == (False, 1200, 1200)
    assert findings(decision, "99445", "refused")["99445-replaced"] == (False, 16, 16)


def test_a_set_up_billed_before_says_so():
    setup = {"completed_on": "2026-03-01", "billed_in_episode": True}
    assert findings(decided(setup=setup), "99453", "refused") == {"setup-once": (False, True, False)}


def test_time_of_99091_is_told_as_met():
    decision = decided(clinical_staff_seconds=600, qhp_seconds=1800)
    assert findings(decision, "99470", "held")["99091-single-use"] == (True, 1800, None)


def test_a_hold_is_named_once_though_two_rules_lead_to_it():
    """As when a payer's rule set lets 99091 billed elsewhere hold management too."""
    ruleset = ruleset_for("2026-03")
    wider = tuple(
        dataclasses.replace(each, families=("management", "interpretation"))
        if each.rule.id == "other-99091"
        else each
        for each in ruleset.exclusions
    )
    facts = parse_facts({**IN_ORDER, "clinical_staff_seconds": 1200, "live_contacts": 1})
    facts = dataclasses.replace(facts, billed_elsewhere=frozenset({"99091", "99457"}))
    decision = select_codes(facts, dataclasses.replace(ruleset, exclusions=wider))
    assert decision.held == {"99457": ("other-practice",)}


def every_value_class():
    modules = [
        importlib.import_module(f"billing.rules.{each.name}") for each in pkgutil.iter_modules(rules.__path__)
    ]
    everything = {value for module in modules for value in vars(module).values() if isinstance(value, type)}
    return sorted(filter(dataclasses.is_dataclass, everything), key=lambda each: each.__name__)


@pytest.mark.parametrize("cls", every_value_class(), ids=lambda cls: cls.__name__)
def test_the_rules_deal_in_values(cls):
    """Frozen and without loose attributes. A gate alone is filled as the questions are asked."""
    assert cls.__dataclass_params__.frozen == (cls.__name__ != "Gate")
    assert "__slots__" in vars(cls)
    by_name = cls.__module__ == "billing.rules.facts"
    assert all(field.kw_only == by_name for field in dataclasses.fields(cls))
    compared = cls.__name__ not in (
        "Precondition",
        "Exclusion",
    )  # found again by identity, in the caches of `gates`
    assert cls.__dataclass_params__.eq == compared
