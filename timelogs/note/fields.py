"""The note: which fields it has, what is filled from readings, what a signature covers, and the advice beside it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q, TextField, Value
from django.db.models.functions import Concat

from monitoring.selectors import summaries
from patients.models import UNITS, Patient
from timelogs.intervals import Span
from timelogs.models import Party, Status, TimeEntry
from timelogs.note.lint import Defect, Fact, Kind, LintNote, lint
from timelogs.policies import MIN_SENTENCE, says_something

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
ALIKE = 0.8


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
    """SHA-256 of what is signed: the note, its facts, its times, its author."""
    signed = {name: getattr(entry, name) for name in NOTE_FIELDS}
    signed |= {
        "patient": entry.patient_id,
        "author": entry.author_id,
        "facts": entry.data_facts,
        "times": [[start.isoformat(), end.isoformat()] for start, end in spans],
    }
    return hashlib.sha256(
        json.dumps(signed, sort_keys=True, default=str, ensure_ascii=False).encode()
    ).hexdigest()


@dataclass(frozen=True, slots=True)
class Hint:
    """One point of the note check: advice, never a wall."""

    name: str
    met: bool
    advice: str


def hints(entry: TimeEntry, *, twin: TimeEntry | None) -> list[Hint]:
    """The six points that make a note stand up in a review. `twin` is its near-copy, if it has one."""
    text = " ".join([entry.data_note, entry.said, entry.action_detail]).lower()
    readings = bool(entry.data_facts) and entry.data_reviewed
    goal = readings and (
        any(f.get("days_out_of_range") is not None for f in entry.data_facts)
        or "goal" in text
        or "target" in text
    )
    contact = bool(entry.party) and (entry.party == Party.NONE or bool(entry.method))
    named = entry.party != Party.CAREGIVER or bool(entry.party_name.strip())
    spoken = entry.party == Party.NONE or len(entry.said.strip()) >= MIN_SENTENCE + 10
    return [
        Hint("Readings named", readings, "Name the device, dates and number of readings."),
        Hint("Against the goal", bool(goal), "Say how the readings compare with the goal."),
        Hint("Who and how", contact and named, "Who did you speak with, and how?"),
        Hint("What was said", bool(entry.party) and spoken, "Add what the patient told you, in your words."),
        Hint(
            "Action and reason",
            bool(entry.action) and says_something(entry.action_detail),
            "Say why the plan stays the same.",
        ),
        Hint("Fresh wording", twin is None, _same_as(twin, entry)),
    ]


def _same_as(twin: TimeEntry | None, entry: TimeEntry) -> str:
    if twin is None:
        return "Different from earlier notes."
    day = twin.started_at.astimezone(entry.practice.tz)
    return f"This is nearly the same as {day:%-d %b}. What was different today?"


def remarks(entry: TimeEntry, *, seconds: int, twin: TimeEntry | None) -> list[Defect]:
    """What the words of the note say otherwise than the stored facts, the clock and the fields; found anew each time.

    Nothing of it is stored, and none of it keeps a note from being signed.
    """
    return [*lint(as_lint_note(entry, seconds=seconds)), *_copied(entry, twin)]


def as_lint_note(entry: TimeEntry, *, seconds: int) -> LintNote:
    """The note with the facts that were stored with it, as the lint takes them."""
    return LintNote(
        data_note=entry.data_note,
        said=entry.said,
        action_detail=entry.action_detail,
        facts=tuple(map(_fact, entry.data_facts)),
        session_seconds=seconds,
        call_seconds=entry.contact_seconds,
        party=entry.party,
        method=entry.method,
        party_name=entry.party_name,
    )


def _fact(stored: dict) -> Fact:
    """A stored summary, its dates and numbers as such again; the unit goes without saying there."""
    values = {n: stored[n] and Decimal(stored[n]) for n in ("low", "high", "second_low", "second_high")}
    days = {n: date.fromisoformat(stored[n]) for n in ("since", "until")}
    counts = {n: stored[n] for n in ("count", "days", "days_above", "days_out_of_range")}
    return Fact(measure=stored["measure"], unit=UNITS[stored["measure"]], **values, **days, **counts)


def _copied(entry: TimeEntry, twin: TimeEntry | None) -> list[Defect]:
    if twin is None:
        return []
    field = "said" if entry.said.strip() else "action_detail"
    return [Defect(Kind.COPY, field, getattr(entry, field).strip()[:60], _same_as(twin, entry))]


def near_copy(entry: TimeEntry) -> TimeEntry | None:
    """An earlier note, of this patient's last 5 or this author's last 20, that says almost the same."""
    text = f"{entry.said} {entry.action_detail}".strip()
    if len(text) < MIN_SENTENCE * 2:
        return None
    signed = TimeEntry.objects.for_practice(entry.practice).filter(status=Status.SIGNED).exclude(pk=entry.pk)
    of_patient = signed.filter(patient=entry.patient).order_by("-started_at").values("pk")[:5]
    of_author = signed.filter(author=entry.author).order_by("-started_at").values("pk")[:20]
    rows = signed.filter(
        Q(pk__in=list(of_patient.values_list("pk", flat=True)))
        | Q(pk__in=list(of_author.values_list("pk", flat=True)))
    )
    alike = TrigramSimilarity(Concat("said", Value(" "), "action_detail", output_field=TextField()), text)
    return rows.annotate(alike=alike).filter(alike__gte=ALIKE).order_by("-alike").first()
