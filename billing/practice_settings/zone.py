"""What the practice is called in the portal, and by which clock its months begin and end."""

from datetime import datetime

from django.db import transaction

from accounts.models import Practice
from foundation.context import because
from foundation.refusals import StaleRow, refuse_if
from monitoring.models import Reading
from timelogs.models import PatientMonth, Period, PeriodState, Status, TimeEntry

_UNSIGNED = (Status.DRAFT, Status.DISCARDED)


def why_zone_stays(practice: Practice) -> str | None:
    """Months begin and end by the clock: with another, what was done would lie in other months and on other days."""
    because = (
        (TimeEntry.objects.exclude(status__in=_UNSIGNED), "time has been signed"),
        (PatientMonth.objects.all(), "time has been counted"),
        (Period.objects.exclude(state=PeriodState.OPEN), "a month has been closed"),
        (Reading.objects.filter(patient__time_zone=""), "readings have been recorded"),
    )
    found = next((words for rows, words in because if rows.for_practice(practice).exists()), None)
    return found and (
        f"The time zone stays {practice.time_zone}: {found}, and months and days begin and end by it. "
        "With another zone, minutes and readings would move to other days and months."
    )


def why_not_called(practice: Practice, name: str, time_zone: str) -> str | None:
    if (practice.name, practice.time_zone) == (name, time_zone):
        return "Nothing was changed. Change a field, or go back."
    return None


@transaction.atomic
def call_practice(
    practice: Practice, *, name: str, time_zone: str, why: str, version: int | None, at: datetime
) -> Practice:
    """Another name in the portal, or the right zone. The row is held alone: nobody signs by the old clock meanwhile."""
    practice = Practice.objects.select_for_update().get(pk=practice.pk)
    if version is not None and practice.version != version:
        raise StaleRow
    refuse_if(why_not_called(practice, name, time_zone))
    if time_zone != practice.time_zone:
        refuse_if(why_zone_stays(practice), field="time_zone")
    practice.name, practice.time_zone = name, time_zone
    with because(why):
        practice.save()
    return practice
