"""Sessions and contacts on the time axis of a patient's readings."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse

from foundation.months import in_words
from monitoring.axis import CONTACT, SESSION, Event
from patients.models import Patient
from timelogs.labels import contact_in_words
from timelogs.models import Method, Party, Status, TimeEntry

# More of them than this are told day by day: one mark lay upon the other.
MOST = 40
ATTEMPT = "attempt"


def events(patient: Patient, start: datetime, end: datetime) -> Iterator[Event]:
    """Each signed session where it began, and where somebody was spoken with or tried, that too."""
    rows = TimeEntry.objects.for_practice(patient.practice).filter(
        patient=patient, status=Status.SIGNED, started_at__gte=start, started_at__lt=end
    )
    each = list(rows.select_related("practice").order_by("started_at")[: MOST + 1])
    yield from _by_day(patient, rows) if len(each) > MOST else _one_by_one(each)


def _one_by_one(entries: list[TimeEntry]) -> Iterator[Event]:
    for entry in entries:
        address = reverse("timelogs:session", args=[entry.pk])
        yield Event(entry.started_at, SESSION, f"Session of {in_words(entry.seconds_signed)}", address)
        if entry.party not in {"", Party.NONE}:
            at = entry.contact_started_at or entry.started_at
            tried = entry.method == Method.NO_ANSWER
            yield Event(at, ATTEMPT if tried else CONTACT, contact_in_words(entry), address)


def _by_day(patient: Patient, rows: QuerySet[TimeEntry]) -> Iterator[Event]:
    """Two queries; the chart lists the sessions."""
    address, tz = reverse("chart", args=[patient.pk]), patient.practice.tz
    days = rows.annotate(day=TruncDate("started_at", tzinfo=tz)).values("day").order_by("day")
    for day in days.annotate(at=Min("started_at"), count=Count("pk"), length=Sum("seconds_signed")):
        yield Event(
            day["at"], SESSION, f"{_many(day['count'], 'session')}, {in_words(day['length'])}", address
        )
    tried = Q(method=Method.NO_ANSWER)
    talks = rows.exclude(party__in=["", Party.NONE]).annotate(at=Coalesce("contact_started_at", "started_at"))
    days = talks.annotate(day=TruncDate("at", tzinfo=tz)).values("day").order_by("day")
    found = days.annotate(
        reached=Count("pk", filter=~tried), first=Min("at", filter=~tried),
        tried=Count("pk", filter=tried), first_tried=Min("at", filter=tried),
    )  # fmt: skip
    for day in found:
        if day["reached"]:
            yield Event(day["first"], CONTACT, _many(day["reached"], "contact"), address)
        if day["tried"]:
            yield Event(
                day["first_tried"], ATTEMPT, f"{_many(day['tried'], 'try')} without an answer", address
            )


def _many(count: int, what: str) -> str:
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"1 {what}" if count == 1 else f"{count} {plural}"
