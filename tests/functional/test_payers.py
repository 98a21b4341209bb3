"""The payers in a real browser: added, corrected, retired; which codes one does not cover; on a phone too."""

import pytest
from playwright.sync_api import expect

from accounts.practice_policies import set_policy
from payers.models import Payer
from tests.functional.browsing import assert_reflows

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_administrator_adds_a_payer_and_says_what_it_does_not_cover(
    cast, live_server, page, sign_in, axe, shot
):
    sign_in(page, cast.ade)
    page.goto("/")
    page.get_by_role("link", name="Payers", exact=True).click()
    axe(page)
    page.get_by_role("link", name="Add a payer").click()
    page.get_by_label("Name").fill("Acme Health")
    page.get_by_label("Kind of plan").select_option("commercial")
    page.get_by_label("Claims are sent as").select_option("production")
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_role("link", name="Commercial is filed under CI")).to_be_visible()
    expect(page.get_by_role("link", name="Claims in production need the payer id.")).to_be_visible()
    axe(page)
    shot(page, "payer-wrong")
    page.get_by_label("Claim filing code").select_option("CI")
    page.get_by_label("Payer id").fill("acme1")
    page.get_by_role("button", name="Add the payer").click()
    expect(page.get_by_role("row", name="Acme Health")).to_contain_text("ACME1")
    page.get_by_role("link", name="Change which codes Acme Health covers").click()
    expect(page.get_by_label("For", exact=True)).to_have_value("acme-health")
    page.get_by_label("99445").check()
    page.get_by_label("99470").press("Space")
    page.get_by_label("From which day").fill(cast.practice.today().isoformat())
    page.get_by_label("Why").fill("Its bulletin of January.")
    axe(page)
    shot(page, "payer-codes")
    page.get_by_role("button", name="Set this value").click()
    expect(page.get_by_role("status").filter(has_text="99445, 99470 from")).to_be_visible()
    page.goto("/payers/")
    expect(page.get_by_role("row", name="Acme Health")).to_contain_text("Does not cover 99445, 99470")
    page.get_by_role("link", name="Retire… Medicaid").click()
    page.get_by_label("Reason").fill("The contract is over.")
    axe(page)
    page.get_by_role("button", name="Retire the payer").click()
    expect(page.get_by_role("row", name="Medicaid")).to_contain_text("Retired")
    axe(page)
    shot(page, "payers")
    page.get_by_role("link", name="Change Acme Health", exact=True).click()
    page.get_by_label("Place of service").select_option("10")
    page.get_by_label("Reason").fill("Its manual.")
    axe(page)
    shot(page, "payer-change")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Acme Health")).to_contain_text("Place 10")


@pytest.mark.parametrize("width", [320, 390])
def test_payers_on_a_phone(width, cast, open_window, sign_in, axe, shot):
    why = {"starts_on": cast.practice.today(), "why": "w", "payer": "medicaid"}
    set_policy(cast.practice, key="codes_not_covered", value=["99445", "99470"], **why)
    set_policy(cast.practice, key="unit_limit_99458", value=1, **why)
    window = open_window(width, 844, has_touch=True, is_mobile=True)
    sign_in(window, cast.ade)
    window.goto("/payers/")
    axe(window)
    assert_reflows(window)
    shot(window, f"payers-{width}")
    window.goto(f"/payers/{Payer.objects.get(practice=cast.practice, slug='medicaid').pk}/change/")
    axe(window)
    assert_reflows(window)
    shot(window, f"payer-change-{width}")
    window.goto("/policies/codes_not_covered/change/?payer=medicaid")
    axe(window)
    assert_reflows(window)
    shot(window, f"payer-codes-{width}")
