"""What a program said of a patient, handed to `intake`: taken in, found the same, or left for somebody to decide."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from accounts.models import Practice
from authentication.models import ApiToken
from foundation.context import because
from intake import arrivals, waiting
from intake.arrivals import Message
from intake.cells import Columns, Given
from intake.fields import COVERAGE
from intake.models import Arrival, Candidate, Outcome, Source, State
from intake.sheet import Sheet
from interchange.fhir.outcome import Invalid, Issue
from patients.merges import by_mrn
from patients.models import Coverage, Patient
from patients.services import PayerGiven, change_coverage
from payers.selectors import payers_of

Said = dict[str, tuple[str, str]]
OF_COVERAGE = (*COVERAGE, "coverage_on")
# Without the value: what programs are answered may end in their logs.
EXPECTED = {
    "mrn": "The medical record number has more than 20 characters, or signs that cannot be seen.",
    "family_name": "The family name has more than 60 characters, or signs that cannot be seen.",
    "given_name": "The given name has more than 60 characters, or signs that cannot be seen.",
    "born_on": "The date of birth must be in the past, and not more than 130 years ago.",
    "phone": "The phone number has more than 20 characters.",
    "language": "The language has more than 30 characters.",
    "time_zone": "The time zone is none that is known here.",
    "plan_name": "The plan has more than 80 characters.",
    "member_id": "The number is missing, too long, or no Medicare number.",
    "coverage_on": "The coverage must begin between the date of birth and today.",
}


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a request. `decided`: the same was sent before, and somebody decided about it meanwhile."""

    outcome: Outcome
    patient: Patient | None
    why: str = ""
    decided: bool = False


def receive(practice: Practice, token: ApiToken, said: Said, *, at: datetime) -> Became:
    """Raises `Invalid` for what the sender must put right. Only a payer who is none here waits to be decided about."""
    waiting.hold(practice.pk)
    mrn = said["mrn"][1]
    _check(practice, said, at=at)
    waits = waiting_about(practice, mrn)
    message, earlier = _message(practice, token, _with_what_waits(said, waits), waits)
    answer = arrivals.receive(practice, message, at=at)
    if answer.outcome == Outcome.REFUSED:
        raise Invalid(Issue("processing", answer.why))
    decided = earlier is not None and answer.outcome == Outcome.WAITING and not _is_open(earlier)
    return Became(answer.outcome, answer.patient or patient_with(practice, mrn), answer.why, decided)


def patient_with(practice: Practice, mrn: str) -> Patient | None:
    """Whoever has the MRN, or into whose record the one that has it was merged."""
    return by_mrn(practice, [mrn]).get(mrn)


def waiting_about(practice: Practice, mrn: str) -> Candidate | None:
    return Candidate.objects.filter(practice=practice, about=mrn).first()


def _with_what_waits(said: Said, row: Candidate | None) -> Said:
    """A patient and her coverage come in two requests. The second does not throw away the first, which still waits."""
    if row is None:
        return said
    other = _is_of_coverage(said)
    kept = {name: (name, text) for name, text in row.values.items() if (name not in OF_COVERAGE) == other}
    return kept | said


def _is_of_coverage(said: Said) -> bool:
    return any(name in said for name in OF_COVERAGE)


def _check(practice: Practice, said: Said, *, at: datetime) -> None:
    wrong = {called for called, _ in _read(practice, said, at=at).problems}
    issues = [
        Issue("value", EXPECTED.get(field, "This cannot be read here."), called)
        for field, (called, _) in said.items()
        if called in wrong and field != "payer"
    ]
    if issues:
        raise Invalid(*issues)


def _read(practice: Practice, said: Said, *, at: datetime) -> Given:
    """By the readers of files and messages."""
    header, cells = zip(*said.values(), strict=True)
    sheet = Sheet(header, ((1, cells),), False, "")
    columns = Columns.of(sheet, list(said), today=practice.today(at), payers=payers_of(practice))
    (given,) = columns.rows()
    return given


def _message(
    practice: Practice, token: ApiToken, said: Said, waits: Candidate | None
) -> tuple[Message, Arrival | None]:
    """A request has no number of its own: the same words about the same patient, as she is here now, are the same
    message. Numbered on where what became of it no longer holds."""
    problems = _problems_kept(said, waits)
    state = _state(practice, said["mrn"][1])
    for number in count():
        key = f"{state}#{number}"
        message = Message(source=Source.FHIR, sender=token.name, key=key, fields=said, problems=problems)
        rows = Arrival.objects.filter(practice=practice, source=Source.FHIR, digest=message.digest())
        earlier = rows.select_related("patient_import").first()
        if earlier is None or _holds(earlier, waits):
            return message, earlier
    raise AssertionError("count() has no end")


def _problems_kept(said: Said, waits: Candidate | None) -> list[tuple[str, str]]:
    """That the payer sent before is none here still stands, where nothing newer is said of a payer."""
    if waits is None or "payer" in said:
        return []
    return [(called, sentence) for called, sentence in waits.problems]


def _state(practice: Practice, mrn: str) -> str:
    patient = patient_with(practice, mrn)
    if patient is None:
        return "new"
    rows = Coverage.objects.for_practice(practice).filter(patient=patient).order_by("starts_on")
    return ":".join([str(patient.version), *(f"{row.pk}.{row.version}" for row in rows)])


def _is_open(arrival: Arrival) -> bool:
    return arrival.patient_import is not None and arrival.patient_import.is_open


def _holds(earlier: Arrival, waits: Candidate | None) -> bool:
    """Whether what was answered is still so: it waits yet, or was decided, or was the same and nothing came since."""
    if earlier.outcome == Outcome.WAITING and earlier.patient_import.state in {State.REPLACED, State.EXPIRED}:
        return False
    return waits is None or _is_open(earlier)


def first_coverage(
    practice: Practice, token: ApiToken, patient: Patient, said: Said, *, at: datetime
) -> Coverage | None:
    """Taken in at once, where the patient has none and nothing about her waits: nothing is written over. Else None."""
    waiting.hold(practice.pk)
    has_some = Coverage.objects.for_practice(practice).filter(patient=patient).exists()
    given = _read(practice, said, at=at)
    if has_some or given.problems or waiting_about(practice, patient.mrn):
        return None
    values, today = given.values, practice.today(at)
    starts_on = date.fromisoformat(values.get("coverage_on", today.isoformat()))
    taken = PayerGiven(**{name: values.get(name, "") for name in COVERAGE}, starts_on=starts_on)
    with because(f"Brought in from a FHIR request from {token.name}"):
        return change_coverage(patient, taken, by=None, at=at)
