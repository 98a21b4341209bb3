"""The policies' page and its form in a real browser: what departs is seen at a glance, on a phone too."""

from datetime import date

import pytest
import time_machine
from playwright.sync_api import expect

from accounts.models import PolicySetting
from accounts.practice_policies import set_policy
from tests.functional.browsing import assert_reflows
from tests.integration.billing.months import APRIL_5, guides_example


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


@pytest.fixture
def laid(live_server, cast):
    """A practice that departs in three ways, with an earlier value, one to come and a payer's own."""
    why = "The medical director and the compliance officer agreed on it after the review of last year."
    for key, value, starts_on, payer in [
        ("unit_limit_99458", 2, date(2026, 1, 1), ""),
        ("unit_limit_99458", 1, date(2026, 3, 1), ""),
        ("unit_limit_99458", None, date(2026, 2, 1), "medicare-advantage"),
        ("live_chat_counts", True, date(2026, 4, 20), "commercial"),
        ("covered_diagnoses", ["E11", "I10", "I50", "J44"], date(2026, 1, 1), "commercial"),
        ("idle_minutes", 7, date(2026, 2, 1), ""),
    ]:
        set_policy(cast.practice, key=key, value=value, starts_on=starts_on, why=why, payer=payer)
    return cast


def test_the_administrator_lays_a_policy_down(laid, page, sign_in, axe, shot):
    sign_in(page, laid.ade)
    page.goto("/")
    page.get_by_role("link", name="Policies").click()
    expect(page.get_by_text("3 policies depart from the default")).to_be_visible()
    axe(page)
    shot(page, "policies")
    page.get_by_role("link", name="Change Units of 99458 a month, at most Medicare Advantage").click()
    expect(page.get_by_label("For", exact=True)).to_have_value("medicare-advantage")
    axe(page)
    shot(page, "policy-change")
    page.get_by_label("Value").fill("11")
    page.get_by_label("Why").fill("The contract of 2026 says two.")
    page.get_by_role("button", name="Set this value").click()
    expect(page.get_by_role("link", name="The value must be a whole number from 0 to 9.")).to_be_visible()
    axe(page)
    shot(page, "policy-change-wrong")
    page.get_by_label("Value").fill("2")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="What it would change")).to_be_in_viewport()
    expect(page.get_by_label("Why")).to_have_value("The contract of 2026 says two.")
    axe(page)
    page.get_by_role("button", name="Set this value").click()
    expect(page.get_by_role("status").filter(has_text="2 units from 01-May-2026")).to_be_visible()
    expect(page.get_by_text("To come, from 01-May-2026: 2 units")).to_be_visible()
    assert PolicySetting.objects.filter(payer="medicare-advantage").count() == 2


def test_what_a_value_would_change_is_shown_before_it_is_set(laid, page, open_window, sign_in, axe, shot):
    guides_example(laid)
    phone = sign_in(open_window(390, 844, has_touch=True, is_mobile=True), laid.ade)
    for screen, name in ((sign_in(page, laid.ade), ""), (phone, "-390")):
        screen.goto("/policies/covered_diagnoses/change/?payer=medicare")
        screen.get_by_label("Diagnoses", exact=True).fill("E11")
        screen.get_by_label("From which day").fill("2026-03-01")
        screen.get_by_label("Diagnoses", exact=True).press("Tab")
        screen.get_by_role("button", name="Preview").click()
        expect(screen.get_by_text("would come out otherwise")).to_be_visible()
        expect(screen.get_by_text("The payer does not cover monitoring").first).to_be_visible()
        assert_reflows(screen)
        axe(screen)
        shot(screen, f"policy-preview{name}")
    page.goto("/policies/alert_recipients/change/")
    page.get_by_label("Billers alone").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Rosa Nguyen, RN: not told")).to_be_visible()
    shot(page, "policy-preview-people")


def test_the_administrator_ends_a_payers_own_value(laid, page, sign_in, axe, shot):
    sign_in(page, laid.ade)
    page.goto("/policies/")
    page.get_by_role("link", name="End Units of 99458 a month, at most Medicare Advantage").press("Enter")
    expect(page.get_by_label("Payer")).to_have_value("medicare-advantage")
    axe(page)
    shot(page, "policy-end")
    page.get_by_label("Why").fill("The contract of 2025 ended.")
    page.get_by_role("button", name="End the payer’s own value").click()
    expect(page.get_by_role("status").filter(has_text="as the practice from 01-May-2026")).to_be_visible()
    expect(page.get_by_text("To come, from 01-May-2026: as the practice")).to_be_visible()


def test_a_choice_and_a_list_have_fields_of_their_kind(laid, page, sign_in, axe, shot):
    sign_in(page, laid.ade)
    page.goto("/policies/covered_diagnoses/change/?payer=commercial")
    page.get_by_label("Diagnoses", exact=True).fill("i50, O10.1")
    axe(page)
    shot(page, "policy-change-list")
    page.goto("/policies/same_day_visit/change/")
    page.get_by_label("Counted", exact=True).check()
    axe(page)
    shot(page, "policy-change-choice")


def test_the_biller_reads_them_and_changes_none(laid, page, sign_in, axe):
    sign_in(page, laid.cora)
    page.goto("/policies/")
    expect(page.get_by_text("Longer lets unproven time in.")).to_be_visible()
    expect(page.get_by_role("link", name="Change")).to_have_count(0)
    axe(page)


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_nothing_scrolls_sideways(laid, open_window, sign_in, axe, shot, width):
    phone = sign_in(open_window(width, 844, has_touch=True, is_mobile=True), laid.ade)
    for name, url in {
        "policies": "/policies/",
        "policy-change": "/policies/unit_limit_99458/change/?payer=medicare-advantage",
        "policy-change-choice": "/policies/device_days/change/",
    }.items():
        phone.goto(url)
        assert_reflows(phone)
        axe(phone)
        shot(phone, f"{name}-{width}")
