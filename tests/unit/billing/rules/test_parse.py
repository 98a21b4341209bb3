"""Facts from outside: what is read, and what is refused by name."""

from datetime import date

import pytest

from billing.rules import (
    DeviceWindow,
    FactError,
    PeriodFacts,
    Policy,
    SetUp,
    decision_json,
    facts_json,
    parse_facts,
    parse_line,
    ruleset_for,
    select_codes,
)

WINDOW = {"ends_on": "2026-03-30"}
SETUP = {"completed_on": "2026-03-02"}


def march(**more):
    return {"month": "2026-03", **more}


def test_a_missing_key_means_that_nothing_is_known():
    assert parse_facts(march()) == PeriodFacts(
        month="2026-03",
        payer="medicare",
        setting="office",
        clinical_staff_seconds=0,
        qhp_seconds=0,
        qhp_seconds_30_days=None,
        live_contacts=0,
        live_chat_contacts=0,
        device_windows=(),
        auto_reading_days_in_month=None,
        setup=None,
        consent_on=None,
        order_signed_on=None,
        established_patient=False,
        necessity_documented=False,
        supervising_practitioner=False,
        device_basis_on_file=False,
        diagnosis_allowed=True,
        practitioner_type="physician",
        last_device_service_on=None,
        last_99091_service_on=None,
        billed_by_us=frozenset(),
        billed_elsewhere=frozenset(),
        global_period="none",
        institutional_all_month=False,
        unsigned_seconds=0,
        policy=Policy(
            unit_limit_99458=None,
            live_contact_per_unit=False,
            live_chat_counts=False,
            dual_99091="never",
            device_days="best_device",
            setup_min_days=None,
        ),
    )


def test_a_window_defaults_to_thirty_days_and_one_device():
    facts = parse_facts(march(device_windows=[{**WINDOW, "reading_days": 7}]))
    assert facts.device_windows == (
        DeviceWindow(
            ends_on=date(2026, 3, 30),
            starts_on=date(2026, 3, 1),
            reading_days=7,
            reading_days_any_device=7,
            devices=1,
        ),
    )


def test_a_window_without_days_has_none():
    (window,) = parse_facts(march(device_windows=[WINDOW])).device_windows
    assert (window.reading_days, window.reading_days_any_device) == (0, 0)


def test_a_window_at_the_beginning_of_time_starts_there():
    facts = parse_facts({"month": "0001-01", "device_windows": [{"ends_on": "0001-01-05"}]})
    assert facts.device_windows[0].starts_on == date.min


def test_a_long_key_is_cut_short():
    with pytest.raises(FactError) as refusal:
        parse_facts(march(**{"x" * 500: 1}))
    assert str(refusal.value).startswith("x" * 40 + ": unknown")


def test_a_set_up_defaults_to_nothing_done():
    assert parse_facts(march(setup=SETUP)).setup == SetUp(
        completed_on=date(2026, 3, 2),
        documented=False,
        billed_in_episode=False,
        first_window_reading_days=0,
        episode_restarted=False,
    )


def test_windows_are_kept_in_order_of_their_end():
    facts = parse_facts(march(device_windows=[{"ends_on": "2026-03-31"}, {"ends_on": "2026-03-01"}]))
    assert [window.ends_on.day for window in facts.device_windows] == [1, 31]


def test_null_is_the_same_as_missing_where_it_is_allowed():
    nulls = dict.fromkeys(
        [
            "qhp_seconds_30_days",
            "auto_reading_days_in_month",
            "setup",
            "consent_on",
            "order_signed_on",
            "last_device_service_on",
            "last_99091_service_on",
        ]
    )
    assert parse_facts(march(**nulls)) == parse_facts(march())


