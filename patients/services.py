"""Changes to a patient's record after enrolling: one act, one function, one transaction, one reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model, UniqueConstraint
from psycopg.errors import CheckViolation, ExclusionViolation, UniqueViolation

from accounts.models import Membership
from accounts.practice_policies import policy
from dispatch import outbox
from foundation.context import because, current
from foundation.refusals import Refused, refuse_if
from foundation.tracked import lock
from patients import policies, selectors
from patients.models import (
    Consent,
    Coverage,
    Device,
    DeviceAssignment,
    Diagnosis,
    Enrollment,
    OfficeVisit,
    Patient,
    TargetRange,
)
from patients.reviews import withdraw_reminders
from payers.policies import why_not_cover
from payers.selectors import payer_of

PERMISSION_CHANGED = "patients.permission_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerGiven:
    payer: str
    plan_name: str = ""
    member_id: str = ""
    starts_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    given_on: date
    method: str
    wording: str
    taken_by: Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderGiven:
    """`signed_on`: the date on a signed paper that was seen; None where the clinician is to sign here."""

    text: str
    signed_by: Membership
    signed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanGiven:
    """`signed_by`: who signs it, None for any clinician. `signed_on`: as of an order.

    `targets`: bounds by name, as `PLAN_TARGETS` lists them. `review_by`: None for the day by the practice's policy.
    """

    goals: str
    actions: str
    effective_on: date
    targets: Mapping[str, Decimal | None] = field(default_factory=dict)
    other_targets: str = ""
    medicines: str = ""
    education: str = ""
    review_by: date | None = None
    signed_by: Membership | None = None
    signed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalGiven:
    """`review_by`: None for the day by the practice's policy."""

    measure: str
    low: Decimal | None = None
    high: Decimal | None = None
    second_low: Decimal | None = None
    second_high: Decimal | None = None
    critical_low: Decimal | None = None
    critical_high: Decimal | None = None
    second_critical_low: Decimal | None = None
    second_critical_high: Decimal | None = None
    review_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceGiven:
    serial: str
    kind: str
    model_name: str = ""
    basis: str = ""
    starts_on: date
    setup_on: date | None = None
    setup_by: Membership | None = None
    setup_note: str = ""


def save_unless_taken(row: Model, message: str, *, field: str | None = None) -> None:
    """Save the row; `message` refuses one that the database will not hold beside another.

    Asked before it is tried, so that the database has nothing to complain about in its log; its constraint has the last
    word between two who ask at the same moment.
    """
    refuse_if(message if _taken(row) else None, field=field)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation | ExclusionViolation):
            raise
        raise Refused(message, field=field) from error


def _taken(row: Model) -> bool:
    """Whether another row already has what only one may have."""
    try:
        for constraint in row._meta.constraints:
            if isinstance(constraint, UniqueConstraint | ExclusionConstraint):
                constraint.validate(type(row), row)
    except ValidationError:
        return True
    return False


def permission_changed(patient: Patient) -> None:
    """Ask that what depends on consent, order, enrollment or visits be calculated again."""
    outbox.send(patient.practice, PERMISSION_CHANGED, patient=str(patient.pk))


def _own(patient: Patient) -> dict:
    return {"practice": patient.practice, "patient": patient}


def _values(given) -> dict:
    """The fields of a given part as they are; `asdict` would copy the memberships in it."""
    return {field.name: getattr(given, field.name) for field in fields(given)}


@transaction.atomic
def edit_patient(patient: Patient, *, version: int, by: Membership, at: datetime, **values) -> Patient:
    """Change who the patient is. Raises `StaleRow` if somebody saved it since `version`."""
    for name, value in values.items():
        setattr(patient, name, value)
    patient.version = version
    save_unless_taken(patient, "This MRN belongs to another patient", field="mrn")
    return patient


@transaction.atomic
def edit_enrollment(
    episode: Enrollment, *, version: int, diagnoses: Sequence[str], by: Membership, at: datetime, **values
) -> Enrollment:
    """Change ordering, supervising, necessity, last visit or first day, and the diagnoses."""
    refuse_if(policies.why_not_start(episode.patient, values["started_on"], at=at), field="started_on")
    for name, value in values.items():
        setattr(episode, name, value)
    episode.version = version
    save_unless_taken(episode, "This patient was already enrolled on that day", field="started_on")
    set_diagnoses(episode, diagnoses, by=by, at=at)
    permission_changed(episode.patient)
    return episode


