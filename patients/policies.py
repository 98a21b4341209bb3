"""When an act on a patient's record may not be done: the sentence to say, or None."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal

from accounts.models import Membership, StaffKind
from accounts.permissions import Permission, may
from patients.identifiers import why_not_icd, why_not_mbi
from patients.models import (
    CRITICAL,
    Consent,
    DeviceAssignment,
    Enrollment,
    InstitutionStay,
    Measure,
    Merge,
    Patient,
    SignatureKind,
    SignedPaper,
    SurgicalGlobal,
    Vital,
)
from patients.models.enrollments import A_YEAR
from payers.models import Payer

__all__ = ["why_not_icd"]


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"


def why_not_past(patient: Patient, day: date, what: str, *, at: datetime) -> str | None:
    """Days of things done are today or before, on the practice's calendar, and not before the patient was born."""
    if day > patient.practice.today(at):
        return f"{what} must be today or in the past"
    if day < patient.born_on:
        return f"{what} must be after the date of birth, {_day(patient.born_on)}"
    return None


def why_not_start(patient: Patient, started_on: date, *, at: datetime) -> str | None:
    return why_not_past(patient, started_on, "Enrollment date", at=at)


def why_not_end(episode: Enrollment, ended_on: date, *, at: datetime) -> str | None:
    if episode.ended_on:
        return f"This enrollment already ended on {_day(episode.ended_on)}"
    if ended_on <= episode.started_on:
        return f"The last day must be after enrollment, {_day(episode.started_on)}"
    return why_not_past(episode.patient, ended_on, "End of enrollment", at=at)


def why_not_revoke(consent: Consent, revoked_on: date, *, at: datetime) -> str | None:
    if consent.revoked_on:
        return f"This consent was already revoked on {_day(consent.revoked_on)}"
    if revoked_on < consent.given_on:
        return f"Revocation must be on or after the consent, {_day(consent.given_on)}"
    return why_not_past(consent.patient, revoked_on, "Revocation", at=at)


def why_not_withdraw_paper(paper: SignedPaper, *, by: Membership, gone: Collection[int]) -> str | None:
    """An order or a plan recorded in error. In a closed month too: a claim that names it says that it was withdrawn.

    `gone`: signers, by the key of their user, who cannot withdraw anything here any more.
    """
    if paper.withdrawn_at:
        return f"This {paper._meta.verbose_name} was withdrawn already."
    if paper.signature != SignatureKind.OWN or paper.signed_by.user_id == by.user_id:
        return None
    if paper.signed_by.user_id not in gone:
        return f"{paper.signed_by} signed it here. Nobody else withdraws it."
    if not may(by, Permission.CLINICIAN_ANSWER):
        return f"{paper.signed_by} signed it here and left. A physician, NP or PA withdraws it."
    return None


def why_not_member(payer: Payer | None, member_id: str) -> str | None:
    """Only a member number that is there is checked: one that is missing holds the claim, not the enrollment."""
    return why_not_mbi(member_id) if payer and payer.is_medicare and member_id else None


def why_not_range(goal) -> str | None:
    """A range has a bound, and its lower bound lies below its upper one."""
    pairs = [(goal.low, goal.high), (goal.second_low, goal.second_high)]
    label = Measure(goal.measure).label
    if all(bound is None for pair in pairs for bound in pair):
        return f"{label}: enter a lower or an upper limit"
    if any(low is not None and high is not None and low >= high for low, high in pairs):
        return f"{label}: the lower limit must be below the upper one"
    if goal.measure == Measure.BLOOD_PRESSURE and goal.low is None and goal.high is None:
        return f"{label}: enter the systolic limit too"
    if goal.measure != Measure.BLOOD_PRESSURE and any(bound is not None for bound in pairs[1]):
        return f"{label} has one value, so leave the diastolic limits empty"
    return why_not_critical(goal)


def why_not_critical(goal) -> str | None:
    """A critical limit lies on the other limit of its side or outside, and never stands alone."""
    for critical, bound in CRITICAL.items():
        limit, inner = getattr(goal, critical), getattr(goal, bound)
        upper = bound.endswith("high")
        words = ("diastolic " if bound.startswith("second") else "") + ("upper" if upper else "lower")
        label = Measure(goal.measure).label
        if limit is not None and inner is None:
            return f"{label}: enter the {words} limit too; it may be the same as the critical one"
        if limit is not None and (limit < inner if upper else limit > inner):
            where = "at or above" if upper else "at or below"
            return f"{label}: the critical {words} limit must be {where} the {words} limit, {inner}"
    return None


def why_not_range_from(starts_on: date, *, today: date) -> str | None:
    if starts_on > today + A_YEAR:
        return f"In effect from must be within a year of {_day(today)}"
    return None


def why_not_range_review(since: date, review_by: date) -> str | None:
    """`since`: today, or the day from which the range holds if that is to come. A year on, it is a slip of the year."""
    if review_by <= since:
        return f"Review must be after {_day(since)}"
    if review_by > since + A_YEAR:
        return f"Review must be within a year of {_day(since)}"
    return None


def why_not_target(vital: Vital, low: Decimal | None, high: Decimal | None) -> str | None:
    """A plan aims at what a body can have, and from below to above."""
    if any(bound is not None and not vital.least <= bound <= vital.most for bound in (low, high)):
        return f"{vital.label} must be between {vital.least} and {vital.most} {vital.unit}"
    if low is not None and high is not None and low >= high:
        return f"{vital.label}: the lower limit must be below the upper one"
    return None


