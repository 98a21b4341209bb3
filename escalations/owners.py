"""Whose an escalation is: the patient's care team, then the practice's list, in one fixed order. Never nobody's.

Only people with a role here today that works on escalations: where none of the team and the list does, another
clinician, then anybody who does; an administrator, who sees no chart, where nobody does.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Membership
from accounts.permissions import Permission, Role, roles_that_may
from escalations.models import Cause, Escalation, EscalationStep, LadderPlace
from escalations.states import Kind, State
from patients.models import Patient
from patients.selectors import latest_enrollment

_NURSES: list[Callable[[Patient], Iterable[Membership]]] = []
WORKS = roles_that_may(Permission.ESCALATION_WORK)
ANSWERS = roles_that_may(Permission.CLINICIAN_ANSWER)


def nurse_of(find: Callable[[Patient], Iterable[Membership]]):
    """Floors above say who nursed a patient last: the first to be asked."""
    _NURSES.append(find)
    return find


def workers(practice, at: datetime) -> QuerySet[Membership]:
    """Who works on escalations here at that moment."""
    return _standing(practice, at).filter(role__in=WORKS)


def clinicians(practice, at: datetime) -> QuerySet[Membership]:
    """Who answers them."""
    return _standing(practice, at).filter(role__in=ANSWERS)


def administrators(practice, at: datetime) -> QuerySet[Membership]:
    return _standing(practice, at).filter(role=Role.ADMINISTRATOR)


def _standing(practice, at: datetime) -> QuerySet[Membership]:
    rows = Membership.objects.for_practice(practice).filter(user__is_active=True).at(at)
    return rows.select_related("user").order_by("user__name", "pk")


def places(practice) -> list[LadderPlace]:
    """The practice's list, the first to be asked first; whether they still work here or not."""
    rows = LadderPlace.objects.for_practice(practice).filter(ended_at=None)
    return list(rows.select_related("member__user").order_by("position"))


def in_order(patient: Patient, *, at: datetime, answering: bool = False) -> list[Membership]:
    """Everybody who may be asked about this patient, each once, the first first. `answering`: only clinicians."""
    asked = clinicians if answering else workers
    here = {member.user_id: member for member in asked(patient.practice, at)}
    users = dict.fromkeys(member.user_id for member in _care_team(patient))
    return [here[user] for user in users if user in here]


def _care_team(patient: Patient) -> Iterator[Membership]:
    """Who nursed her last, who supervises, who ordered, then the practice's list."""
    for find in _NURSES:
        yield from find(patient)
    if episode := latest_enrollment(patient):
        yield from filter(None, (episode.supervising, episode.ordering))
    for place in places(patient.practice):
        yield place.member


def first(patient: Patient, *, at: datetime) -> Membership:
    """Whose a new escalation is."""
    return next(iter(in_order(patient, at=at)), None) or _last_resort(patient, at=at)


def following(escalation: Escalation, *, at: datetime) -> Membership | None:
    """To whom it climbs: the next in the order who has not had it. What waits for a clinician stays with clinicians."""
    people = in_order(escalation.patient, at=at, answering=escalation.state == State.REFERRED)
    had = _had_it(escalation)
    return next((member for member in people if member.user_id not in had), None)


def instead(escalation: Escalation, *, at: datetime) -> Membership:
    """To whom it goes from somebody who works on it no more, also back to one who had it."""
    if member := following(escalation, at=at):
        return member
    people = in_order(escalation.patient, at=at)
    others = (member for member in people if member.user_id != escalation.owner.user_id)
    return next(others, None) or _last_resort(escalation.patient, at=at)


def _had_it(escalation: Escalation) -> set:
    """Since it was opened, or became critical."""
    steps = EscalationStep.objects.filter(escalation=escalation)
    since = steps.filter(kind=Kind.RAISED).order_by("-number").values_list("number", flat=True).first() or 1
    return set(steps.filter(number__gte=since).values_list("owner__user", flat=True))


def _last_resort(patient: Patient, *, at: datetime) -> Membership:
    """A clinician, else whoever works on escalations here: they see the chart and can act, which an administrator, who
    comes next, does not. At last whoever worked here."""
    practice = patient.practice
    people = Membership.objects.for_practice(practice).select_related("user").order_by("-starts_on", "pk")
    asked = (clinicians(practice, at), workers(practice, at), administrators(practice, at), people)
    return next(member for rows in asked if (member := rows.first()) is not None)


def orphaned(practice, at: datetime) -> QuerySet[Escalation]:
    """Open ones whose owner works on escalations no more: she left, or has another role, or was the last resort."""
    rows = Escalation.objects.for_practice(practice).exclude(state=State.RESOLVED)
    return rows.exclude(owner__user__in=workers(practice, at).order_by().values("user"))


def overdue(practice, at: datetime) -> QuerySet[Escalation]:
    """Open ones that climb now. Silence does not climb: it is no clinical matter."""
    rows = Escalation.objects.for_practice(practice).exclude(state=State.RESOLVED)
    return rows.filter(due_at__lte=at, topped_at=None).exclude(cause=Cause.SILENCE)


def at_the_top(practice) -> QuerySet[Escalation]:
    """Open ones that nobody is left to be asked about."""
    rows = Escalation.objects.for_practice(practice).exclude(state=State.RESOLVED)
    return rows.filter(topped_at__isnull=False)