@transaction.atomic
def end_enrollment(
    episode: Enrollment, *, ended_on: date, reason: str, by: Membership, at: datetime
) -> Enrollment:
    """The first day on which the patient is no longer in the program, and why."""
    episode = lock(episode)
    refuse_if(policies.why_not_end(episode, ended_on, at=at), field="ended_on")
    with because(reason):
        episode.ended_on, episode.end_reason = ended_on, reason
        episode.save()
    withdraw_reminders(episode.care_plans.all(), at=at)
    permission_changed(episode.patient)
    return episode


@transaction.atomic
def set_diagnoses(episode: Enrollment, codes: Sequence[str], *, by: Membership, at: datetime) -> None:
    """Make these the enrollment's diagnoses, in this order; what no longer holds is withdrawn, not deleted."""
    for code in codes:
        refuse_if(policies.why_not_icd(code), field="diagnoses")
    wanted = dict(enumerate(dict.fromkeys(codes), start=1))
    for row in Diagnosis.objects.for_practice(episode.practice_id).filter(
        enrollment=episode, withdrawn=False
    ):
        if wanted.get(row.position) == row.code:
            del wanted[row.position]
        else:
            row.withdrawn = True
            row.save()
    for position, code in wanted.items():
        Diagnosis(practice=episode.practice, enrollment=episode, code=code, position=position).save()


@transaction.atomic
def record_consent(patient: Patient, given: ConsentGiven, *, by: Membership, at: datetime) -> Consent:
    refuse_if(policies.why_not_past(patient, given.given_on, "Consent date", at=at), field="consent_on")
    consent = Consent(**_own(patient), **_values(given))
    consent.save()
    permission_changed(patient)
    return consent


@transaction.atomic
def revoke_consent(
    consent: Consent, *, revoked_on: date, reason: str, by: Membership, at: datetime
) -> Consent:
    """From `revoked_on` on the consent no longer stands. It is never deleted."""
    consent = lock(consent)
    refuse_if(policies.why_not_revoke(consent, revoked_on, at=at), field="revoked_on")
    with because(reason):
        consent.revoked_on, consent.revoke_reason = revoked_on, reason
        consent.save()
    permission_changed(consent.patient)
    return consent


@transaction.atomic
def record_visit(patient: Patient, *, visited_on: date, by: Membership, at: datetime) -> OfficeVisit:
    """An evaluation visit in the office. Whether that day's minutes count is the practice's policy."""
    refuse_if(policies.why_not_past(patient, visited_on, "Visit date", at=at), field="visited_on")
    visit = OfficeVisit(**_own(patient), visited_on=visited_on)
    save_unless_taken(visit, "A visit on that day is already recorded", field="visited_on")
    permission_changed(patient)
    return visit


@transaction.atomic
def withdraw_visit(visit: OfficeVisit, *, reason: str, by: Membership, at: datetime) -> OfficeVisit:
    visit = lock(visit)
    if visit.withdrawn:
        return visit
    with because(reason):
        visit.withdrawn = True
        visit.save()
    permission_changed(visit.patient)
    return visit


@transaction.atomic
def change_coverage(patient: Patient, given: PayerGiven, *, by: Membership | None, at: datetime) -> Coverage:
    """Another payer or number from a day on; the coverage before ends that day. The same first day corrects it."""
    payer = payer_of(patient.practice, given.payer)
    refuse_if(policies.why_not_member(payer, given.member_id), field="member_id")
    # Two changes at once would both end the same coverage; and an import compares under this lock.
    lock(patient)
    current = _ended_or_same(Coverage.objects.for_practice(patient.practice), patient, given.starts_on)
    row = current or Coverage(**_own(patient))
    refuse_if(why_not_cover(payer, stands=row.payer == given.payer), field="payer")
    for name, value in _values(given).items():
        setattr(row, name, value)
    try:
        save_unless_taken(
            row, "A later coverage is already recorded. Choose a day after it began", field="coverage_on"
        )
    except IntegrityError as error:
        # Retired at this very moment.
        if not isinstance(error.__cause__, CheckViolation) or "payer" not in str(error):
            raise
        raise Refused(why_not_cover(payer_of(patient.practice, given.payer)), field="payer") from error
    return row


