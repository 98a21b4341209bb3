"""Celery tasks of the clock: silent ones are asked about and paused."""

from celery import shared_task
from django.utils import timezone

from foundation.context import acting
from foundation.practice_scope import every_practice, in_practice
from foundation.sweeps import going_on
from timelogs.clock import acts as clock
from timelogs.clock.silence import LIVE
from timelogs.models import Clock


@shared_task
def pause_silent_clocks() -> None:
    """Ask, or pause, every clock whose page or person went silent."""
    now = timezone.now()
    with acting("system: clock watch"):
        for clock_id, practice_id in _live_clocks():
            # One bad clock must not keep the others running.
            with going_on("clock of entry", clock_id), in_practice(practice_id):
                clock.settle_silent(clock_id, at=now)


def _live_clocks() -> list[tuple]:
    with every_practice():
        return list(Clock.objects.filter(state__in=LIVE).values_list("pk", "practice_id"))