def why_not_effective(patient: Patient, effective_on: date, *, at: datetime) -> str | None:
    """A plan holds from a day of the patient's life, and begins within a year: a later day is a slip of the year."""
    today = patient.practice.today(at)
    if effective_on < patient.born_on:
        return (
            f"The day from which the plan holds must not be before the date of birth, {_day(patient.born_on)}"
        )
    if effective_on > today + A_YEAR:
        return f"The day from which the plan holds must be within a year of today, {_day(today)}"
    return None


def why_not_review(effective_on: date, review_by: date) -> str | None:
    """A plan is reviewed after it began, and within a year: a later day is a slip of the year."""
    if review_by <= effective_on:
        return f"Review must be after the day from which the plan holds, {_day(effective_on)}"
    if review_by > effective_on + A_YEAR:
        return f"Review must be within a year of the day from which the plan holds, {_day(effective_on)}"
    return None


def why_not_hand_over(episode: Enrollment, given, *, at: datetime) -> str | None:
    if given.starts_on < episode.started_on:
        return f"Device date must be on or after enrollment, {_day(episode.started_on)}"
    if episode.ended_on and given.starts_on >= episode.ended_on:
        return f"This enrollment ended on {_day(episode.ended_on)}"
    if given.setup_on and given.setup_on < given.starts_on:
        return f"Set-up must be on or after the day the device was given, {_day(given.starts_on)}"
    late = max(given.starts_on, given.setup_on or given.starts_on)
    return why_not_past(episode.patient, late, "Device date", at=at)


def why_not_take_back(assignment: DeviceAssignment, ends_on: date, *, at: datetime) -> str | None:
    if assignment.ends_on:
        return f"This device already came back on {_day(assignment.ends_on)}"
    if ends_on <= assignment.starts_on:
        return f"Return must be after the day the device was given, {_day(assignment.starts_on)}"
    return why_not_past(assignment.patient, ends_on, "Return date", at=at)


def why_not_set_up(assignment: DeviceAssignment, setup_on: date, *, at: datetime) -> str | None:
    if setup_on < assignment.starts_on:
        return f"Set-up must be on or after the day the device was given, {_day(assignment.starts_on)}"
    ended_on = assignment.enrollment.ended_on
    if ended_on is not None and setup_on >= ended_on:
        return f"Set-up must be before monitoring ended, {_day(ended_on)}"
    return why_not_past(assignment.patient, setup_on, "Set-up date", at=at)


def why_not_until(starts_on: date, ends_on: date) -> str | None:
    """A surgical period may end in the future, but none is longer than a year: that is a slip of the year."""
    if ends_on < starts_on:
        return f"Last day must be on or after the first day, {_day(starts_on)}"
    if ends_on > starts_on + timedelta(days=366):
        return f"Last day must be within a year of the first day, {_day(starts_on)}"
    return None


def why_not_attest(period: SurgicalGlobal, *, by: Membership) -> str | None:
    if by.staff_kind != StaffKind.QHP:
        return "Only a physician or other qualified professional can attest"
    if period.withdrawn:
        return "This surgical period was withdrawn. Nothing is left to attest"
    if period.attested_by:
        return f"{period.attested_by} already attested on {_day(period.attested_on)}"
    if not period.ours:
        return "Another practitioner is paid for this operation. Nothing needs to be attested"
    return None


def why_not_leave(patient: Patient, admitted_on: date, discharged_on: date, *, at: datetime) -> str | None:
    if discharged_on <= admitted_on:
        return (
            f"Discharge must be after admission, {_day(admitted_on)}. A stay without a night is not recorded"
        )
    return why_not_past(patient, discharged_on, "Discharge", at=at)


def why_not_discharge(stay: InstitutionStay, discharged_on: date, *, at: datetime) -> str | None:
    if stay.withdrawn:
        return "This stay was withdrawn. Record it again if it did take place"
    if stay.discharged_on:
        return f"Discharge is already recorded, {_day(stay.discharged_on)}. To correct it, withdraw the stay"
    return why_not_leave(stay.patient, stay.admitted_on, discharged_on, at=at)


def why_not_merge(duplicate: Patient, remaining: Patient) -> str | None:
    """Each of the two knows the merges that it is part of. A merge follows no other: each is undone by itself."""
    if duplicate.pk == remaining.pk:
        return "A record cannot be merged into itself. Choose the other one"
    if (gone := duplicate.merged) or (gone := remaining.merged):
        return (
            f"MRN {gone.duplicate.mrn} was merged into MRN {gone.remaining.mrn} on {_day(gone.merged_on)}. "
            f"Merge with MRN {gone.remaining.mrn}, or undo that merge first"
        )
    if duplicate.includes:
        mrns = ", ".join(row.duplicate.mrn for row in duplicate.includes)
        return f"MRN {mrns} was merged into MRN {duplicate.mrn}. Merge the other way round, or undo that merge first"
    return None


def why_not_undo_merge(merge: Merge) -> str | None:
    return f"This merge was undone on {_day(merge.undone_on)} already" if merge.undone_at else None


def why_not_two_people(one: Patient, other: Patient) -> str | None:
    if one.pk == other.pk:
        return "This is one record. Choose two"
    if one.merged or other.merged:
        return "One of these records was merged already. Undo that merge, if they are two people"
    return None
