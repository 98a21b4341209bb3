"""Decisions in words."""

import json

import pytest
from hypothesis import given, settings

from billing.decisions.explain import explain, explanation_dict, warning_in_words
from billing.decisions.phrases import clock
from billing.labels import hold_in_words
from billing.rules import HOLDS, WARNINGS, decision_json, parse_facts, ruleset_for, select_codes
from tests.rulebook.random_facts import facts as random_facts

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


def explained(**more):
    facts = parse_facts({**IN_ORDER, **more})
    return explain(select_codes(facts, ruleset_for(facts.month)), facts)


def texts(explanations, code):
    return [sentence.text for each in explanations if each.code == code for sentence in each.sentences]


def because(explanations, code):
    return next(each.because for each in explanations if each.code == code)


def window(days, **more):
    return [{"ends_on": "2026-03-30", "reading_days": days, **more}]


def setup(**more):
    return {"completed_on": "2026-03-01", "documented": True, "first_window_reading_days": 2, **more}


def test_a_released_code_in_a_sentence_for_a_payer():
    told = explained(clinical_staff_seconds=1553, live_contacts=1)
    assert because(told, "99457") == "25 min 53 s signed; 20 needed. 99458 needs 40: 14 min 7 s short."
    assert texts(told, "99470") == ["25 min 53 s signed; 10 needed.", "From 20 min on 99457 takes its place."]


def test_a_held_code_says_what_was_not_met():
    (held,) = [each for each in explained(clinical_staff_seconds=1200) if each.status == "held"]
    assert held.holds == ("no-live-contact",)
    assert held.because == (
        "20 min signed; 20 needed. 99458 needs 40: 20 min short. No live contact in the month; 1 needed."
    )
    assert held.label == "RPM management, first 20 min"


@pytest.mark.parametrize(
    ("given", "code", "text"),
    [
        ({}, "99457", "99457 needs 20 min; no time is signed."),
        ({}, "99091", "99091 needs 30 min of practitioner time; none is signed."),
        ({"qhp_seconds": 1799}, "99091", "99091 needs 30 of practitioner time: 1 s short."),
        ({"qhp_seconds": 1800}, "99091", "30 min of practitioner time signed in its 30 days; 30 needed."),
        (
            {"qhp_seconds": 1800},
            "99457",
            "30 min of practitioner time belong to 99091 and are not counted again.",
        ),
        (
            {"qhp_seconds": 1800, "live_contacts": 2},
            "99091",
            "With 2 live contacts and a management code earned, the management codes are selected; 99091 is the "
            "lawful alternative.",
        ),
        (
            {"qhp_seconds": 1800, "live_contacts": 1, "policy": {"dual_99091": "cms_2021"}},
            "99091",
            "Billed beside the management codes under a policy: a person reviews that the work was separate.",
        ),
        (
            {"clinical_staff_seconds": 6000, "live_contacts": 1},
            "99458",
            "The minutes come to 4 units; at most 3 are billed.",
        ),
        ({"clinical_staff_seconds": 3600, "live_contacts": 1}, "99458", "2 of at most 3 units."),
        (
            {"clinical_staff_seconds": 3600, "live_contacts": 1, "policy": {"unit_limit_99458": 1}},
            "99458",
            "The minutes come to 2 units; at most 1 are billed under this payer's policy.",
        ),
        (
            {"clinical_staff_seconds": 2400, "live_contacts": 1, "policy": {"live_contact_per_unit": True}},
            "99458",
            "1 live contact in the month; 2 needed for this many units.",
        ),
        ({"device_windows": window(16)}, "99454", "16 days with readings on one device; 16 needed."),
        ({"device_windows": window(16)}, "99454", "No earlier service of its kind is on file."),
        ({"device_windows": window(16)}, "99454", "The whole window lies under one set of device rules."),
        ({"device_windows": window(18)}, "99445", "From 16 days on 99454 takes its place."),
        (
            {"device_windows": window(10)},
            "99454",
            "99454 needs 16 days with readings: 10 counted on one device, 6 short.",
        ),
        ({}, "99454", "99454 needs 16 days with readings; there are none."),
        (
            {
                "device_windows": window(1, reading_days_any_device=2),
                "policy": {"device_days": "any_device"},
            },
            "99445",
            "2 days with readings over all devices; 2 needed.",
        ),
        (
            {"device_windows": window(16), "last_device_service_on": "2026-03-01"},
            "99454",
            "29 days since the service before; 30 needed.",
        ),
        (
            {"device_windows": window(16), "last_device_service_on": "2026-03-31"},
            "99454",
            "A service 1 day later is on file; 30 days must lie between.",
        ),
        (
            {"month": "2026-01", "device_windows": [{"ends_on": "2026-01-29", "reading_days": 16}]},
            "99454",
            "The window began on 31-Dec-2025; the device rules changed on 01-Jan-2026. A person looks at it.",
        ),
        ({}, "99453", "No set-up is on file."),
        ({"setup": setup()}, "99453", "It is not yet billed in this episode."),
        ({"setup": setup(billed_in_episode=True)}, "99453", "It is already billed in this episode."),
        ({"setup": setup()}, "99453", "2 days with readings in the first window; 2 needed."),
        (
            {"setup": setup(), "policy": {"setup_min_days": 16}},
            "99453",
            "2 days with readings in the first window; 16 needed by this payer's policy.",
        ),
        ({"clinical_staff_seconds": 600}, "99470", "No time waits for a signature."),
        (
            {"clinical_staff_seconds": 600, "unsigned_seconds": 1},
            "99470",
            "1 s are not signed; counting them would change nothing here.",
        ),
        (
            {"clinical_staff_seconds": 600, "unsigned_seconds": 600},
            "99470",
            "10 min are not signed; counting them would change the codes or their units.",
        ),
        ({"clinical_staff_seconds": 600}, "99470", "20 days with automatic readings in the month."),
        (
            {"clinical_staff_seconds": 600, "auto_reading_days_in_month": 0},
            "99470",
            "No automatic reading in the month: there was nothing to manage or interpret.",
        ),
        ({"clinical_staff_seconds": 600}, "99470", "The consent of 01-Mar-2026 is on file."),
        ({"clinical_staff_seconds": 600, "consent_on": None}, "99470", "No consent is on file."),
        (
            {"clinical_staff_seconds": 600, "consent_on": "2026-04-01"},
            "99470",
            "The consent is of 01-Apr-2026, after the month's last day.",
        ),
        ({"clinical_staff_seconds": 600}, "99470", "The billing practitioner is a physician and may bill."),
        (
            {"clinical_staff_seconds": 600, "practitioner_type": "pt"},
            "99470",
            "The billing practitioner is a pt: may not bill.",
        ),
        ({"clinical_staff_seconds": 600}, "99470", "No surgical global period."),
        (
            {"clinical_staff_seconds": 600, "global_period": "unrelated_attested"},
            "99470",
            "Inside a surgical global period; attested as unrelated to it.",
        ),
        (
            {"clinical_staff_seconds": 600, "global_period": "related"},
            "99470",
            "Inside a surgical global period of the same practitioner, and related to it.",
        ),
        (
            {"clinical_staff_seconds": 600},
            "99470",
            "No therapeutic-monitoring code is reported for the period.",
        ),
        (
            {"clinical_staff_seconds": 600, "billed_by_us": ["98980", "98975"]},
            "99470",
            "98975, 98980 is reported for the period: therapeutic-monitoring code.",
        ),
    ],
)
def test_sentences(given, code, text):
    assert text in texts(explained(**given), code)


