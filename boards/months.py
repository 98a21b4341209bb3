"""Which months the boards have rows of."""

from datetime import date, timedelta

from django.db.models import Min

from foundation.months import next_month
from timelogs.models import Period, PeriodState


def open_months(practice, today: date) -> list[date]:
    """The running one, and those before it that are not closed, from the practice's first with a gate on.

    On the last day of a month the next one too, so that its boards are there when it begins.
    """
    running = today.replace(day=1)
    periods = Period.objects.for_practice(practice)
    closed = set(periods.filter(state=PeriodState.CLOSED).values_list("month", flat=True)) - {running}
    month = min(periods.aggregate(first=Min("month"))["first"] or running, running)
    months = []
    while month <= running:
        months.append(month)
        month = next_month(month)
    if (today + timedelta(days=1)).day == 1:
        months.append(next_month(running))
    return [month for month in months if month not in closed]
