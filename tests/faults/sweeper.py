"""The worker that asks and pauses silent clocks, and the sessions of those who went home without a word."""

import random
import time
from datetime import timedelta
from threading import Event, Lock

from django.utils import timezone

from tests.cast import Cast
from tests.faults.credited_time import Outcome, credited
from tests.faults.people import nurse, somebody
from tests.faults.processes import Process, empty_broker, wait_until
from timelogs.clock import acts as clock
from timelogs.clock.silence import LIVE
from timelogs.models import Clock, TimeEntry
from timelogs.tasks import pause_silent_clocks

WORKER = ("celery", "-A", "rpmportal", "worker", "-c", "1", "-Q", "interactive")
QUIET = ("--without-gossip", "--without-mingle", "-l", "ERROR")


class Sweeper:
    """One for everybody; who wants to kill it waits for her turn."""

    def __init__(self, cast: Cast):
        self.cast, self.turn, self.count = cast, Lock(), 0
        self.asked = 0.0
        empty_broker()
        self.process = Process(*WORKER, *QUIET).start()

    def die_and_come_back(self, rng: random.Random, struck: Event) -> list[Outcome]:
        """Killed while it pauses three clocks; the next one finishes."""
        with self.turn:
            left = [self.leave_one(rng) for _ in range(3)]
            pause_silent_clocks.delay()
            struck.wait(rng.uniform(0, 0.2))
            self.process.kill()
            struck.set()
            self.process.start()
            wait_until(lambda: self.has_swept(left), "the sweeper did not come back")
            return [Outcome("left alone", (true, true), credited(entry)) for entry, true in left]

    def leave_one(self, rng: random.Random) -> tuple[TimeEntry, float]:
        """A session whose page went away four minutes ago, with its true seconds."""
        self.count += 1
        who, gone = nurse(self.cast, f"Gone{self.count}"), timezone.now() - timedelta(minutes=4)
        true = timedelta(seconds=round(rng.uniform(1, 600), 3))
        entry = clock.start_session(somebody(self.cast, f"Left{self.count}"), by=who, at=gone - true)
        Clock.objects.filter(entry=entry).update(heartbeat_at=gone, input_at=gone)
        return entry, true.total_seconds()

    def has_swept(self, left) -> bool:
        """Asks once a second: one that is starting would have hundreds of questions to answer first."""
        if time.monotonic() > self.asked + 1:
            pause_silent_clocks.delay()
            self.asked = time.monotonic()
        entries = [entry.pk for entry, _ in left]
        return not Clock.objects.filter(entry__in=entries, state__in=LIVE).exists()