def test_an_explanation_as_plain_values():
    plain = explanation_dict(
        next(each for each in explained(clinical_staff_seconds=600) if each.code == "99470")
    )
    assert plain["holds"] == ["No live contact with the patient or caregiver in the month"]
    assert plain["sentences"][0] == {
        "text": "10 min signed; 10 needed.",
        "rule": "99470-time",
        "met": True,
        "source": ruleset_for("2026-03").management.steps[0].rule.source,
        "mark": "B",
    }
    json.dumps(plain)


def test_a_stored_decision_is_explained_like_a_fresh_one():
    facts = parse_facts({**IN_ORDER, "clinical_staff_seconds": 2400, "qhp_seconds": 1800})
    decision = select_codes(facts, ruleset_for(facts.month))
    assert explain(json.loads(decision_json(decision)), facts) == explain(decision, facts)


def test_a_rule_or_rule_set_of_long_ago_is_told_plainly():
    facts = parse_facts(IN_ORDER)
    stored = json.loads(decision_json(select_codes(facts, ruleset_for(facts.month))))
    stored["ruleset"] = "an-older-edition"
    stored["outcomes"][0]["findings"][0]["rule"] = "a-rule-since-renamed"
    assert explain(stored, facts)[0].sentences[0].text == "a-rule-since-renamed: observed 0, needed 1800."


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (1553, "25 min 53 s")]
)
def test_seconds_as_a_person_says_them(seconds, said):
    assert clock(seconds) == said


def test_every_slug_has_its_words():
    assert len({hold_in_words(slug) for slug in HOLDS}) == len(HOLDS)
    assert len({warning_in_words(slug) for slug in WARNINGS}) == len(WARNINGS)


@settings(max_examples=200, deadline=None)
@given(random_facts())
def test_every_finding_has_a_phrase_of_its_own(given_facts):
    facts = parse_facts(given_facts)
    for explanation in explain(select_codes(facts, ruleset_for(facts.month)), facts):
        assert explanation.because
        for sentence in explanation.sentences:
            assert not sentence.text.startswith(f"{sentence.rule}: ")
            assert sentence.text.endswith(".")
            assert "None" not in sentence.text
