"""Both side by side after every step: what each session holds, each clock, each month, and what must always hold."""

from collections import defaultdict
from datetime import date
from functools import partial

from tests.model import gaps
from tests.model.calendars import SECOND, at, micros
from tests.model.counting_model import Total, total
from tests.model.intervals import FOR_EVER, Span, length, meet, overlap
from tests.model.services import Real
from tests.model.sessions import CALENDARS, PRACTICE_OF, Session
from tests.model.signing_model import Ledger
from timelogs.clock.status import clock_view
from timelogs.counting.totals import month_totals
from timelogs.models import Clock, Concurrence, CountedInterval, SegmentSource, Status, TimeEntry, TimeSegment


class Rows:
    """What the database holds now, as numbers."""

    def __init__(self, real: Real):
        self.number = {entry.pk: number for number, entry in real.rows.items()}
        self.entries = {self.number[e.pk]: e for e in TimeEntry.objects.order_by("pk")}
        self.clocks = {self.number[c.pk]: c for c in Clock.objects.all()}
        self.segments = list(TimeSegment.objects.filter(standing=True).order_by("during"))
        self.gaps = gaps.waiting(self.number)
        both = Concurrence.objects.filter(ended_at=None).values_list("entry_id", "other_id")
        self.pairs = {frozenset(self.number[pk] for pk in pair) for pair in both}
        self.intervals = list(CountedInterval.objects.filter(standing=True).order_by("during"))

    def pieces(self) -> dict[int, list[tuple]]:
        found = defaultdict(list)
        for s in self.segments:
            found[self.number[s.entry_id]].append((*span_of(s), s.evidence))
        return found

    def of_month(self, patients: set, window: Span) -> tuple:
        """Everything from which these patients' month is counted."""
        rows = [row for row in self.segments + self.intervals if meet(ended(row), window)]
        used = {self.number[row.entry_id] for row in rows}
        mine = {n: e.version for n, e in self.entries.items() if n in used and e.patient_id in patients}
        return mine, [(type(row), row.pk, *span_of(row)) for row in rows if self.number[row.entry_id] in mine]


class Memory:
    """Answers with the rows they were calculated from: as long as those are the same, nobody needs to ask again."""

    def __init__(self):
        self.known = {}

    def ask(self, key, rows, question):
        if key not in self.known or self.known[key][0] != rows:
            self.known[key] = rows, question()
        return self.known[key][1]


def span_of(row) -> tuple[int, int | None]:
    return micros(row.during.lower), row.during.upper and micros(row.during.upper)


def ended(row) -> Span:
    start, end = span_of(row)
    return start, FOR_EVER if end is None else end


def same(what: str, really, promised) -> None:
    assert really == promised, f"{what}: {really} really, {promised} promised"


def compare_sessions(model: Ledger, rows: Rows) -> None:
    pieces = rows.pieces()
    assert len(rows.entries) == len(model.sessions)
    same("who counts beside whom", rows.pairs, _pairs_of(model))
    for s in model.sessions:
        held = sorted((p.start, p.end, p.evidence) for p in s.pieces)
        same(f"the pieces of session {s.number}", pieces[s.number], held)
        same(f"session {s.number} as signed", _signed_in(rows.entries[s.number]), _signed_of(s))
        same(
            f"the clock of session {s.number}",
            _watch_in(rows.clocks.get(s.number), rows.gaps[s.number]),
            _watch_of(s),
        )


def _pairs_of(model: Ledger) -> set:
    return {frozenset((s.number, other)) for s in model.sessions for other in s.beside}


def _signed_in(e: TimeEntry) -> tuple:
    approved = e.approved_at is not None
    return e.status, e.seconds_signed, e.cumulative_seconds, e.late, e.needs_approval, approved


def _signed_of(s: Session) -> tuple:
    return s.status, s.signed, s.shown, s.late, s.waits, s.approved


def _watch_in(row: Clock | None, waiting: list) -> tuple | None:
    return row and (row.state, row.doubt_from and micros(row.doubt_from), waiting)


def _watch_of(s: Session) -> tuple | None:
    return s.watch and (s.watch.state, s.watch.doubt, s.watch.gaps)


