"""An administrator connects a vendor's cloud, gives it another secret, and ends it, in a real browser."""

import pytest
from playwright.sync_api import expect

from interchange.models import Hub
from tests.functional.browsing import assert_reflows
from tests.hubs import HubSender, heart, hub, reading

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_hub_is_connected_changed_and_ended(cast, live_server, page, sign_in, axe, shot):
    sign_in(page, cast.ade)
    page.goto("/integrations/")
    page.get_by_role("link", name="Connect a hub").click()
    page.get_by_role("button", name="Connect the hub").click()
    expect(
        page.get_by_role("link", name="Enter the name of the vendor or gateway that will send.")
    ).to_be_visible()
    expect(page.get_by_role("link", name="Choose what it sends.")).to_be_visible()
    axe(page)
    shot(page, "hub-new-wrong")
    page.get_by_label("Name").fill("Cellular cloud")
    page.get_by_label("What it sends").select_option("generic")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is shown this once.")).to_be_visible()
    axe(page)
    shot(page, "hub-shown")
    first = HubSender(Hub.objects.get(), page.locator("code.token").inner_text())
    page.reload()
    expect(page.get_by_role("heading", name="The secret was shown already")).to_be_visible()
    assert first.send({"readings": [reading(), heart()]}).status_code == 200
    assert first.send({"readings": [heart(5)]}).status_code == 422

    page.goto("/integrations/")
    row = page.get_by_role("row", name="Cellular cloud")
    expect(row).to_contain_text("Content refused: 1")
    expect(row).to_contain_text("with secret 1")
    row.get_by_role("link", name="New secret… for the hub Cellular cloud").click()
    axe(page)
    shot(page, "hub-secret")
    page.get_by_label("The old secret works on for").select_option("7")
    page.get_by_role("button", name="Make the secret").click()
    second = HubSender(first.row, page.locator("code.token").inner_text())
    assert [each.send({"readings": [heart()]}).status_code for each in (first, second)] == [200, 200]

    page.goto("/integrations/")
    expect(row).to_contain_text("with secret 2")
    expect(row).to_contain_text("Secret 1 until")
    axe(page)
    shot(page, "hubs")
    row.get_by_role("link", name="End… the hub Cellular cloud").click()
    page.get_by_label("Reason").fill("The vendor was changed.")
    page.get_by_role("button", name="End the hub").click()
    expect(page.get_by_text("The hub Cellular cloud was ended.")).to_be_visible()
    assert second.send({"readings": [heart()]}).status_code == 401
    page.get_by_text("Ended hubs").click()
    axe(page)
    shot(page, "hubs-ended")


@pytest.mark.parametrize("width", [320, 390])
def test_hubs_on_a_phone(width, cast, open_window, sign_in, axe, shot):
    cloud = HubSender(*hub(cast.ade, name="Cellular cloud of the vendor"))
    cloud.send({"readings": [heart()]})
    cloud.send({"readings": [heart(5)]})
    window = open_window(width, 844, has_touch=True, is_mobile=True)
    sign_in(window, cast.ade)
    for path, name in (
        ("/integrations/", "hubs"),
        ("/integrations/hubs/new/", "hub-new"),
        (f"/integrations/hubs/{cloud.row.pk}/secret/", "hub-secret"),
    ):
        window.goto(path)
        assert_reflows(window)
        axe(window)
        shot(window, f"{name}-{width}")
