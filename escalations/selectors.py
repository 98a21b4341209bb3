"""Which escalations a person is shown, in which order."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Case, Count, QuerySet, When

from accounts.models import Membership
from escalations.models import Cause, Escalation, EscalationReading, EscalationStep
from escalations.states import Kind, State
from monitoring.findings import Severity
from monitoring.models import Reading
from monitoring.panel import Line, lines_of
from monitoring.ranges import Ranges
from patients.models import Patient

_URGENCY = Case(When(severity=Severity.CRITICAL, then=0), default=1)


def clinical(practice) -> QuerySet[Escalation]:
    """Without silence, which has its own list."""
    rows = Escalation.objects.for_practice(practice).exclude(cause=Cause.SILENCE)
    return rows.select_related("patient", "owner__user")


def _by_urgency(rows: QuerySet[Escalation]) -> QuerySet[Escalation]:
    return rows.exclude(state=State.RESOLVED).order_by(_URGENCY, "due_at", "pk")


def waiting_for(member: Membership) -> QuerySet[Escalation]:
    """Hers to move, critical ones first, then what is due first."""
    return _by_urgency(clinical(member.practice).filter(owner__user=member.user_id))


def waiting_for_others(member: Membership) -> QuerySet[Escalation]:
    return _by_urgency(clinical(member.practice).exclude(owner__user=member.user_id))


def done(member: Membership) -> QuerySet[Escalation]:
    """Resolved ones, the latest first."""
    return clinical(member.practice).filter(state=State.RESOLVED).order_by("-resolved_at", "pk")


def of_patient(patient: Patient, *, most: int = 5) -> list[Escalation]:
    """Of a chart: open ones by urgency, then the latest that are done."""
    rows = clinical(patient.practice).filter(patient=patient)
    waiting = list(_by_urgency(rows))
    return waiting + list(rows.filter(state=State.RESOLVED).order_by("-resolved_at", "pk")[:most])


def steps_of(escalation: Escalation) -> list[EscalationStep]:
    """The first first."""
    return list(escalation.steps.select_related("by__user", "owner__user").order_by("number"))


def last_answers(escalations: Iterable[Escalation]) -> dict[UUID, EscalationStep]:
    """{escalation: what a clinician answered last}, in one query; none where there is nothing to ask about."""
    rows = list(escalations)
    steps = EscalationStep.objects.filter(escalation__in=rows, kind=Kind.ANSWERED).select_related("by__user")
    return {step.escalation_id: step for step in steps.order_by("number")} if rows else {}


def open_of(practice, patient_ids: Iterable[UUID]) -> dict[UUID, list[Escalation]]:
    """{patient: her open clinical escalations by urgency}, in one query."""
    rows = Escalation.objects.for_practice(practice).filter(patient__in=list(patient_ids))
    found: dict[UUID, list[Escalation]] = defaultdict(list)
    for row in _by_urgency(rows.exclude(cause=Cause.SILENCE)):
        found[row.patient_id].append(row)
    return found


def readings_of(escalation: Escalation) -> list[Line]:
    """What it was found in, the newest first, each against the range of its day."""
    attached = EscalationReading.objects.filter(escalation=escalation)
    rows = Reading.objects.filter(pk__in=attached.values("reading"))
    readings = rows.select_related("device").order_by("-taken_at")
    return list(lines_of(readings, Ranges.of(escalation.practice, [escalation.patient_id])))


def how_many_readings(escalations: Iterable[Escalation]) -> Counter:
    """{escalation: how many are attached}, in one query."""
    rows = EscalationReading.objects.filter(escalation__in=list(escalations))
    return Counter(
        dict(rows.order_by().values_list("escalation_id").annotate(Count("reading", distinct=True)))
    )