@transaction.atomic
def set_range(
    patient: Patient, goal: GoalGiven, *, starts_on: date, by: Membership, at: datetime, reason: str = ""
) -> TargetRange:
    """What is in range from a day on; the range before ends that day. The same first day corrects it."""
    refuse_if(policies.why_not_range(goal))
    today = patient.practice.today(at)
    refuse_if(policies.why_not_range_from(starts_on, today=today), field="starts_on")
    since = max(starts_on, today)
    review_by = goal.review_by or usual_range_review(patient.practice, since)
    refuse_if(policies.why_not_range_review(since, review_by), field="review_by")
    rows = TargetRange.objects.for_practice(patient.practice).filter(measure=goal.measure)
    with because(reason or current().reason):
        row = _ended_or_same(rows, patient, starts_on) or TargetRange(**_own(patient), starts_on=starts_on)
        for name, value in (_values(goal) | {"review_by": review_by}).items():
            setattr(row, name, value)
        message = "A later range is already recorded. Choose a day after it began"
        save_unless_taken(row, message, field="starts_on")
    return row


def usual_range_review(practice, since: date) -> date:
    """The day by which a range is reviewed where nobody says another."""
    return since + timedelta(days=policy(practice, "range_review_days", on=since))


def _ended_or_same(rows, patient: Patient, starts_on: date):
    """Ends the row in effect before `starts_on`; the row that began on that very day is handed back to be corrected."""
    current = rows.filter(selectors.in_force(starts_on), patient=patient).first()
    if current is None or current.starts_on == starts_on:
        return current
    current.ends_on = starts_on
    current.save()
    return None


@transaction.atomic
def hand_over(episode: Enrollment, given: DeviceGiven, *, by: Membership, at: datetime) -> DeviceAssignment:
    """Give the patient a device, new or returned by another; with set-up and teaching if they were done."""
    patient = episode.patient
    refuse_if(policies.why_not_hand_over(episode, given, at=at), field="device_on")
    device = _device(patient.practice, given)
    assignment = DeviceAssignment(
        **_own(patient),
        device=device,
        enrollment=episode,
        starts_on=given.starts_on,
        setup_on=given.setup_on,
        setup_by=given.setup_by if given.setup_on else None,
        setup_note=given.setup_note,
    )
    message = f"{device} is with a patient on that day. Record its return first"
    save_unless_taken(assignment, message, field="serial")
    return assignment


def _device(practice, given: DeviceGiven) -> Device:
    """The device of this serial number, taken up again or new. A basis given now completes one left empty."""
    device = Device.objects.for_practice(practice).filter(serial=given.serial).first()
    if device is None:
        device = Device(
            practice=practice,
            serial=given.serial,
            kind=given.kind,
            model_name=given.model_name,
            basis=given.basis,
        )
        device.save()
    elif device.kind != given.kind:
        raise Refused(
            f"Serial {given.serial} is already recorded as {device}. Check the number", field="serial"
        )
    elif given.basis and device.basis != given.basis:
        device.basis = given.basis
        device.save()
    return device


@transaction.atomic
def take_back(assignment: DeviceAssignment, *, ends_on: date, reason: str, by: Membership, at: datetime):
    """The device came back: from `ends_on` on its readings are no longer this patient's."""
    assignment = lock(assignment)
    refuse_if(policies.why_not_take_back(assignment, ends_on, at=at), field="ends_on")
    with because(reason):
        assignment.ends_on = ends_on
        assignment.save()
    return assignment


@transaction.atomic
def record_setup(
    assignment: DeviceAssignment,
    *,
    setup_on: date,
    setup_by: Membership,
    note: str,
    by: Membership,
    at: datetime,
) -> DeviceAssignment:
    """Set-up and teaching were done: when and by whom."""
    assignment = lock(assignment)
    refuse_if(policies.why_not_set_up(assignment, setup_on, at=at), field="setup_on")
    assignment.setup_on, assignment.setup_by, assignment.setup_note = setup_on, setup_by, note
    assignment.save()
    return assignment
