"""Sessions and contacts on the time axis of a patient's readings."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from foundation.months import in_words
from monitoring.axis import CONTACT, SESSION, Event
from patients.models import Patient
from timelogs.labels import contact_in_words
from timelogs.models import Method, Party, Status, TimeEntry


def events(patient: Patient, start: datetime, end: datetime) -> Iterator[Event]:
    """Each signed session where it began, and where somebody was spoken with or tried, that too. One query."""
    rows = TimeEntry.objects.for_practice(patient.practice).filter(
        patient=patient, status=Status.SIGNED, started_at__gte=start, started_at__lt=end
    )
    for entry in rows.select_related("practice").order_by("started_at"):
        address = reverse("timelogs:session", args=[entry.pk])
        yield Event(entry.started_at, SESSION, f"Session of {in_words(entry.seconds_signed)}", address)
        if entry.party not in {"", Party.NONE}:
            at = entry.contact_started_at or entry.started_at
            tried = entry.method == Method.NO_ANSWER
            yield Event(at, "attempt" if tried else CONTACT, contact_in_words(entry), address)
