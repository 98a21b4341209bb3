"""Who is told: whose an escalation is from now on, and the administrators where nobody is left to ask."""

from datetime import datetime

from django.urls import reverse

from dispatch import notices
from escalations.models import Cause, Escalation, EscalationStep
from escalations.owners import WORKS, administrators
from escalations.states import Kind
from monitoring.findings import Severity


def _cause(escalation: Escalation, version: int) -> str:
    return f"escalation:{escalation.pk}:{version}"


def tell_owner(escalation: Escalation, words: str = "", *, email: bool = True) -> None:
    """A line in her inbox, and an e-mail that names no patient: `words`, else what is asked or was found.

    Silence stands on its own list alone.
    """
    if escalation.cause == Cause.SILENCE or escalation.owner.role not in WORKS:
        return
    words = words or escalation.ask or escalation.says
    notices.notify(
        escalation.practice,
        [escalation.owner.user],
        kind="escalation",
        cause=_cause(escalation, escalation.version),
        text=f"{escalation.get_severity_display()}: {escalation.patient}: {words}",
        url=reverse("escalations:escalation", args=[escalation.pk]),
        urgent=escalation.severity == Severity.CRITICAL,
        patient_id=escalation.patient_id,
        email=email,
    )


def tell_of_change(escalation: Escalation, words: str, *, at: datetime) -> None:
    """Its readings changed: one line says it as it is now, in the place of what was said before.

    No further e-mail while the one before went out and its line was not looked at.
    """
    before = _of_readings(escalation)
    waits = notices.mailed_and_waiting(*before, to=escalation.owner.user)
    notices.withdraw(*before, at=at)
    tell_owner(escalation, words, email=not waits)


def tell_that_it_holds(escalation: Escalation, words: str, *, at: datetime) -> None:
    """A further reading opens what was said to hold no longer: in that line's place this stands, as newly opened."""
    notices.withdraw(*_of_readings(escalation), at=at)
    tell_owner(escalation, words)


def _of_readings(escalation: Escalation) -> list[str]:
    """The lines that told of changed readings, or that it holds again after them."""
    steps = EscalationStep.objects.filter(escalation=escalation, kind__in=(Kind.NOTED, Kind.MERGED), by=None)
    return [_cause(escalation, number) for number in steps.values_list("number", flat=True)]


def take_back(escalation: Escalation, *, at: datetime) -> None:
    """Whoever was told before need not look any more."""
    told = [_cause(escalation, version) for version in range(1, escalation.version + 1)]
    notices.withdraw(*told, at=at)


def tell_administrators(escalation: Escalation, *, at: datetime) -> None:
    """Once for each escalation, and without the patient: they see no chart."""
    notices.notify(
        escalation.practice,
        [member.user for member in administrators(escalation.practice, at)],
        kind="escalation_top",
        cause=f"escalation-top:{escalation.pk}",
        text="An escalation is past due, and nobody is left to pass it on to. Add people to the list.",
        url=reverse("escalations:ladder"),
        urgent=True,
    )
