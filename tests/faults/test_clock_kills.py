"""SIGKILL of the browser, of the web server or of the sweeper at random instants: what is the clock still worth?

Several nurses work at once, each in a browser process of her own on a web server of her own; they type, take breaks,
go on the phone and reload. Then one of the three is killed, in the middle of whatever happens to be going on.

*True* is how long the clock ran by the web server's own note of what it read: from each press that starts it to the
press that stops it, or to the kill of the browser. *Credited* is the exact sum of the standing segments once the
sweeper, at the kill and the lost limit, has settled what went silent. Then

- gain, credited above true, is nothing, whatever was killed;
- loss, true above credited, is at most the five seconds from one beat to the next when the browser was killed, and
  nothing when the web server or the sweeper was: the page lived on, and the restarted one goes on where the dead was.
  A page that is still being loaded cannot beat: where the browser dies in the middle of that, the seconds since the
  page was asked for come on top, as the server noted them; how many and how long is printed.

A press counts between its reading and its answer; on a busy machine that is most of a second, so what is true has a
least and a most. Half a second more is allowed to the measuring in both directions: a beat takes its way, and one that
was on its way as its browser died is read after the kill.
"""

import random
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from threading import Event

import pytest
from django.utils import timezone
from playwright.sync_api import sync_playwright

from tests.cast import make_cast
from tests.faults.credited_time import Outcome, credited, report
from tests.faults.people import nurse, own_connection, somebody
from tests.faults.sweeper import Sweeper
from tests.faults.trials import at_once, trials
from tests.faults.workstation import Workstation
from timelogs.clock import acts as clock
from timelogs.models import Clock, TimeEntry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill, pytest.mark.browser]
DESKS = 4
LOST_AFTER = timedelta(minutes=3)
# The longest that somebody works before the blow: two beats and more for a browser.
WORKS = {"browser": 11.0, "web": 5.0, "worker": 5.0}


class Blows:
    """What befalls one workstation, time and again."""

    def __init__(self, workstation: Workstation, sweeper: Sweeper):
        self.workstation, self.sweeper = workstation, sweeper
        self.killed_at = self.restarted_at = timezone.now()

    def trial(self, kind: str, patient) -> list[Outcome]:
        began, workstation = timezone.now(), self.workstation
        self.restarted_at = began
        workstation.struck.clear()
        entry = workstation.start(patient)
        with ThreadPoolExecutor(1) as elsewhere:
            blow: Future = elsewhere.submit(self.strike, kind, workstation.rng.uniform(0, WORKS[kind]))
            blow.add_done_callback(lambda _: workstation.struck.set())
            workstation.work()
            beside = blow.result()
        until = self.settle(entry, began) if kind == "browser" else self.go_on(entry)
        return [self.outcome(kind, entry, began, until), *beside]

    def outcome(self, kind: str, entry: TimeEntry, began: datetime, until: datetime) -> Outcome:
        true, story = (
            self.workstation.true_seconds(began, until),
            f"until {until}\n{self.workstation.story(began)}",
        )
        loading = self.workstation.loading_seconds(began, until) if kind == "browser" else 0.0
        return Outcome(kind, true, credited(entry), loading, story)

    def strike(self, kind: str, delay: float) -> list[Outcome]:
        with own_connection():
            Event().wait(delay)
            return getattr(self, f"kill_{kind}")() or []

    def kill_browser(self) -> None:
        self.killed_at = timezone.now()
        self.workstation.browser.kill()

    def kill_web(self) -> None:
        self.workstation.web.kill()
        self.workstation.struck.set()
        self.restarted_at = timezone.now()
        self.workstation.open_web()

    def kill_worker(self) -> list[Outcome]:
        return self.sweeper.die_and_come_back(self.workstation.rng, self.workstation.struck)

    def settle(self, entry: TimeEntry, began: datetime) -> datetime:
        """Nobody is left to go on: the sweeper comes by when the page has been silent for too long. On a busy machine a
        last beat may be read after the blow; until then the server has seen her."""
        self.workstation.wait_for_answers(began)
        self.workstation.browser = None
        clock.settle_silent(entry.pk, at=timezone.now() + LOST_AFTER)
        return max(self.killed_at, Clock.objects.get(pk=entry.pk).heartbeat_at)

    def go_on(self, entry: TimeEntry) -> datetime:
        """The page lives: she looks at it and presses pause."""
        self.workstation.come_back(entry, since=self.restarted_at)
        self.workstation.pause()
        return timezone.now()


def shared_out(count: int, rng: random.Random) -> list[str]:
    """As many kills of each kind, in any order."""
    kinds = [list(WORKS)[number % len(WORKS)] for number in range(count)]
    rng.shuffle(kinds)
    return kinds


def a_day_at(place: int, kinds: list[str], told: list[Outcome], *, cast, sweeper: Sweeper, folder) -> None:
    """One workstation's trials, one after the other; `told` grows as they end."""
    (here := folder / f"workstation{place}").mkdir()
    with sync_playwright() as playwright, own_connection():
        workstation = Workstation(nurse(cast, f"Workstation{place}"), here, playwright, random.Random(place))
        with closing(workstation):
            blows = Blows(workstation, sweeper)
            for number, kind in enumerate(kinds):
                told += blows.trial(kind, somebody(cast, f"{place}-{number}"))


def test_whoever_dies_nothing_is_gained_and_five_seconds_at_most_are_lost(tmp_path, capsys):
    cast, told = make_cast(), []
    kinds, sweeper = shared_out(trials(200), random.Random(200)), Sweeper(cast)
    day = partial(a_day_at, told=told, cast=cast, sweeper=sweeper, folder=tmp_path)
    try:
        ends = at_once([partial(day, place, kinds[place::DESKS]) for place in range(DESKS)])
    finally:
        sweeper.process.kill()
    with capsys.disabled():
        print(f"\n{report(told)}")
    if broken := [end for end in ends if end is not None]:
        raise ExceptionGroup("workstations could not go on", broken)
    bad = [outcome for outcome in told if outcome.is_gain or outcome.is_too_lossy]
    assert not bad, "\n".join(
        f"{o.kind} {o.difference:+.3f}, loading {o.loading:.3f}, {o.story}" for o in bad
    )
