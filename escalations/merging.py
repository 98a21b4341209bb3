"""What of a record's escalations must be settled before it is merged into another."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from accounts.permissions import Permission
from escalations.models import Escalation
from escalations.states import State
from patients.merging import Point, to_settle
from patients.models import Patient


@to_settle
def open_escalations(duplicate: Patient, at: datetime) -> Iterator[Point]:
    rows = Escalation.objects.for_practice(duplicate.practice_id).filter(patient=duplicate)
    for row in rows.exclude(state=State.RESOLVED).order_by("opened_at"):
        yield Point(
            f"An escalation of {row.opened_at.astimezone(duplicate.practice.tz):%-d %b %Y} is open on it: resolve it",
            reverse("escalations:escalation", args=[row.pk]),
            asks=Permission.CHART_VIEW,
            otherwise="An escalation is open on it: have it resolved",
        )
