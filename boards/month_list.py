"""The patients behind a number of the month board: a page of them, by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, overload
from uuid import UUID

from django.http import QueryDict

from billing.labels import HOLDS, TONES, hold_words
from billing.models import Claim, ClaimState
from boards.lines import span_in_words
from boards.models import Outlook
from boards.month import ATTENTION, CONTACT_MINUTES, NONE, READY, TONE, Source
from monitoring.selectors import auto_days_in_month
from patients.models import Patient
from payers.models import NO_PAYER
from timelogs.counting.totals import LINES, MonthTotal, month_totals

PER_PAGE = 25
_NEAR = {
    "days": ("fifteen", "15 days of readings"),
    "contact": ("no_contact", f"no live contact, {CONTACT_MINUTES} min or more"),
    "lost": ("lost", "16 days of this window out of reach"),
}
_KEYS = {"nurse": "nurse_id", "clinician": "clinician_id", "site": "site_id"}
_ALL_STATES = {*Outlook.values, *ClaimState.values}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is narrowed to: SQL on `people`, its values, and the words of what is not a name."""

    where: str
    given: dict[str, Any]
    words: tuple[str, ...]

    @classmethod
    def of(cls, query: QueryDict, *, lead: int) -> "Asked":
        """What an address asks; what it asks that is not known asks nothing."""
        found = [
            part for part in (*_states(query), *_near(query, lead), *_keys(query), *_payer(query)) if part
        ]
        given = {key: value for _, values, _ in found for key, value in values.items()}
        where = " AND ".join(sql for sql, _, _ in found) or "true"
        return cls(where, given, tuple(words for _, _, words in found if words))


def _states(query: QueryDict):
    state, reason = query.get("state", ""), query.get("reason", "")
    groups = {"ready": READY, "attention": ATTENTION}
    if state == "rest":
        left = [each for each in sorted(_ALL_STATES) if each not in {*READY, *ATTENTION}]
        yield "state = ANY(%(states)s)", {"states": left}, "nothing to bill, or gathering"
    elif state in groups and query.get("group"):
        yield "state = ANY(%(states)s)", {"states": list(groups[state])}, _state_word(state).lower()
    elif state in _ALL_STATES:
        yield "state = %(state)s", {"state": state}, _state_word(state).lower()
    if reason in HOLDS:
        yield "%(reason)s = ANY(reasons)", {"reason": reason}, hold_words(reason)


def _near(query: QueryDict, lead: int):
    near = query.get("near", "")
    if near in _NEAR:
        column, words = _NEAR[near]
        yield column, {}, words
    elif near in {str(line) for line in LINES}:
        yield "line = %(line)s", {"line": int(near)}, span_in_words(int(near), lead)


def _keys(query: QueryDict):
    for name, column in _KEYS.items():
        given = query.get(name, "")
        if given == NONE:
            yield f"{column} IS NULL", {}, f"no {name}"
        elif given:
            try:
                yield f"{column} = %({name})s", {name: UUID(given)}, ""
            except ValueError:
                continue


def _payer(query: QueryDict):
    payer = query.get("payer", "")
    if payer == NONE:
        yield "payer IN ('', %(payer)s)", {"payer": NO_PAYER}, "no coverage"
    elif payer and len(payer) <= 50 and payer.replace("-", "").isalnum() and payer.isascii():
        yield "payer = %(payer)s", {"payer": payer}, ""


def _state_word(state: str) -> str:
    if state in ClaimState.values:
        return ClaimState(state).label
    return Outlook(state).label


class People(Sequence[tuple]):
    """Rows (patient, state, reasons) of a month by name; only those asked for are read."""

    def __init__(self, source: Source, asked: Asked) -> None:
        self._source, self._asked = source, asked

    def __len__(self) -> int:
        return self._rows("count(*)", "")[0][0]

    @overload
    def __getitem__(self, index: int) -> tuple: ...
    @overload
    def __getitem__(self, index: slice) -> list[tuple]: ...
    def __getitem__(self, index):
        if not isinstance(index, slice):
            return self[index : index + 1][0]
        start, stop = index.start or 0, index.stop
        return self._rows(
            "patient_id, state, reasons",
            "ORDER BY name, patient_id OFFSET %(start)s LIMIT %(most)s",
            start=start,
            most=None if stop is None else max(stop - start, 0),
        )

    def _rows(self, columns: str, rest: str, **more: Any) -> list[tuple]:
        select = f"SELECT {columns} FROM people WHERE {self._asked.where} {rest}"
        return self._source.asked(select, **self._asked.given, **more)


@dataclass(frozen=True, slots=True)
class Row:
    """One patient of a list, read from where it stands; her claim where the month is closed."""

    patient: Patient
    claim: Claim | None
    word: str
    tone: str
    reasons: tuple[str, ...]
    total: MonthTotal
    days: int


def rows_of(practice, month: date, found: Sequence[tuple], *, closed: bool) -> list[Row]:
    """In the order found, in as many queries for one as for a page of them."""
    ids = [patient_id for patient_id, _, _ in found]
    people = Patient.objects.for_practice(practice).in_bulk(ids)
    totals, days = month_totals(practice, month, patient_ids=ids), auto_days_in_month(practice, month, ids)
    claims = _claims(practice, month, ids) if closed else {}
    return [
        Row(
            people[pk],
            claims.get(pk),
            "Ready to review" if state == Outlook.READY else _state_word(state),
            TONES[ClaimState(state)] if closed else TONE[Outlook(state)],
            tuple(hold_words(slug) for slug in reasons),
            totals[pk],
            days.get(pk, 0),
        )
        for pk, state, reasons in found
        if pk in people
    ]


def _claims(practice, month: date, ids: Sequence[UUID]) -> dict[UUID, Claim]:
    """Of who has several the first that is not over."""
    rows = (
        Claim.objects.for_practice(practice).filter(period__month=month, patient__in=ids).order_by("-number")
    )
    return {row.patient_id: row for row in rows}