def compare_measured(model: Ledger, real: Real, rows: Rows, memory: Memory) -> None:
    """What the page shows of every draft with a clock."""
    pieces = rows.pieces()
    for s in model.sessions:
        if s.status == Status.DRAFT and s.watch:
            fixed = None if s.watch.lives else pieces[s.number]
            seconds = memory.ask(s.number, fixed or object(), partial(_shown, real, s, model.now))
            promised = s.worked(s.watch.proven(model.now)) // SECOND
            same(f"measured in session {s.number}", seconds, promised)


def _shown(real: Real, s: Session, now: int) -> int:
    return clock_view(real.rows[s.number], at=at(now)).seconds


def months_of(model: Ledger) -> set[tuple[str, date]]:
    """(practice, month) of everything written."""
    return {(s.practice, month) for s in model.sessions for month in s.months(model.now)}


def compare_months(model: Ledger, real: Real, rows: Rows, memory: Memory) -> None:
    for practice, month in months_of(model):
        patients = {name: real.patients[name].pk for name, where in PRACTICE_OF.items() if where == practice}
        stands_on = rows.of_month(set(patients.values()), CALENDARS[practice].window(month))
        ask = partial(_months, real.practices[practice], month, patients, rows.number)
        for patient, found in memory.ask((practice, month), stands_on, ask).items():
            same(f"{patient} in {month:%B %Y}", found, total(model.sessions, patient, month))
            _documented(model, patient, month, found)


def _months(practice, month: date, patients: dict, number: dict) -> dict[str, Total]:
    totals = month_totals(practice, month, patient_ids=list(patients.values()))
    return {name: _as_total(totals[pk], number) for name, pk in patients.items()}


def _as_total(shown, number: dict) -> Total:
    counted = {number[share.entry_id]: share.microseconds for share in shown.by_entry}
    left_out = {
        number[share.entry_id]: {slug: seconds for seconds, slug, _ in share.not_counted}
        for share in shown.by_entry
    }
    return Total(
        shown.seconds,
        shown.unsigned_seconds,
        {key: value for key, value in counted.items() if value},
        {key: value for key, value in left_out.items() if value},
    )


def _documented(model: Ledger, patient: str, month: date, shown: Total) -> None:
    """Counted and not counted are everything documented, but for the parts of seconds that are cut."""
    for s in model.sessions:
        if s.patient == patient and s.status in {Status.DRAFT, Status.SIGNED}:
            window = s.calendar.window(month)
            spans = [(max(a, window[0]), min(b, window[1])) for a, b in s.documented()]
            whole = length((a, b) for a, b in spans if a < b)
            reasons = shown.left_out.get(s.number, {})
            told = shown.counted.get(s.number, 0) + sum(reasons.values()) * SECOND
            assert 0 <= whole - told < SECOND * max(1, len(reasons)), f"documented in session {s.number}"


def always(rows: Rows, now: int, began: int) -> None:
    """Nobody works twice at once, no second of a patient counts twice, and no clock gives more time than passed."""
    worked, counted, measured = defaultdict(list), defaultdict(list), defaultdict(list)
    for s in rows.segments:
        start, end = span_of(s)
        assert max(start, end or 0) <= now, "time that is still to come"
        worked[s.staff_id].append((start, now if end is None else end))
        if s.source == SegmentSource.CLOCK:
            measured[s.staff_id].append(worked[s.staff_id][-1])
    for i in rows.intervals:
        if not i.concurrent:
            counted[i.patient_id].append(span_of(i))
        counted[i.staff_id].append(span_of(i))
    assert not any(map(overlap, worked.values())), "somebody works twice at once"
    assert not any(map(overlap, counted.values())), "a second counts twice"
    for spans in measured.values():
        assert length(spans) <= now - began, "more measured than time passed"
    _gains_nothing(worked, counted)


def _gains_nothing(worked: dict, counted: dict) -> None:
    """Nobody is credited with more than was worked, nor with more than passed meanwhile."""
    for person, spans in worked.items():
        credited: list[Span] = counted.get(person, [])
        assert length(credited) <= length(spans)
        assert length(spans) <= max(end for _, end in spans) - min(start for start, _ in spans)
