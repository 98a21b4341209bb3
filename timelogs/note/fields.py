"""The note: which fields it has, what is filled from readings, and what a signature covers."""

import hashlib
import json
from datetime import datetime

from timelogs.intervals import Span
from timelogs.models import TimeEntry
from timelogs.note.reviewed import fill

# What the author writes or ticks; everything else on an entry is the system's.
NOTE_FIELDS = (
    "data_from",
    "data_until",
    "data_left_out",
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


def write(entry: TimeEntry, note: dict, *, at: datetime) -> bool:
    """Put the author's values on the entry; refill the facts when the range changed. True if anything changed."""
    changed = {k: v for k, v in note.items() if k in NOTE_FIELDS and getattr(entry, k) != v}
    for name, value in changed.items():
        setattr(entry, name, value)
    if {"data_from", "data_until"} & changed.keys() and entry.data_from and entry.data_until:
        fill(entry, at)
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
        "seen": entry.data_seen_at,
        "times": [[start.isoformat(), end.isoformat()] for start, end in spans],
    }
    return json.dumps(signed, sort_keys=True, default=str, ensure_ascii=False)
