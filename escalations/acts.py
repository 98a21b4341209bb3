"""What is done about an escalation: opened or merged from what was found, and what people do. One transaction each."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.models import Membership
from escalations import attached, owners, policies, telling
from escalations.holding import is_over
from escalations.models import Cause, Escalation, EscalationStep
from escalations.states import Kind, State, after, why_not
from foundation.refusals import StaleRow, refuse_if
from foundation.tracked import lock
from monitoring.findings import Finding, Severity
from monitoring.models import Reading
from patients.merges import merge_of
from patients.models import Patient


@transaction.atomic
def open_or_merge(finding: Finding, *, practice, at: datetime) -> Escalation | None:
    """The one open escalation of this cause, with these readings attached; None where nothing is to be done.

    Doing it twice changes nothing: a reading raises its cause once, also after that was resolved,
    unless its value was corrected since.
    """
    patient = lock(Patient.objects.for_practice(practice).get(pk=finding.patient_id))
    patient.practice = practice
    if merge_of(patient) is not None:
        return None
    of_cause = Escalation.objects.for_practice(practice).filter(
        patient=patient, cause=finding.cause, measure=finding.measure, rule=finding.rule
    )
    fresh = attached.fresh(of_cause, finding)
    # Held, so that what a person does to it at this moment comes before or after, never between. Without its owner:
    # joined, a row that has another owner by now is not found.
    of_now = of_cause.exclude(state=State.RESOLVED).select_for_update(no_key=True, of=("self",))
    standing = of_now.first()
    if standing is not None:
        return _merge(standing, finding, fresh, at=at)
    if (finding.reading_ids and not fresh) or _quiet(of_cause, finding, practice, at=at):
        return None
    return _open(patient, finding, fresh, at=at)


def _quiet(of_cause, finding: Finding, practice, *, at: datetime) -> bool:
    """A trend or silence that somebody resolved a short while ago is still there: it is no news, unless it is worse."""
    if finding.cause == Cause.READING:
        return False
    last = of_cause.filter(state=State.RESOLVED).order_by("-resolved_at").first()
    if last is None or _is_worse(finding.severity, last.severity):
        return False
    return at < last.resolved_at + policies.quiet_time(practice, at=at)


def _is_worse(now: str, before: str) -> bool:
    return now == Severity.CRITICAL and before != Severity.CRITICAL


def _open(patient: Patient, finding: Finding, readings: Mapping[UUID, int], *, at: datetime) -> Escalation:
    row = Escalation(
        practice=patient.practice,
        patient=patient,
        cause=finding.cause,
        measure=finding.measure,
        rule=finding.rule,
        severity=finding.severity,
        says=finding.says,
        opened_at=at,
        owner=owners.first(patient, at=at),
        due_at=at + policies.time_given(patient.practice, finding.cause, finding.severity, at=at),
    )
    return _begin(row, readings, by=None, at=at)


def _begin(
    row: Escalation, readings: Mapping[UUID, int], *, by: Membership | None, at: datetime
) -> Escalation:
    """The row, its first step, and the readings."""
    row.save()
    _step(row, Kind.OPENED, by=by, at=at, words=row.says)
    attached.attach(row, readings)
    telling.tell_owner(row)
    return row


def _merge(row: Escalation, finding: Finding, fresh: Mapping[UUID, int], *, at: datetime) -> Escalation:
    worse = _is_worse(finding.severity, row.severity)
    if not fresh and not worse:
        return row
    attached.attach(row, fresh)
    if not worse:
        over = is_over(EscalationStep.objects.filter(escalation=row).order_by("number"))
        row = step(row, Kind.MERGED, by=None, at=at, words=finding.says)
        if over:
            telling.tell_that_it_holds(row, finding.says, at=at)
        return row
    # Her line says less than what is so by now: the one that follows stands in its place.
    telling.take_back(row, at=at)
    row.says, row.severity = finding.says, finding.severity
    soon = at + policies.time_given(row.practice, row.cause, row.severity, at=at)
    row = step(row, Kind.RAISED, by=None, at=at, words=finding.says, due_at=min(soon, max(row.due_at, at)))
    telling.tell_owner(row, finding.says)
    return row


def _step(row: Escalation, kind: Kind, *, by, at: datetime, words: str = "", **more) -> None:
    """The step that made the row what it is now."""
    EscalationStep(
        practice=row.practice,
        escalation=row,
        number=more.pop("number", row.version),
        kind=kind,
        by=by,
        at=at,
        words=words.strip(),
        state=row.state,
        owner=row.owner,
        severity=row.severity,
        due_at=row.due_at,
        **more,
    ).save()


def step(
    row: Escalation,
    kind: Kind,
    *,
    by: Membership | None,
    at: datetime,
    words: str = "",
    owner: Membership | None = None,
    due_at: datetime | None = None,
    **more,
) -> Escalation:
    """Take a step: refused where the table of states has none. `more` is the step's answer, attempt or outcome.

    With another owner, or a new time, nobody has run out of people to ask.
    """
    refuse_if(why_not(kind, row.state))
    row.state = after(kind, row.state)
    if owner is not None or due_at is not None:
        row.topped_at = None
    row.owner, row.due_at = owner or row.owner, due_at or row.due_at
    _step(row, kind, by=by, at=at, words=words, number=row.version + 1, **more)
    row.save()
    return row


def held(escalation: Escalation, version: int | None = None) -> Escalation:
    """Nobody else takes a step meanwhile. `version`: what the person saw; another one is refused."""
    row = lock(escalation)
    if version is not None and version != row.version:
        raise StaleRow(
            "Something happened to this escalation while you had it open. Look again, then decide."
        )
    return row


def _due(row: Escalation, at: datetime) -> datetime:
    return at + policies.time_given(row.practice, row.cause, row.severity, at=at)


@transaction.atomic
def acknowledge(
    escalation: Escalation, *, by: Membership, at: datetime, version: int | None = None
) -> Escalation:
    """She has seen it and takes it: from now on it is hers."""
    row = held(escalation, version)
    refuse_if(policies.why_not_acknowledge(row, by=by))
    telling.take_back(row, at=at)
    return step(row, Kind.ACKNOWLEDGED, by=by, at=at, owner=by, due_at=_due(row, at))


@transaction.atomic
def refer(
    escalation: Escalation,
    *,
    to: Membership,
    ask: str,
    by: Membership,
    at: datetime,
    version: int | None = None,
) -> Escalation:
    """Hand it to a physician, NP or PA with a line that says what is asked."""
    row = held(escalation, version)
    refuse_if(policies.why_not_refer(to, by=by), field="to")
    telling.take_back(row, at=at)
    row.ask = ask.strip()
    row = step(row, Kind.REFERRED, by=by, at=at, words=ask, owner=to, due_at=_due(row, at))
    telling.tell_owner(row)
    return row


@transaction.atomic
def answer(
    escalation: Escalation,
    *,
    answer: str,
    words: str = "",
    by: Membership,
    at: datetime,
    version: int | None = None,
) -> Escalation:
    """A clinician says what is to be done. It goes back to who asked, who does it and resolves it."""
    row = held(escalation, version)
    refuse_if(policies.why_not_answer(answer, words, by=by), field="words")
    telling.take_back(row, at=at)
    asked = _who_asked(row, by=by, at=at)
    row = step(
        row, Kind.ANSWERED, by=by, at=at, words=words, owner=asked, due_at=_due(row, at), answer=answer
    )
    if asked.user_id != by.user_id:
        telling.tell_owner(row)
    return row


def _who_asked(row: Escalation, *, by: Membership, at: datetime) -> Membership:
    """Who referred it last, if she still works here; else the first of the order besides who answers."""
    here = {member.user_id: member for member in owners.workers(row.practice, at)}
    last = EscalationStep.objects.filter(escalation=row, kind=Kind.REFERRED).order_by("-number").first()
    if last is not None and last.by and last.by.user_id in here:
        return here[last.by.user_id]
    others = (member for member in owners.in_order(row.patient, at=at) if member.user_id != by.user_id)
    return next(others, by)


@transaction.atomic
def hand_over(
    escalation: Escalation,
    *,
    to: Membership,
    words: str = "",
    by: Membership,
    at: datetime,
    version: int | None = None,
) -> Escalation:
    """It is a colleague's from now on."""
    row = held(escalation, version)
    refuse_if(policies.why_not_hand_over(row, to), field="to")
    telling.take_back(row, at=at)
    row = step(row, Kind.HANDED_OVER, by=by, at=at, words=words, owner=to, due_at=_due(row, at))
    telling.tell_owner(row)
    return row


