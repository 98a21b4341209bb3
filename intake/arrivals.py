"""A patient's values from another system, by FHIR or HL7: taken in, found the same, or left for somebody to decide.

Whoever calls says who acts (`acting`): the token or the listener. Nothing that is here is written over, whatever the
message says; what differs waits on the pages of *Bring in patients*.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import Membership, Practice
from foundation.context import because
from foundation.refusals import Refused, refuse_if
from foundation.tracked import lock
from intake import acts, policies, waiting
from intake.cells import OR_NOT, REQUIRED, Columns, Given
from intake.fields import FIELDS
from intake.matching import match
from intake.models import Arrival, Candidate, Decision, Outcome, PatientImport, Source, Standing, State
from intake.selectors import candidates
from intake.sheet import Sheet
from intake.taking import take_one
from patients.models import Patient
from payers.selectors import payers_of

# What a message may ask to be emptied. That waits, as every other difference does.
MAY_BE_EMPTY = frozenset({"phone", "language", "time_zone", "plan_name", "member_id"})
GONE = "This message was decided, or replaced by a newer one, while you had it open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`sender`: the system, as the practice calls it. `key`: the message's id, as that system counts its messages.

    `fields`: a field of `intake.fields` → (what the message calls it, its text). A field that is not there is not
    said; an empty text asks that it be emptied. `problems`: (what the message calls it, what is wrong with it) of what
    the caller could not read.
    """

    source: Source
    sender: str
    key: str
    fields: Mapping[str, tuple[str, str]]
    problems: Sequence[tuple[str, str]] = ()

    def digest(self) -> str:
        """Of a message sent again it is the same; one that says something else under an old id is another."""
        said = [self.sender, self.key, sorted(self.fields.items()), list(self.problems)]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a message. `why` names fields and no values. `again`: it was answered so before."""

    outcome: Outcome
    patient: Patient | None = None
    why: str = ""
    again: bool = False


@transaction.atomic
def receive(practice: Practice, message: Message, *, at: datetime) -> Answer:
    """Once, however often and from however many connections it comes."""
    waiting.hold(practice.pk)
    digest = message.digest()
    if earlier := _earlier(practice, message.source, digest):
        return Answer(Outcome(earlier.outcome), earlier.patient, earlier.why, again=True)
    given = _read(message, practice, practice.today(at))
    if "mrn" not in given.values:
        return Answer(
            Outcome.REFUSED, why=f"{message.fields.get('mrn', ('The MRN',))[0]}: no MRN to match by"
        )
    found = PatientImport(
        practice=practice,
        source=message.source,
        sender=message.sender[:120],
        digest=digest,
        state=State.CHECKING,
        rows=1,
        opened_at=at,
    )
    answer = _take_or_wait(found, given, at=at)
    waiting.tell(found, at=at)
    Arrival.objects.create(
        practice=practice,
        source=message.source,
        digest=digest,
        outcome=answer.outcome,
        why=answer.why,
        patient=answer.patient,
        patient_import=None if answer.outcome == Outcome.SAME else found,
        received_at=at,
    )
    return answer


def _earlier(practice: Practice, source: Source, digest: str) -> Arrival | None:
    """How the message was answered before; nothing where it waited until it expired, for then nobody looks at it."""
    rows = Arrival.objects.filter(practice=practice, source=source, digest=digest)
    return rows.exclude(patient_import__state=State.EXPIRED).select_related("patient").first()


def _read(message: Message, practice: Practice, today: date) -> Given:
    """By the readers of files, so that a value is good or bad whichever way it comes."""
    header = tuple(called for called, _ in message.fields.values())
    cells = tuple(text.strip() for _, text in message.fields.values())
    sheet = Sheet(header, ((1, cells),), False, "")
    (given,) = Columns.of(sheet, list(message.fields), today=today, payers=payers_of(practice)).rows()
    emptied = {name: called for name, (called, text) in message.fields.items() if not text.strip()}
    values = given.values | dict.fromkeys(emptied.keys() & MAY_BE_EMPTY, "")
    kept = emptied.keys() - MAY_BE_EMPTY - set(REQUIRED)
    problems = [[emptied[name], "Is to be emptied, which is not possible"] for name in sorted(kept)]
    bad = [[called, sentence.removesuffix(OR_NOT)] for called, sentence in given.problems]
    return Given(1, values, [*bad, *problems, *map(list, message.problems)])


def _take_or_wait(found: PatientImport, given: Given, *, at: datetime) -> Answer:
    row = Candidate(practice=found.practice, patient_import=found, number=1)
    row.values, row.problems = given.values, given.problems
    row.about, row.standing = given.values["mrn"], Standing.WRONG
    match([row], found.practice, today=found.practice.today(at))
    _replace(found.practice, row.about, at=at)
    if row.standing == Standing.SAME:
        return Answer(Outcome.SAME, row.patient)
    found.save()
    row.save()
    if row.standing == Standing.NEW and take_one(found, row, by=None, at=at):
        return Answer(Outcome.TAKEN, found.patients.select_related("patient").get().patient)
    return Answer(Outcome.WAITING, why=why_it_waits(row)[:300])


def _replace(practice: Practice, mrn: str, *, at: datetime) -> None:
    """What this person's system said before is no longer so, and nobody need decide about it."""
    for old in Candidate.objects.filter(practice=practice, about=mrn).select_related("patient_import"):
        with because("A newer message came"):
            acts.forget(lock(old.patient_import), State.REPLACED, at=at)


def why_it_waits(row: Candidate) -> str:
    """For the system that sent it, which may keep it in a log: fields, no values."""
    if row.standing == Standing.WRONG:
        return f"Cannot be read: {', '.join(called for called, _ in row.problems)}"
    if row.standing == Standing.DOUBLE:
        return "Likely a patient who is here under another MRN"
    if row.standing == Standing.OTHER_NAME:
        return "This MRN is here under another name or date of birth"
    if row.standing == Standing.CHANGED:
        return f"Differs from what is here: {', '.join(FIELDS[name].label for name in row.differs)}"
    return "To be looked at"


@transaction.atomic
def decide(
    row: Candidate,
    *,
    decision: str,
    taken_over: Sequence[str],
    reason: str,
    seen: str,
    by: Membership,
    at: datetime,
) -> bool:
    """As with a row of a file, and done at once. False if what is here changed since, so that it waits again."""
    waiting.hold(row.practice_id)
    row = acts.decide(row, decision=decision, taken_over=taken_over, reason=reason, seen=seen, by=by)
    if decision == Decision.LEAVE:
        acts.end(row.patient_import, by=by, at=at)
        return True
    return _take(row, by=by, at=at)


@transaction.atomic
def take_in(found: PatientImport, *, by: Membership, at: datetime) -> bool:
    """Without what cannot be read; where nothing else is to be decided. False if something is."""
    waiting.hold(found.practice_id)
    row = candidates(found).select_related("patient_import").first()
    if row is None:
        raise Refused(GONE)
    refuse_if(policies.why_not_without_errors(row))
    row.problems = []
    match([row], found.practice, today=found.practice.today(at))
    row.save()
    return row.standing in {Standing.NEW, Standing.SAME} and _take(row, by=by, at=at)


def _take(row: Candidate, *, by: Membership, at: datetime) -> bool:
    found = lock(row.patient_import)
    row.patient_import, found.taken_by = found, by
    match([row], found.practice, today=found.practice.today(at))
    taken = take_one(found, row, by=by, at=at)
    waiting.tell(found, at=at)
    return taken
