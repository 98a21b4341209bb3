"""An administrator lets a hospital's system in, in a real browser, and shuts it out again."""

import pytest
from playwright.sync_api import expect

from tests.functional.browsing import assert_reflows
from tests.integration.interchange.fhir.sent import Sender, ida
from tests.tokens import Program

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_token_is_made_used_and_ended(cast, live_server, page, phone, sign_in, axe, shot):
    sign_in(page, cast.ade)
    page.goto("/")
    page.get_by_role("link", name="Integrations").click()
    expect(page.get_by_text("No token is in use.")).to_be_visible()
    axe(page)
    shot(page, "integrations-none")
    page.get_by_role("link", name="Make a token").click()
    page.get_by_label("Name").fill("Hospital feed")
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("link", name="Choose what it may do.")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Hospital feed")
    axe(page)
    shot(page, "token-new-wrong")
    page.get_by_label("Read patients and coverages").check()
    page.get_by_label("Send patients and coverages").check()
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is shown this once.")).to_be_visible()
    axe(page)
    shot(page, "token-shown")
    written = page.locator("code.token").inner_text()
    page.reload()
    expect(page.get_by_role("heading", name="The token was shown already")).to_be_visible()
    assert Program(written).get("/fhir/Patient").status_code == 200
    assert Program(written).get("/fhir/Patient?shoe=42").status_code == 400

    page.goto("/integrations/")
    expect(page.get_by_role("row", name="Hospital feed")).to_contain_text("Content refused: 1")
    axe(page)
    shot(page, "integrations")
    page.get_by_role("link", name="End… the token Hospital feed").click()
    page.get_by_label("Reason").fill("The vendor was changed.")
    page.get_by_role("button", name="End the token").click()
    expect(page.get_by_text("The token Hospital feed was ended.")).to_be_visible()
    assert Program(written).get("/fhir/Patient").status_code == 401
    page.get_by_text("Ended tokens").click()
    axe(page)
    shot(page, "integrations-ended")


@pytest.mark.parametrize("width", [320, 390])
def test_integrations_on_a_phone(width, cast, open_window, sign_in, axe, shot):
    hospital = Sender(cast.ade, networks=["127.0.0.0/8", "192.0.2.0/24"])
    hospital.post(ida())
    hospital.post(ida(gender="F"))
    window = open_window(width, 844, has_touch=True, is_mobile=True)
    sign_in(window, cast.ade)
    for path, name in (("/integrations/", "integrations"), ("/integrations/tokens/new/", "token-new")):
        window.goto(path)
        assert_reflows(window)
        axe(window)
        shot(window, f"{name}-{width}")