@pytest.mark.parametrize(
    "given",
    [
        march(device_windows=[{**WINDOW, "starts_on": "2026-03-01", "reading_days": 30}]),
        march(device_windows=[{**WINDOW, "starts_on": "2026-03-30"}]),
        march(device_windows=[{**WINDOW, "reading_days_any_device": 5}]),
        march(device_windows=[{**WINDOW, "reading_days_any_device": 31}]),
        march(device_windows=[{"ends_on": "2026-03-01"}, {"ends_on": "2026-03-31"}]),
        march(auto_reading_days_in_month=31),
        march(setup={**SETUP, "first_window_reading_days": 99}),
        march(billed_by_us=["99490", "G0557", "99490"], policy={}),
        march(clinical_staff_seconds=10**100 - 1, qhp_seconds=2**63),
        {"month": "2024-02", "consent_on": "2024-02-29"},
        {"month": "9999-12", "device_windows": [{"ends_on": "9999-12-31"}]},
        {"month": "0001-01", "device_windows": [{"ends_on": "0001-01-05"}]},
    ],
)
def test_read(given):
    facts = parse_facts(given)
    assert parse_facts(facts_json(facts)) == facts


WRONG = [
    ({}, "month", "missing"),
    ([], "line", "an object, got a list"),
    (None, "line", "an object, got null"),
    ("x", "line", "an object, got a text"),
    ({"month": 202603}, "month", "a text, got a number"),
    ({"month": None}, "month", "a text, got null"),
    ({"month": "2026-3"}, "month", "YYYY-MM"),
    ({"month": "2026-13"}, "month", "YYYY-MM"),
    ({"month": "2026-00"}, "month", "YYYY-MM"),
    ({"month": "0000-01"}, "month", "YYYY-MM"),
    ({"month": "2026-03\n"}, "month", "YYYY-MM"),
    ({"month": "２０２６-03"}, "month", "YYYY-MM"),
    ({"month": "2026-03-01"}, "month", "YYYY-MM"),
    (march(minutes=1), "minutes", "unknown"),
    (
        march(clinical_staff_seconds=1200.0),
        "clinical_staff_seconds",
        "whole number of 0 or more, got a number that is not whole",
    ),
    (march(clinical_staff_seconds=True), "clinical_staff_seconds", "got true or false"),
    (march(clinical_staff_seconds="1200"), "clinical_staff_seconds", "got a text"),
    (march(clinical_staff_seconds=None), "clinical_staff_seconds", "got null"),
    (march(clinical_staff_seconds=-1), "clinical_staff_seconds", "0 or more, got one below 0"),
    (march(clinical_staff_seconds=10**100), "clinical_staff_seconds", "at most 100 digits"),
    (march(qhp_seconds=-1), "qhp_seconds", "0 or more, got one below 0"),
    (march(qhp_seconds_30_days=False), "qhp_seconds_30_days", "whole number"),
    (march(live_contacts=[]), "live_contacts", "got a list"),
    (march(live_chat_contacts={}), "live_chat_contacts", "got an object"),
    (march(live_chat_contacts=object()), "live_chat_contacts", "got something else"),
    (march(unsigned_seconds=-60), "unsigned_seconds", "0 or more, got one below 0"),
    (march(auto_reading_days_in_month=32), "auto_reading_days_in_month", "at most 31"),
    (march(auto_reading_days_in_month=-1), "auto_reading_days_in_month", "0 or more, got one below 0"),
    (march(established_patient=1), "established_patient", "true or false, got a number"),
    (march(established_patient=None), "established_patient", "got null"),
    (march(diagnosis_allowed="yes"), "diagnosis_allowed", "got a text"),
    (march(payer=None), "payer", "a text, got null"),
    (march(setting="home"), "setting", "office, facility, fqhc"),
    (march(practitioner_type="md"), "practitioner_type", "physician, np"),
    (march(global_period=None), "global_period", "got null"),
    (march(global_period="yes"), "global_period", "unrelated_attested"),
    (march(consent_on="2026-02-30"), "consent_on", "YYYY-MM-DD"),
    (march(consent_on="20260301"), "consent_on", "YYYY-MM-DD"),
    (march(consent_on="2026-W10-1"), "consent_on", "YYYY-MM-DD"),
    (march(consent_on="2026-03-01T00:00"), "consent_on", "YYYY-MM-DD"),
    (march(order_signed_on=20260301), "order_signed_on", "a text"),
    (march(last_device_service_on=""), "last_device_service_on", "YYYY-MM-DD"),
    (march(billed_by_us="99490"), "billed_by_us", "a list, got a text"),
    (march(billed_by_us=None), "billed_by_us", "a list, got null"),
    (march(billed_by_us=[99490]), "billed_by_us[0]", "a text, got a number"),
    (march(billed_elsewhere=["99490", "9949"]), "billed_elsewhere[1]", "five digits or capital letters"),
    (march(billed_elsewhere=["g0557"]), "billed_elsewhere[0]", "five digits or capital letters"),
    (march(device_windows={}), "device_windows", "a list, got an object"),
    (march(device_windows=None), "device_windows", "a list, got null"),
    (march(device_windows=[5]), "device_windows[0]", "an object, got a number"),
    (march(device_windows=[{}]), "device_windows[0].ends_on", "missing"),
    (march(device_windows=[{**WINDOW, "days": 3}]), "device_windows[0].days", "unknown"),
    (march(device_windows=[{**WINDOW, "starts_on": None}]), "device_windows[0].starts_on", "got null"),
    (march(device_windows=[{**WINDOW, "reading_days": 31}]), "device_windows[0].reading_days", "at most 30"),
    (
        march(device_windows=[{**WINDOW, "devices": -1}]),
        "device_windows[0].devices",
        "0 or more, got one below 0",
    ),
    (march(device_windows=[{"ends_on": "2026-02-28"}]), "device_windows.ends_on", "a day of 2026-03"),
    (march(device_windows=[{"ends_on": "2026-04-01"}]), "device_windows.ends_on", "a day of 2026-03"),
    (
        march(device_windows=[{**WINDOW, "starts_on": "2026-03-31"}]),
        "device_windows.starts_on",
        "on or before",
    ),
    (
        march(device_windows=[{**WINDOW, "starts_on": "2026-02-28"}]),
        "device_windows.starts_on",
        "at most 29 days",
    ),
    (
        march(device_windows=[{**WINDOW, "reading_days": 6, "reading_days_any_device": 5}]),
        "device_windows.reading_days",
        "at most reading_days_any_device",
    ),
    (march(device_windows=[WINDOW, WINDOW]), "device_windows.ends_on", "two windows end on 2026-03-30"),
    (march(setup={}), "setup.completed_on", "missing"),
    (march(setup=[]), "setup", "an object, got a list"),
    (march(setup={**SETUP, "documented": None}), "setup.documented", "got null"),
    (march(setup={**SETUP, "done": True}), "setup.done", "unknown"),
    (
        march(setup={**SETUP, "first_window_reading_days": -1}),
        "setup.first_window_reading_days",
        "0 or more, got one below 0",
    ),
    (march(policy=None), "policy", "an object, got null"),
    (march(policy={"unit_limit_99458": None}), "policy.unit_limit_99458", "got null"),
    (march(policy={"unit_limit_99458": -1}), "policy.unit_limit_99458", "0 or more, got one below 0"),
    (march(policy={"live_chat_counts": 1}), "policy.live_chat_counts", "true or false"),
    (march(policy={"dual_99091": "always"}), "policy.dual_99091", "never, cms_2021"),
    (march(policy={"device_days": "all"}), "policy.device_days", "best_device, any_device"),
    (march(policy={"setup_min_days": 2.0}), "policy.setup_min_days", "not whole"),
    (march(policy={"cap": 2}), "policy.cap", "unknown"),
]


