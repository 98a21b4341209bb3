"""A session's fields in words, for every page that shows what was recorded."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, DateField, DateTimeField

from foundation.local_time import on_clock
from foundation.months import in_words
from patients.models import Measure
from timelogs.models import Addition, Method, Party, TimeEntry, Topic
from timelogs.note.entry_kinds import Kind, kinds_of

KINDS = {
    Kind.ORIGINAL: "Original entry",
    Kind.LATE: "Late entry",
    Kind.CORRECTION: "Correction",
    Kind.VOID: "Voided entry",
    Kind.ADDENDUM: "Addendum",
    Kind.ATTESTATION: "Attestation",
}


def kind_in_words(row: TimeEntry | Addition) -> str:
    """`Correction, late entry`; empty while it is not signed."""
    words = ", ".join(KINDS[kind] for kind in kinds_of(row))
    return words[:1] + words[1:].lower()


def field_in_words(entry: TimeEntry, name: str) -> str:
    """One field of the note as its reader says it; empty when nothing was recorded."""
    value, field = getattr(entry, name), TimeEntry._meta.get_field(name)
    if isinstance(field, BooleanField):
        return "Yes" if value else "No"
    if not value:
        return ""
    if name == "topics":
        return topics_in_words(value)
    if name == "data_left_out":
        return measures_in_words(value)
    if name == "contact_seconds":
        return in_words(value)
    if isinstance(field, DateTimeField):
        return clock_time(value, tz=entry.practice.tz)
    if isinstance(field, DateField):
        return f"{value:%d-%b-%Y}"
    return dict(field.choices)[value] if field.choices else str(value)


def topics_in_words(topics: list[str]) -> str:
    return ", ".join(Topic(topic).label for topic in topics)


def measures_in_words(measures: list[str]) -> str:
    return ", ".join(Measure(measure).label for measure in measures)


def clock_time(moment: datetime, *, tz: ZoneInfo) -> str:
    return on_clock(moment, tz=tz)


def contact_in_words(entry: TimeEntry) -> str:
    """`Patient by phone, 15:02, 4 min 30 s`; empty while nothing is recorded."""
    if not entry.party:
        return ""
    if entry.party == Party.NONE:
        return "No contact"
    began = entry.contact_started_at and clock_time(entry.contact_started_at, tz=entry.practice.tz)
    length = entry.contact_seconds and in_words(entry.contact_seconds)
    return ", ".join(part for part in (_who_and_how(entry), began, length) if part)


def _who_and_how(entry: TimeEntry) -> str:
    who = Party(entry.party).label
    if entry.party == Party.CAREGIVER and entry.party_name:
        who += f" {entry.party_name}" + (f" ({entry.party_relation})" if entry.party_relation else "")
    if entry.method == Method.NO_ANSWER:
        return f"Tried to reach the {who[0].lower()}{who[1:]}, voicemail or no answer"
    how = Method(entry.method).label.lower() if entry.method else ""
    return f"{who}, {how}" if entry.method == Method.IN_PERSON or not how else f"{who} by {how}"


def fact_lines(facts: list[dict], *, left_out: Sequence[str] = ()) -> list[dict]:
    """The stored facts as a page lists them: device, first and last day, sentence, whether there was any reading."""
    return [
        {
            "device": fact["device_label"],
            "since": date.fromisoformat(fact["since"]),
            "until": date.fromisoformat(fact["until"]),
            "text": fact["text"],
            "any": fact["count"] > 0,
            "out": fact["out_of_range"],
            "left_out": fact["measure"] in left_out,
        }
        for fact in facts
    ]
