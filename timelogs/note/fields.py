"""The note: which fields it has, what is filled from readings, and what a signature covers."""

import hashlib
import json
from datetime import date, timedelta

from monitoring.selectors import summaries
from patients.models import Patient
from timelogs.intervals import Span
from timelogs.models import TimeEntry

# What the author writes or ticks; everything else on an entry is the system's.
NOTE_FIELDS = (
    "data_from",
    "data_until",
    "data_reviewed",
    "data_note",
    "no_data_reason",
    "party",
    "party_name",
    "party_relation",
    "method",
    "contact_started_at",
    "contact_seconds",
    "contact_longer_reason",
    "topics",
    "said",
    "action",
    "action_detail",
    "follow_up_on",
    "late_reason",
)
FACTS_DAYS = 14


def data_reviewed(patient: Patient, *, since: date, until: date) -> dict:
    """The data part of a note for a range of days: device, dates, number of readings, range, days out of range."""
    facts = [summary.as_json() for summary in summaries(patient, since, until)]
    return {"data_from": since, "data_until": until, "data_facts": facts}


def first_facts(patient: Patient, *, today: date) -> dict:
    """The data part as a new session starts with: the last two weeks."""
    return data_reviewed(patient, since=today - timedelta(days=FACTS_DAYS - 1), until=today)


def write(entry: TimeEntry, note: dict) -> bool:
    """Put the author's values on the entry; refill the facts when the range changed. True if anything changed."""
    changed = {k: v for k, v in note.items() if k in NOTE_FIELDS and getattr(entry, k) != v}
    for name, value in changed.items():
        setattr(entry, name, value)
    if {"data_from", "data_until"} & changed.keys() and entry.data_from and entry.data_until:
        for name, value in data_reviewed(
            entry.patient, since=entry.data_from, until=entry.data_until
        ).items():
            setattr(entry, name, value)
    return bool(changed)


def digest(entry: TimeEntry, spans: list[Span]) -> str:
    """SHA-256 of what is signed."""
    return hashlib.sha256(signed_text(entry, spans).encode()).hexdigest()


def signed_text(entry: TimeEntry, spans: list[Span]) -> str:
    """What a signature covers, as JSON: the note, its facts, its times, its author."""
    signed = {name: getattr(entry, name) for name in NOTE_FIELDS}
    signed |= {
        "patient": entry.patient_id,
        "author": entry.author_id,
        "facts": entry.data_facts,
        "times": [[start.isoformat(), end.isoformat()] for start, end in spans],
    }
    return json.dumps(signed, sort_keys=True, default=str, ensure_ascii=False)
