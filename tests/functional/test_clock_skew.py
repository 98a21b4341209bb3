"""A computer whose clock is an hour wrong: the digits and the time are the server's."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.functional.sessions import digits, look_at, saved, seconds_of, shows, start, toggle

pytestmark = pytest.mark.django_db(transaction=True)
SHIFT = """(() => {
    const Real = Date, off = HOURS * 3600e3;
    const shifted = (...given) => (given.length ? new Real(...given) : new Real(Real.now() + off));
    globalThis.Date = new Proxy(Real, {
        construct: (_, given) => shifted(...given),
        apply: () => shifted().toString(),
        get: (real, name) => (name === "now" ? () => real.now() + off : Reflect.get(real, name)),
    });
})()"""


@pytest.fixture(params=[1, -1], ids=["an hour fast", "an hour slow"])
def page(request, open_window, cast, sign_in):
    opened = sign_in(open_window(), cast.rosa)
    opened.add_init_script(SHIFT.replace("HOURS", str(request.param)))
    return opened


def test_a_wrong_clock_in_the_browser_changes_neither_the_digits_nor_the_time(page, cast):
    entry = start(page, cast.jane)
    wrong = page.evaluate("Date.now()") / 1000 - timezone.now().timestamp()
    assert abs(abs(wrong) - 3600) < 60
    with page.expect_response("**/heartbeat/"):
        look_at(page)
    # As promised: the screen is within two seconds of the server.
    assert abs((timezone.now() - entry.started_at).total_seconds() - digits(page)) < 2
    toggle(page)
    shows(page, "paused")
    assert digits(page) == int(seconds_of(entry))


def test_a_wrong_clock_in_the_browser_leaves_saving_and_its_words_alone(page, cast):
    start(page, cast.jane)
    page.get_by_label("What was said").fill("She feels well.")
    saved(page)
    assert is_about_now(page, cast)
    page.context.set_offline(True)
    page.get_by_label("What was said").fill("She feels well today.")
    expect(page.locator("#save-state")).to_contain_text(
        re.compile(r"Not saved since \d\d:\d\d\. Keep this page open")
    )
    assert is_about_now(page, cast)
    page.context.set_offline(False)
    saved(page)


def is_about_now(page, cast) -> bool:
    """Whether the line about saving tells the practice's time of day, give or take the minute that is just ending."""
    hour, minute = re.search(r"(\d\d):(\d\d)", page.locator("#save-state").inner_text()).groups()
    now = timezone.now().astimezone(cast.practice.tz)
    apart = (now.hour * 60 + now.minute - int(hour) * 60 - int(minute)) % 1440
    return apart in {0, 1}
