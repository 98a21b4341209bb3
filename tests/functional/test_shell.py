"""The frame around every page, in a real browser."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from accounts.middleware import SEEN
from dispatch.notices import notify
from tests.functional.browsing import assert_reflows


@pytest.fixture
def three_notices(cast):
    for number in range(3):
        notify(
            cast.practice,
            [cast.user("cora")],
            kind="threshold",
            cause=f"test-{number}",
            text=f"DOE, Jane reached {number + 1}0 min in November.",
            fold=f"reached {number + 1}0 min in November 2026",
            url="/styleguide/",
        )


@pytest.mark.parametrize("width", [1280, 768, 390, 320])
def test_every_component_is_accessible_and_fits(width, open_window, cast, sign_in, axe, shot):
    page = sign_in(open_window(width), cast.rosa)
    page.goto("/styleguide/")
    expect(page.get_by_role("heading", name="Style guide")).to_be_visible()
    axe(page)
    assert_reflows(page)
    shot(page, f"styleguide-{width}")


def test_text_spacing_of_the_readers_choice_clips_nothing(open_window, cast, sign_in):
    page = sign_in(open_window(320), cast.rosa)
    page.goto("/styleguide/")
    page.evaluate(
        """() => { for (const e of document.querySelectorAll('*')) {
            e.style.lineHeight = '1.5'; e.style.letterSpacing = '0.12em'; e.style.wordSpacing = '0.16em'; } }"""
    )
    assert_reflows(page)


def test_the_skip_link_is_the_first_stop_and_leads_to_the_main_part(page, cast, sign_in):
    sign_in(page, cast.rosa)
    page.goto("/inbox/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main#main")).to_be_focused()


def test_the_bell_says_how_many_wait_and_lists_them(page, cast, sign_in, three_notices, axe, shot):
    sign_in(page, cast.cora)
    # Over a page without buttons, of which it would cover some by half.
    page.goto("/inbox/?tab=snoozed")
    bell = page.locator(".bell > summary")
    expect(bell).to_contain_text("Alerts, 3 unread")
    bell.press("Enter")
    expect(page.locator(".bell-lines a")).to_have_count(3)
    axe(page)
    shot(page, "bell-open")
    page.keyboard.press("Escape")
    expect(page.locator(".bell-lines a").first).to_be_hidden()
    expect(bell).to_be_focused()


def test_a_line_marked_read_leaves_for_done(page, cast, sign_in, three_notices, axe, shot):
    sign_in(page, cast.cora)
    page.goto("/inbox/")
    shot(page, "inbox")
    page.locator("li", has_text="30 min").get_by_role("button", name="Mark read").click()
    expect(page.get_by_role("status").first).to_contain_text("Marked as read")
    expect(page.locator("li.line")).to_have_count(2)
    axe(page)
    page.get_by_role("link", name="Done").click()
    expect(page.locator("li.line")).to_contain_text(["30 min"])
    axe(page)
    shot(page, "inbox-done")


def test_the_bell_hears_of_news_in_the_background(page, cast, sign_in):
    sign_in(page, cast.cora)
    page.clock.install()
    page.goto("/styleguide/")
    notify(cast.practice, [cast.user("cora")], kind="close", cause="new", text="A month was closed.", url="/")
    with page.expect_request(re.compile(r"/inbox/bell/\?seen=")) as asked:
        page.clock.fast_forward(31_000)
    assert asked.value.headers["x-background"] == "1"
    expect(page.locator(".bell > summary")).to_contain_text("Alerts, 1 unread")


def test_news_never_take_away_the_line_that_has_the_focus(page, cast, sign_in, three_notices):
    sign_in(page, cast.cora)
    page.clock.install()
    page.goto("/styleguide/")
    page.locator(".bell > summary").press("Enter")
    page.locator(".bell-lines a").first.focus()
    notify(cast.practice, [cast.user("cora")], kind="close", cause="new", text="A month was closed.", url="/")
    page.clock.fast_forward(31_000)
    expect(page.locator(".bell > summary")).to_contain_text("Alerts, 4 unread")
    expect(page.locator(".bell-lines a").first).to_be_focused()


def test_a_poll_after_the_sign_out_leads_to_the_sign_in(page, cast, sign_in):
    sign_in(page, cast.cora)
    page.clock.install()
    page.goto("/inbox/")
    page.context.clear_cookies()
    page.clock.fast_forward(31_000)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_double_click_sends_a_form_once(page, cast, sign_in, three_notices):
    sign_in(page, cast.cora)
    page.goto("/inbox/")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Mark read").first.dblclick()
    expect(page.locator("li.line")).to_have_count(2)
    assert len(sent) == 1


def test_an_empty_inbox_says_so(page, cast, sign_in, axe, shot):
    sign_in(page, cast.rosa)
    page.goto("/inbox/")
    expect(page.get_by_text("Nothing is waiting for you.")).to_be_visible()
    axe(page)
    shot(page, "inbox-empty")


def test_g_then_a_letter_goes_places(page, cast, sign_in):
    sign_in(page, cast.rosa)
    page.goto("/styleguide/")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()


def test_the_list_of_keys_opens_closes_and_turns_single_keys_off(page, cast, sign_in, axe, shot):
    sign_in(page, cast.rosa)
    page.goto("/inbox/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    axe(page)
    shot(page, "shortcuts")
    dialog.get_by_role("checkbox").uncheck()
    dialog.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(dialog).to_be_hidden()
    # Everything is still there for a pointer, and can be turned on again.
    page.locator(".user-menu > summary").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(dialog.get_by_role("checkbox")).not_to_be_checked()


def test_signing_out_through_the_menu_ends_the_session(page, cast, sign_in, axe, shot):
    sign_in(page, cast.lena)
    page.goto("/inbox/")
    page.locator(".user-menu > summary").click()
    expect(page.get_by_text("Lead nurse", exact=True)).to_be_visible()
    axe(page)
    shot(page, "user-menu")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/inbox/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_phone_shows_the_same_things_in_one_column(phone, cast, sign_in, three_notices, axe, shot):
    sign_in(phone, cast.cora)
    phone.goto("/inbox/")
    assert_reflows(phone)
    axe(phone)
    shot(phone, "phone-inbox")
    phone.locator(".bell > summary").tap()
    expect(phone.locator(".bell-lines a").first).to_be_visible()
    assert_reflows(phone)
    axe(phone)
    shot(phone, "phone-bell")


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_that_say_no_are_accessible(width, open_window, cast, sign_in, axe, shot):
    page = sign_in(open_window(width), cast.ade)
    for path, heading in (
        ("/no/such/page/", "This page is not here"),
        ("/patients/", "You cannot open this"),
    ):
        page.goto(path)
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        axe(page)
        assert_reflows(page)
        shot(page, f"{heading}-{width}")


def test_colors_forced_by_the_system_leave_every_state_told_in_words(open_window, cast, sign_in, shot):
    page = sign_in(open_window(), cast.rosa)
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    page.goto("/styleguide/")
    for tag in page.locator(".tag").all():
        assert tag.inner_text().strip()
    shot(page, "forced-colors")


def near_sign_out(page, seconds: int) -> None:
    """As if the person had done nothing until `seconds` were left."""
    cookie = next(c for c in page.context.cookies() if c["name"] == settings.SESSION_COOKIE_NAME)
    row = Session.objects.get(pk=cookie["value"])
    data = row.get_decoded()
    gone = settings.IDLE_SIGN_OUT_SECONDS - seconds
    data[SEEN] = (timezone.now() - timedelta(seconds=gone)).isoformat()
    row.session_data = Session.objects.encode(data)
    row.save()


def forget_when_the_page_loaded(page) -> None:
    """The page calculates from its load: make it ask the server now, as it would after 13 minutes."""
    page.clock.fast_forward(13 * 60 * 1000 + 1000)


def test_two_minutes_before_the_sign_out_a_dialog_asks_and_staying_works(page, cast, sign_in, axe, shot):
    sign_in(page, cast.rosa)
    page.clock.install()
    page.goto("/styleguide/")
    near_sign_out(page, 110)
    forget_when_the_page_loaded(page)
    dialog = page.get_by_role("dialog", name="Are you still there?")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Stay signed in")).to_be_focused()
    axe(page)
    shot(page, "timeout")
    dialog.get_by_role("button", name="Stay signed in").click()
    expect(dialog).to_be_hidden()


def test_who_does_not_answer_is_signed_out_and_comes_back_to_the_same_page(page, cast, sign_in):
    sign_in(page, cast.rosa)
    page.clock.install()
    page.goto("/inbox/")
    near_sign_out(page, -1)
    forget_when_the_page_loaded(page)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("E-mail").fill("rosa@example.test")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
