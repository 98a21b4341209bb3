"""A session in a tab behind another one: browsers slow the timers of what nobody sees.

Seen with Chromium 156: a hidden tab's timers run once a second, so that beats still come every five; when it has been
hidden for five minutes they run once a minute, and a beat comes a minute after the one before. The lost limit of three
minutes bears that. By then the idle question is open, which credits nothing more; only on the phone, where nobody asks
for 45 minutes, may a browser that dies in a hidden tab lose that minute.
"""

from datetime import datetime, timedelta
from urllib.request import Request, urlopen

import pytest
from django.utils import timezone

from tests.faults.browser_process import OwnBrowser
from tests.faults.processes import wait_until
from tests.faults.trials import SOAK
from tests.functional.browsing import sign_in as put_cookie
from tests.functional.sessions import shows
from timelogs.models import Clock, ClockState

pytestmark = pytest.mark.django_db(transaction=True)
# Five seconds, the second for which a hidden tab's timers may wait, and one for the way on a busy machine.
BETWEEN_BEATS = timedelta(seconds=7)
MINUTE_AND_ITS_BEAT = timedelta(seconds=67)
# The same throttling as after five hidden minutes, after ten seconds.
SOON = "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10"


@pytest.fixture
def laptop(request, playwright, tmp_path):
    opened = OwnBrowser(playwright, tmp_path / "laptop", *getattr(request, "param", ()))
    yield opened
    opened.kill()


@pytest.fixture
def hidden(laptop, cast, live_server) -> Clock:
    """Rosa's session with Jane, running in a tab that lies behind another one."""
    page = put_cookie(laptop.page, cast.rosa, address=live_server.url)
    page.goto(f"{live_server.url}/patients/{cast.jane.pk}/")
    page.get_by_role("button", name="Start session").click()
    shows(page, "running")
    # While somebody automates a page it passes for seen, wherever it lies.
    laptop.let_go()
    urlopen(Request(f"{laptop.address}/json/new?about:blank", method="PUT"))
    return Clock.objects.get()


def beats(clock: Clock, until: datetime) -> list[datetime]:
    """Every beat that the server took."""
    seen = [clock.heartbeat_at]

    def another() -> bool:
        clock.refresh_from_db()
        if clock.heartbeat_at != seen[-1]:
            seen.append(clock.heartbeat_at)
        return seen[-1] >= until

    wait_until(
        another,
        "the page fell silent",
        seconds=(until - timezone.now() + MINUTE_AND_ITS_BEAT).total_seconds(),
    )
    return seen


def longest_between(moments: list[datetime]) -> timedelta:
    return max(later - earlier for earlier, later in zip(moments, moments[1:], strict=False))


def test_a_hidden_tab_goes_on_beating(hidden):
    seen = beats(hidden, timezone.now() + timedelta(seconds=70 if SOAK else 10))
    assert longest_between(seen) <= BETWEEN_BEATS


@pytest.mark.parametrize("laptop", [(SOON,)], indirect=True)
def test_a_tab_that_has_been_hidden_for_long_beats_once_a_minute_and_is_not_given_up(hidden):
    seen = beats(hidden, timezone.now() + timedelta(seconds=150 if SOAK else 10))
    assert longest_between(seen) <= MINUTE_AND_ITS_BEAT
    assert hidden.state == ClockState.RUNNING
