"""Once a day, after everybody was looked at: whose rows differ is figured anew, and the administrators are told."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from accounts.permissions import Role
from billing.alert_recipients import in_role
from boards.proof import day_of_boards, differing
from boards.refresh import mark, marks_of
from dispatch.models import Slot
from dispatch.notices import notify


def check_day(practice, *, at: datetime) -> list[UUID] | None:
    """Who differed; None where the day was checked already, or its look at everybody is not done yet.

    The day is written down at the end, so that a check that was cut off comes again. Two at once find the same.
    """
    day = day_of_boards(practice, at=at)
    checked = day | {"job": f"boards-check:{practice.pk}"}
    looked = Slot.objects.filter(**day).exists() and not marks_of(practice).filter(patient_id=None).exists()
    if not looked or Slot.objects.filter(**checked).exists():
        return None
    found = differing(practice, at=at)
    with transaction.atomic():
        _, first = Slot.objects.get_or_create(**checked)
        if found and first:
            mark(practice, found)
            _tell(practice, len(found), day["starts_at"])
    return found


def _tell(practice, count: int, day: datetime) -> None:
    figures = "The figures of one patient" if count == 1 else f"The figures of {count:,} patients"
    notify(
        practice,
        in_role(practice, Role.ADMINISTRATOR, on=practice.today(day)),
        kind="boards-check",
        cause=f"boards-check:{practice.pk}:{practice.today(day)}",
        text=f"{figures} on the boards were not as the records say. They are made again.",
        url=reverse("status"),
    )
