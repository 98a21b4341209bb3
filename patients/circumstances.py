"""What else goes on with a patient: services claimed elsewhere, surgical periods, stays."""

from datetime import date, datetime
from typing import TypeVar

from django.db import transaction

from accounts.models import Membership
from foundation.context import because
from foundation.refusals import refuse_if
from foundation.tracked import lock
from patients import policies
from patients.models import InstitutionStay, OtherService, Patient, SurgicalGlobal
from patients.services import permission_changed, save_unless_taken

Row = TypeVar("Row", OtherService, SurgicalGlobal, InstitutionStay)


@transaction.atomic
def record_service(
    patient: Patient,
    *,
    code: str,
    service_on: date,
    billed_by: str,
    note: str = "",
    by: Membership,
    at: datetime,
) -> OtherService:
    """A service to this patient that is claimed outside RPM Portal, by another practice or by ours."""
    refuse_if(policies.why_not_past(patient, service_on, "Date of service", at=at), field="service_on")
    values = {"code": code, "service_on": service_on, "billed_by": billed_by, "note": note}
    row = OtherService(practice=patient.practice, patient=patient, **values)
    message = f"{code} of that day is already recorded. Withdraw it first if it is wrong"
    return _kept(row, message, field="code")


@transaction.atomic
def record_surgery(
    patient: Patient,
    *,
    procedure_code: str,
    starts_on: date,
    ends_on: date,
    ours: bool,
    by: Membership,
    at: datetime,
) -> SurgicalGlobal:
    """The days, both ends included, that one payment for an operation covers, and whether we are paid it."""
    refuse_if(policies.why_not_past(patient, starts_on, "First day", at=at), field="starts_on")
    refuse_if(policies.why_not_until(starts_on, ends_on), field="ends_on")
    values = {"procedure_code": procedure_code, "starts_on": starts_on, "ends_on": ends_on, "ours": ours}
    message = f"{procedure_code} from that day is already recorded. Withdraw it first if it is wrong"
    row = SurgicalGlobal(practice=patient.practice, patient=patient, **values)
    return _kept(row, message, field="procedure_code")


@transaction.atomic
def attest(period: SurgicalGlobal, *, attestation: str, by: Membership, at: datetime) -> SurgicalGlobal:
    """A physician or QHP states why the monitoring has nothing to do with the operation. Once, and never backdated."""
    period = lock(period)
    refuse_if(policies.why_not_attest(period, by=by))
    period.attested_by, period.attested_on = by, period.practice.today(at)
    period.attestation = attestation
    with because(attestation):
        return _kept(period)


@transaction.atomic
def record_stay(
    patient: Patient,
    *,
    kind: str,
    admitted_on: date,
    discharged_on: date | None = None,
    by: Membership,
    at: datetime,
) -> InstitutionStay:
    """A stay that still lasts, or one that is over."""
    refuse_if(policies.why_not_past(patient, admitted_on, "Admission", at=at), field="admitted_on")
    if discharged_on:
        why_not = policies.why_not_leave(patient, admitted_on, discharged_on, at=at)
        refuse_if(why_not, field="discharged_on")
    values = {"kind": kind, "admitted_on": admitted_on, "discharged_on": discharged_on}
    message = "Another stay is recorded for these days. Record its discharge, or withdraw it, first"
    row = InstitutionStay(practice=patient.practice, patient=patient, **values)
    return _kept(row, message, field="admitted_on")


@transaction.atomic
def discharge(stay: InstitutionStay, *, discharged_on: date, by: Membership, at: datetime) -> InstitutionStay:
    """The patient left on that day, which is no longer a day of the stay."""
    stay = lock(stay)
    refuse_if(policies.why_not_discharge(stay, discharged_on, at=at), field="discharged_on")
    stay.discharged_on = discharged_on
    return _kept(stay)


@transaction.atomic
def withdraw(row: Row, *, reason: str, by: Membership, at: datetime) -> Row:
    """Recorded by mistake: it no longer counts, and stays readable. A second time changes nothing."""
    row = lock(row)
    if row.withdrawn:
        return row
    row.withdrawn = True
    with because(reason):
        return _kept(row)


def _kept(row: Row, taken: str = "", *, field: str | None = None) -> Row:
    """Saved, or refused with the sentence `taken`; what depends on the patient's months is calculated again."""
    save_unless_taken(row, taken, field=field) if taken else row.save()
    permission_changed(row.patient)
    return row