@pytest.mark.parametrize(("given", "field", "expected"), WRONG)
def test_refused(given, field, expected):
    with pytest.raises(FactError) as refusal:
        parse_facts(given)
    assert str(refusal.value).startswith(f"{field}: ")
    assert expected in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line: expected one JSON object of facts, but this is not JSON: Expecting value"),
        ("{", "line: expected one JSON object"),
        ("{} {}", "line: expected one JSON object"),
        ("[" * 100_000, "line: expected one JSON object of facts, but this is not JSON: it cannot be read"),
        ('{"month":"2026-03","live_contacts":' + "9" * 5000 + "}", "line: expected one JSON object"),
        ("\ufeff{}", "line: expected one JSON object of facts, but this is not JSON: Unexpected UTF-8 BOM"),
        ('{"month":"2026-03","live_contacts":NaN}', "live_contacts: expected a whole number"),
        ('{"month":"2026-03","live_contacts":-Infinity}', "live_contacts: expected a whole number"),
        ('{"month":"2026-03","live_contacts":-0.0}', "live_contacts: expected a whole number"),
        ('{"month":"2026-03","payer":NaN}', "payer: expected a text, got a number that is not whole"),
        ("NaN", "line: expected an object, got a number that is not whole"),
        (
            '{"month":"2026-03","policy":{"setup_min_days":Infinity}}',
            "policy.setup_min_days: expected a whole",
        ),
        (
            '{"month":"2026-03","device_windows":[{"ends_on":"2026-03-30","ends_on":1}]}',
            "ends_on: expected once",
        ),
        ('{"month":"2026-03","":1}', '"": unknown; expected one of month'),
        ('{"month":"2026-03","setup":{"completed_on":"2026-03-01","":1}}', 'setup."": unknown; expected one'),
        (
            '{"month":"2026-03","billed_by_us":' + "[" * 500 + "]" * 500 + "}",
            "billed_by_us[0]: expected a text",
        ),
        ('{"month":"2026-03","month":"2026-03"}', "month: expected once"),
        (
            '{"month":"2026-03","policy":{"device_days":"any_device","device_days":"any_device"}}',
            "device_days: exp",
        ),
        ('{"month":"2026-03","clinical_staff_seconds":1.2e3}', "clinical_staff_seconds: expected a whole"),
        ('{"month":"2026-03","a\\u2028\\ud800b":1}', "a\\u2028\\ud800b: unknown"),
        ('{"month":"2026-03","' + "x" * 500 + '":1}', "x" * 40 + ": unknown"),
    ],
)
def test_lines_that_are_refused(text, words):
    with pytest.raises(FactError) as refusal:
        parse_line(text)
    assert words in str(refusal.value)
    assert str(refusal.value).isascii()


