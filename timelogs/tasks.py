"""Celery tasks of the clock: silent ones are asked about and paused."""

import logging

from celery import shared_task
from django.utils import timezone

from foundation.context import acting
from timelogs.clock import acts as clock
from timelogs.clock.silence import LIVE
from timelogs.models import Clock

log = logging.getLogger(__name__)


@shared_task(queue="interactive")
def pause_silent_clocks() -> None:
    """Ask, or pause, every clock whose page or person went silent."""
    now = timezone.now()
    with acting("system: clock watch"):
        for clock_id in Clock.objects.filter(state__in=LIVE).values_list("pk", flat=True):
            try:
                clock.settle_silent(clock_id, at=now)
            except Exception as error:
                # One bad clock must not keep the others running.
                log.error("Clock of entry %s could not be settled: %s", clock_id, type(error).__name__)