@transaction.atomic
def note(escalation: Escalation, *, words: str, by: Membership, at: datetime) -> Escalation:
    """A line for whoever looks at it next. Moves nothing."""
    return step(held(escalation), Kind.NOTED, by=by, at=at, words=words)


@transaction.atomic
def attempt(
    escalation: Escalation, *, attempt: str, words: str = "", by: Membership, at: datetime
) -> Escalation:
    """How somebody tried to reach the patient. Moves nothing."""
    return step(held(escalation), Kind.ATTEMPTED, by=by, at=at, words=words, attempt=attempt)


@transaction.atomic
def resolve(
    escalation: Escalation,
    *,
    outcome: str,
    words: str = "",
    by: Membership | None,
    at: datetime,
    version: int | None = None,
) -> Escalation:
    """It is done, with what came of it. `by` None: the system saw that it is over."""
    row = held(escalation, version)
    refuse_if(policies.why_not_resolve(outcome, words), field="words")
    telling.take_back(row, at=at)
    row.outcome, row.resolved_at = outcome, max(at, row.opened_at)
    return step(row, Kind.RESOLVED, by=by, at=at, words=words, outcome=outcome)


@transaction.atomic
def escalate(
    patient: Patient,
    *,
    ask: str,
    severity: str,
    within: timedelta | None = None,
    to: Membership,
    readings: Sequence[Reading] = (),
    by: Membership,
    at: datetime,
) -> Escalation:
    """By hand: her own line is what it says. To a clinician it goes as referred, to anybody else as handed over.

    `within`: how long there is, where that is not what the severity says.
    """
    patient = lock(patient)
    given = within or policies.time_given(patient.practice, Cause.PERSON, severity, at=at)
    row = Escalation(
        practice=patient.practice,
        patient=patient,
        cause=Cause.PERSON,
        severity=severity,
        says=ask.strip(),
        ask=ask.strip(),
        opened_at=at,
        owner=by,
        due_at=at + given,
    )
    row.save()
    _step(row, Kind.OPENED, by=by, at=at, words=row.says)
    attached.attach(row, {reading.pk: reading.version for reading in readings})
    if to.user_id != by.user_id:
        kind = Kind.REFERRED if to.role in owners.ANSWERS else Kind.HANDED_OVER
        row = step(row, kind, by=by, at=at, words=ask, owner=to)
        telling.tell_owner(row)
    return row
