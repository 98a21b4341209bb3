"""Which months the boards have rows of."""

from datetime import date, timedelta

from billing.rules import NoRuleSet, ruleset_for
from boards.models import PatientSummary
from foundation.months import next_month
from timelogs.models import Period, PeriodState


def open_months(practice, today: date) -> list[date]:
    """The running one, and those before it that are not closed, from the practice's first with a gate on; of those
    before that one the months that somebody looked at.

    On the last day of a month the next one too, so that its boards are there when it begins.
    """
    running = today.replace(day=1)
    states = dict(Period.objects.for_practice(practice).values_list("month", "state"))
    closed = {month for month, state in states.items() if state == PeriodState.CLOSED} - {running}
    month = min([running, *states])
    rows = PatientSummary.objects.filter(practice=practice, month__lt=month).order_by("month")
    months = list(rows.values_list("month", flat=True).distinct())
    while month <= running:
        months.append(month)
        month = next_month(month)
    if (today + timedelta(days=1)).day == 1:
        months.append(next_month(running))
    return [month for month in months if month not in closed]


def may_begin(practice, month: date, today: date) -> bool:
    """Whether a month that is none of `open_months` can be closed all the same: nobody signed in it or before it, but
    there may be days of readings."""
    if month >= today.replace(day=1) or Period.objects.for_practice(practice).filter(month=month).exists():
        return False
    try:
        ruleset_for(month)
    except NoRuleSet:
        return False
    return True
