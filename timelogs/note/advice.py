"""The advice beside a note: its six points, what its words say otherwise than what is stored, and near-copies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q, TextField, Value
from django.db.models.functions import Concat

from patients.models import UNITS
from timelogs.models import Party, Status, TimeEntry
from timelogs.note.lint import Defect, Fact, Kind, LintNote, lint
from timelogs.policies import MIN_SENTENCE, says_something

ALIKE = 0.8


class State(StrEnum):
    """Quiet until the nurse has been at the point, or past it."""

    WAITING = "waiting"
    OPEN = "open"
    MET = "met"


@dataclass(frozen=True, slots=True)
class Hint:
    """One point of the note check: advice, never a wall. Its `advice` is empty while the point is not due or is met."""

    name: str
    state: State
    advice: str = ""


@dataclass(frozen=True, slots=True)
class _Point:
    """`begun`: something was entered for it; `against`: the kind of remark beside which it is not met."""

    name: str
    begun: bool
    met: bool
    advice: str
    against: Kind | None = None

    def contradicted(self, defects: Sequence[Defect]) -> bool:
        return any(defect.kind == self.against for defect in defects)


def hints(entry: TimeEntry, *, twin: TimeEntry | None, defects: Sequence[Defect] = ()) -> list[Hint]:
    """The six points that make a note stand up in a review. `twin` is its near-copy, `defects` its remarks."""
    points = _points(entry, twin)
    last_begun = max((n for n, point in enumerate(points) if point.begun), default=-1)
    return [_hint(point, due=n <= last_begun, defects=defects) for n, point in enumerate(points)]


def _hint(point: _Point, *, due: bool, defects: Sequence[Defect]) -> Hint:
    if not due:
        return Hint(point.name, State.WAITING)
    if not point.met:
        return Hint(point.name, State.OPEN, point.advice)
    if point.contradicted(defects):
        return Hint(point.name, State.OPEN, "See below.")
    return Hint(point.name, State.MET)


def _points(entry: TimeEntry, twin: TimeEntry | None) -> list[_Point]:
    """In the order of the note's page."""
    text = " ".join([entry.data_note, entry.said, entry.action_detail]).lower()
    fresh = _Point("Fresh wording", bool(text.strip()), twin is None, _same_as(twin, entry))
    return [*_of_readings(entry, text), *_of_contact(entry), _of_action(entry), fresh]


def _of_readings(entry: TimeEntry, text: str) -> Iterator[_Point]:
    begun = bool(entry.data_reviewed or entry.data_note or entry.no_data_reason)
    named = bool(entry.data_facts) and entry.data_reviewed
    compared = any(fact.get("days_out_of_range") is not None for fact in entry.data_facts)
    goal = named and (compared or "goal" in text or "target" in text)
    advice = "Name the device, dates and number of readings."
    yield _Point("Readings named", begun, named, advice, against=Kind.NUMBER)
    advice = "Say how the readings compare with the goal."
    yield _Point("Against the goal", begun, goal, advice, against=Kind.NUMBER)


def _of_contact(entry: TimeEntry) -> Iterator[_Point]:
    known = bool(entry.party) and (entry.party == Party.NONE or bool(entry.method))
    named = entry.party != Party.CAREGIVER or bool(entry.party_name.strip())
    begun, advice = bool(entry.party or entry.method), "Who did you speak with, and how?"
    yield _Point("Who and how", begun, known and named, advice, against=Kind.CONTACT)
    spoken = entry.party == Party.NONE or len(entry.said.strip()) >= MIN_SENTENCE + 10
    advice = "Add what the patient told you, in your words."
    yield _Point("What was said", bool(entry.said.strip()), bool(entry.party) and spoken, advice)


def _of_action(entry: TimeEntry) -> _Point:
    begun = bool(entry.action or entry.action_detail.strip())
    met = bool(entry.action) and says_something(entry.action_detail)
    return _Point("Action and reason", begun, met, "Say why the plan stays the same.")


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
