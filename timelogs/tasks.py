"""Celery tasks of the clock: silent ones are asked about and paused."""

from celery import shared_task
from django.utils import timezone

from foundation.context import acting
from foundation.sweeps import going_on
from timelogs.clock import acts as clock
from timelogs.clock.silence import LIVE
from timelogs.models import Clock


@shared_task(queue="interactive")
def pause_silent_clocks() -> None:
    """Ask, or pause, every clock whose page or person went silent."""
    now = timezone.now()
    with acting("system: clock watch"):
        for clock_id in Clock.objects.filter(state__in=LIVE).values_list("pk", flat=True):
            # One bad clock must not keep the others running.
            with going_on("clock of entry", clock_id):
                clock.settle_silent(clock_id, at=now)
