"""The inbox with many alerts, the bell that interrupts, and the queues of work, in a real browser."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dispatch import outbox
from dispatch.models import EmailDelivery, Notice
from dispatch.notices import notify
from tests.functional.browsing import assert_reflows

FOLD = "reached 20 min in October 2026"


def tell(cast, cause: str, text: str, *who: str, kind: str = "threshold", **more) -> None:
    users = [cast.user(name) for name in who or ("cora", "rosa")]
    notify(cast.practice, users, kind=kind, cause=cause, text=text, url="/styleguide/", **more)


def many_alerts(cast) -> None:
    for number in range(27):
        tell(cast, f"reached-{number}", f"DEMO, Person {number} {FOLD}", fold=FOLD)
    tell(cast, "contact", "DOE, Jane: 20 min and no live contact in November 2026", kind="no_contact")
    tell(cast, "near", "ROE, Max: within 4 min of 40 min in November 2026", "cora", kind="near")
    tell(cast, "escalation", "Critical: ROE, Max: SpO₂ 84 %, below 88 %", kind="escalation", urgent=True)
    Notice.objects.filter(cause="contact", recipient=cast.user("rosa")).update(done_at=timezone.now())
    Notice.objects.filter(cause="near").update(created_at=timezone.now() - timedelta(days=1))


@pytest.mark.parametrize("width", [1280, 390])
def test_a_full_inbox_is_short_and_says_who_saw_to_what(width, open_window, cast, sign_in, axe, shot):
    many_alerts(cast)
    page = sign_in(open_window(width), cast.cora)
    page.goto("/inbox/")
    expect(page.locator("li.line")).to_have_count(4)
    expect(page.locator("li.line", has_text="no live contact")).to_contain_text("Acknowledged by Rosa Nguyen")
    expect(page.locator(".interrupt")).to_contain_text("An escalation waits for you")
    axe(page)
    assert_reflows(page)
    shot(page, f"alerts-inbox-{width}")
    # Over a page without buttons, of which it would cover some by half.
    page.goto("/inbox/?tab=snoozed")
    page.locator(".bell > summary").press("Enter")
    expect(page.locator(".bell-lines").first).to_be_visible()
    axe(page)
    shot(page, f"alerts-bell-{width}")
    page.goto("/inbox/")
    page.get_by_role("link", name=f"27 patients {FOLD}").first.click()
    expect(page.locator("li.line")).to_have_count(27)
    axe(page)
    assert_reflows(page)
    shot(page, f"alerts-fold-{width}")
    page.get_by_role("button", name="Mark all 27 read").click()
    expect(page.locator("li.line")).to_have_count(3)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_line_is_snoozed_by_keyboard_and_comes_back(width, open_window, cast, sign_in, axe, shot):
    tell(cast, "contact", "DOE, Jane: 20 min and no live contact in November 2026", kind="no_contact")
    page = sign_in(open_window(width), cast.cora)
    page.goto("/inbox/")
    page.get_by_text("Later", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Tomorrow at 8:00")).to_be_visible()
    axe(page)
    assert_reflows(page)
    shot(page, f"alerts-later-{width}")
    page.get_by_role("button", name="Tomorrow at 8:00").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("It comes back on")
    page.get_by_role("link", name="Snoozed").click()
    axe(page)
    shot(page, f"alerts-snoozed-{width}")
    page.get_by_role("button", name="Bring back").click()
    page.get_by_role("link", name="Waiting 1").click()
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("sees that you saw to it")


def test_what_is_urgent_interrupts_an_open_page_and_goes_when_it_is_seen_to(page, cast, sign_in):
    sign_in(page, cast.cora)
    page.clock.install()
    page.goto("/inbox/")
    tell(cast, "escalation", "Critical: ROE, Max", kind="escalation", urgent=True)
    page.clock.run_for(31_000)
    expect(page.locator(".interrupt")).to_contain_text("An escalation waits for you")
    expect(page.locator(".bell > summary")).to_contain_text("Alerts, 1 unread")
    Notice.objects.update(withdrawn_at=timezone.now())
    page.clock.run_for(31_000)
    expect(page.locator(".interrupt")).to_have_count(0)
    expect(page.locator(".bell > summary")).to_contain_text("Alerts, 0 unread")


def test_an_open_bell_is_left_alone_where_nothing_changed(page, cast, sign_in):
    tell(cast, "contact", "DOE, Jane: 20 min", kind="no_contact")
    sign_in(page, cast.cora)
    page.clock.install()
    page.goto("/inbox/")
    page.locator(".bell > summary").press("Enter")
    line = page.locator(".bell-lines a").first
    line.focus()
    page.clock.run_for(61_000)
    expect(line).to_be_focused()


@pytest.mark.parametrize("width", [1280, 390])
def test_how_alerts_are_e_mailed_is_chosen(width, open_window, cast, sign_in, axe, shot):
    page = sign_in(open_window(width), cast.cora)
    page.goto("/inbox/settings/")
    axe(page)
    assert_reflows(page)
    shot(page, f"alerts-settings-{width}")
    page.get_by_label("Each at once").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Your settings are saved")
    expect(page.get_by_label("Each at once")).to_be_checked()


@pytest.mark.parametrize("width", [1280, 390])
def test_an_administrator_has_failed_work_done_again(width, open_window, cast, sign_in, axe, shot):
    message = outbox.send(cast.practice, "timelogs.time_changed", patient_month="0")
    message.failed_at, message.attempts, message.last_error = timezone.now(), 8, "ValueError"
    message.save()
    tell(cast, "close", "March 2026 is closed.", "cora", kind="close")
    EmailDelivery.objects.update(attempts=9, last_error="OSError", leased_until=timezone.now())
    page = sign_in(open_window(width), cast.ade)
    page.goto("/queues/")
    axe(page)
    assert_reflows(page)
    shot(page, f"alerts-queues-{width}")
    page.get_by_role("link", name="E-mails that failed").click()
    axe(page)
    assert_reflows(page)
    shot(page, f"alerts-mails-{width}")
    page.get_by_role("link", name="Work set aside").click()
    page.get_by_role("link", name="Try again").click()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    shot(page, f"alerts-retry-{width}")
    page.get_by_label("Reason").fill("The broken row was mended.")
    axe(page)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("status").first).to_contain_text("It is tried again now")
    expect(page.get_by_text("No work was set aside.")).to_be_visible()
