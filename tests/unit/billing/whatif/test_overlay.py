"""Laying changes over facts, and what differs: pure functions."""

import pytest
from hypothesis import given, settings

from billing.rules import FactError, NoRuleSet, parse_facts
from billing.whatif.overlay import Changes, PayerProfile, difference, lay_over, plain
from tests.rulebook.random_facts import facts as random_facts

FACTS = plain(
    {
        "month": "2026-03",
        "clinical_staff_seconds": 22 * 60,
        "qhp_seconds": 600,
        "live_contacts": 1,
        "device_windows": [
            {"ends_on": "2026-03-11", "reading_days": 20, "reading_days_any_device": 22, "devices": 2}
        ],
        "auto_reading_days_in_month": 11,
        "consent_on": "2026-01-01",
        "order_signed_on": "2026-01-01",
        "established_patient": True,
        "necessity_documented": True,
        "supervising_practitioner": True,
        "device_basis_on_file": True,
        "policy": {"live_chat_counts": True},
    }
)
PAYERS = {"medicare": "Medicare Part B", "commercial": "Commercial plan"}
STRICT = PayerProfile("commercial", {"live_contact_per_unit": True, "unit_limit_99458": 1}, True)


def told(**changes):
    return difference(FACTS, lay_over(FACTS, Changes(**changes)), PAYERS)


def outcomes(row, side):
    return [(each.words, each.units) for each in getattr(row, side)]


def row_of(shown, code):
    return next(row for row in shown.rows if row.code == code)


def test_nothing_laid_over_is_nothing_changed():
    assert lay_over(FACTS, Changes()) == FACTS
    shown = told()
    assert (shown.facts, shown.changed, shown.comes_out_otherwise) == ((), (), False)
    assert {row.code for row in shown.rows} == {"99445", "99453", "99454", "99457", "99458", "99470", "99091"}


@settings(max_examples=60, deadline=None)
@given(random_facts())
def test_whatever_the_facts_laying_nothing_over_them_changes_nothing(facts):
    base = plain(facts)
    assert lay_over(base, Changes()) == base


@pytest.mark.parametrize("values", [{"clinical_staff_seconds": 22 * 60}, {"live_contacts": 1}])
def test_the_same_value_laid_over_is_no_change(values):
    assert told(facts=values).facts == ()


@pytest.mark.parametrize(("seconds", "units"), [(0, 0), (29 * 60 + 59, 0), (30 * 60, 1), (50 * 60, 2)])
def test_minutes_at_the_edges_of_a_unit(seconds, units):
    """10 practitioner minutes stand beside: 99458 is earned from 30 staff minutes on, once more from 50 on."""
    after = row_of(told(facts={"clinical_staff_seconds": seconds}), "99458").after
    assert sum(side.units for side in after) == units


def test_a_payer_brings_its_policies_and_takes_the_old_ones_away():
    laid = lay_over(FACTS, Changes(profile=STRICT))
    assert (laid["payer"], laid["diagnosis_allowed"]) == ("commercial", True)
    assert parse_facts(laid).policy.unit_limit_99458 == 1
    assert parse_facts(laid).policy.live_chat_counts is False


def test_a_single_policy_goes_before_the_payers():
    laid = lay_over(
        FACTS, Changes(profile=STRICT, policy={"unit_limit_99458": None, "live_chat_counts": True})
    )
    assert parse_facts(laid).policy.unit_limit_99458 is None
    assert parse_facts(laid).policy.live_contact_per_unit is True
    assert parse_facts(laid).policy.live_chat_counts is True


def test_a_code_may_be_released_for_one_unit_and_held_for_the_other():
    facts = {"clinical_staff_seconds": 50 * 60, "live_contacts": 2}
    shown = told(facts=facts, policy={"live_contact_per_unit": True})
    assert outcomes(row_of(shown, "99458"), "before") == [("Not billed", 0)]
    assert sorted(outcomes(row_of(shown, "99458"), "after")) == [("Held", 1), ("Released", 1)]


def test_a_changed_code_has_its_sentences_on_both_sides():
    row = row_of(told(facts={"clinical_staff_seconds": 30 * 60}), "99458")
    assert row.changed
    assert any("8 min short" in each.text for side in row.before for each in side.sentences)
    assert any("40 min signed" in each.text for side in row.after for each in side.sentences)
    assert [each.text for side in row.before for each in side.own] == [
        each.text for side in row.before for each in side.sentences
    ]


def test_what_both_sides_say_is_on_neither_ones_own_list():
    row = row_of(told(facts={"consent_on": None}), "99457")
    (before,), (after,) = row.before, row.after
    assert [each.met for each in (*before.own, *after.own)] == [True, False]
    assert len(before.sentences) == len(after.sentences) > 5


def test_only_the_reading_days_named_become_others():
    shown = told(days={"2026-03-11": (15, 22)})
    assert [(f.label, f.before, f.after) for f in shown.facts] == [
        (
            "Reading days, 10-Feb-2026 to 11-Mar-2026",
            "20, all devices together 22",
            "15, all devices together 22",
        )
    ]
    assert {row.code for row in shown.changed} == {"99445", "99454"}


def test_warnings_appear_and_vanish():
    shown = told(days={"2026-03-11": (15, 22)})
    assert shown.appear == ("All devices together would earn a higher device code than the best one alone",)
    back = difference(lay_over(FACTS, Changes(days={"2026-03-11": (15, 22)})), FACTS, PAYERS)
    assert (back.appear, back.vanish) == ((), shown.appear)


def test_a_warning_alone_is_a_difference():
    shown = told(facts={"live_chat_contacts": 1})
    assert shown.changed == ()
    assert shown.comes_out_otherwise


def test_no_coverage_is_said_as_long_as_it_is_so():
    uncovered = {**FACTS, "payer": "none"}
    shown = difference(uncovered, lay_over(uncovered, Changes(profile=STRICT)), PAYERS)
    assert shown.vanish[-1] == "No coverage in effect on the last day of service: the claim waits as a whole"


def test_papers_taken_away_hold_every_code():
    shown = told(facts={"consent_on": None})
    assert [(f.label, f.before, f.after) for f in shown.facts] == [
        ("Consent", "on file since 01-Jan-2026", "not on file")
    ]
    assert {row.code for row in shown.changed} == {"99454", "99457"}


@pytest.mark.parametrize(("known", "laid"), [(None, None), (900, 1500), (0, 600)])
def test_the_thirty_days_of_99091_move_with_the_month(known, laid):
    base = plain({**FACTS, "qhp_seconds_30_days": known})
    assert lay_over(base, Changes(facts={"qhp_seconds": 1200}))["qhp_seconds_30_days"] == laid
    assert lay_over(base, Changes())["qhp_seconds_30_days"] == known


def test_facts_that_do_not_go_together_are_refused():
    with pytest.raises(FactError, match="device_windows.reading_days"):
        lay_over(FACTS, Changes(days={"2026-03-11": (23, 22)}))


def test_a_month_without_a_rule_set_is_refused():
    old = plain({"month": "2018-12"})
    with pytest.raises(NoRuleSet):
        difference(old, old, PAYERS)
