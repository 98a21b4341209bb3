"""Enrolling: the patient and all that is known on the first day, in one transaction. What is missing may follow."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import Membership
from foundation.context import because
from foundation.refusals import Refused
from patients import selectors, services
from patients.models import Enrollment, Patient, Site
from patients.papers import record_order, write_care_plan
from patients.services import ConsentGiven, DeviceGiven, GoalGiven, OrderGiven, PayerGiven, PlanGiven
from patients.sites import settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    family_name: str
    given_name: str
    born_on: date
    sex: str
    mrn: str
    phone: str = ""
    language: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The enrollment and everything that hangs on it; each part may be None or empty as long as it is unknown."""

    started_on: date
    ordering: Membership | None = None
    supervising: Membership | None = None
    necessity: str = ""
    last_visit_on: date | None = None
    site: Site | None = None
    diagnoses: Sequence[str] = ()
    goals: Sequence[GoalGiven] = ()
    consent: ConsentGiven | None = None
    order: OrderGiven | None = None
    plan: PlanGiven | None = None


@transaction.atomic
def enroll(
    practice,
    *,
    who: Who,
    program: Program,
    payer: PayerGiven | None = None,
    device: DeviceGiven | None = None,
    another_person: bool = False,
    by: Membership,
    at: datetime,
) -> Patient:
    """The new patient with every part that is known. Raises `Refused` for a twin, a taken MRN or device, a bad code."""
    with because("Enrolled"):
        patient = register(practice, who=who, payer=payer, another_person=another_person, by=by, at=at)
        begin(patient, program, device=device, by=by, at=at)
    return patient


@transaction.atomic
def register(
    practice,
    *,
    who: Who,
    payer: PayerGiven | None = None,
    another_person: bool = False,
    by: Membership | None,
    at: datetime,
) -> Patient:
    """A new patient who is not enrolled yet. Raises `Refused` for a twin or a taken MRN. `by`: nobody, of a message."""
    patient = _new_patient(practice, who, another_person)
    if payer:
        services.change_coverage(patient, payer, by=by, at=at)
    return patient


@transaction.atomic
def begin(
    patient: Patient, program: Program, *, device: DeviceGiven | None, by: Membership, at: datetime
) -> Enrollment:
    """Start an episode of care for a patient who is here, with what is known of it."""
    if program.started_on > patient.practice.today(at):
        raise Refused("Enrollment must start today or in the past", field="started_on")
    settle(patient, program.site, on=program.started_on, by=by, at=at)
    episode = Enrollment(
        practice=patient.practice,
        patient=patient,
        ordering=program.ordering,
        supervising=program.supervising,
        necessity=program.necessity.strip(),
        last_visit_on=program.last_visit_on,
        started_on=program.started_on,
    )
    services.save_unless_taken(episode, "This patient is already enrolled on that day", field="started_on")
    _known_parts(episode, program, by=by, at=at)
    if device:
        services.hand_over(episode, device, by=by, at=at)
    services.permission_changed(patient)
    return episode


def _new_patient(practice, who: Who, another_person: bool) -> Patient:
    twins = selectors.same_person(
        practice, family_name=who.family_name, given_name=who.given_name, born_on=who.born_on
    )
    if not another_person and twins.exists():
        raise Refused(
            "A patient with this name and date of birth is already here. Open that chart, or say it is another person",
            field="another_person",
        )
    patient = Patient(practice=practice, **asdict(who))
    services.save_unless_taken(patient, "This MRN belongs to another patient", field="mrn")
    return patient


def _known_parts(episode: Enrollment, program: Program, *, by: Membership, at: datetime) -> None:
    services.set_diagnoses(episode, program.diagnoses, by=by, at=at)
    for goal in program.goals:
        services.set_range(episode.patient, goal, starts_on=program.started_on, by=by, at=at)
    if program.consent:
        services.record_consent(episode.patient, program.consent, by=by, at=at)
    if program.order:
        record_order(episode, program.order, by=by, at=at)
    if program.plan:
        write_care_plan(episode, program.plan, by=by, at=at)