def test_a_line_is_read_like_its_facts():
    assert parse_line(' {"month": "2026-03", "payer": "Ünion"}\r\n') == parse_facts(march(payer="Ünion"))


def test_a_zero_below_zero_is_zero():
    assert parse_line('{"month": "2026-03", "live_contacts": -0}') == parse_facts(march())


def test_the_largest_numbers_are_decided_and_printed():
    facts = parse_facts(
        march(clinical_staff_seconds=10**100 - 1, qhp_seconds=10**100 - 1, live_contacts=10**99)
    )
    decision = select_codes(facts, ruleset_for("2026-03"))
    assert decision.held_units == {"99457": 1, "99458": 3}
    assert str(2 * 10**100 - 2) in decision_json(decision)


def test_an_unknown_key_is_answered_with_those_there_are():
    keys = "completed_on, documented, billed_in_episode, first_window_reading_days, episode_restarted"
    with pytest.raises(FactError, match=f"^setup.done: unknown; expected one of {keys}$"):
        parse_facts(march(setup={**SETUP, "done": True}))


def test_no_error_repeats_a_value():
    for given, _, _ in WRONG:
        if isinstance(given, dict) and "billed_by_us" in given:
            with pytest.raises(FactError) as refusal:
                parse_facts(given)
            assert "99490" not in str(refusal.value)
