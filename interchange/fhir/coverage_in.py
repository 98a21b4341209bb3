"""What a Coverage resource says, as fields of `intake`, and whose it is."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from interchange.fhir.arriving import Said
from interchange.fhir.outcome import Invalid, Issue, Json
from interchange.fhir.patient_in import mrn_among
from interchange.fhir.payers import payer_said
from interchange.fhir.resources import MBI
from patients.merges import by_mrn
from patients.models import Patient
from payers.models import Payer

WHOSE = "Coverage.beneficiary"


def coverage_said(data: Json, payers: Sequence[Payer], *, today: date) -> Said:
    if faults := list(_unsupported(data, today)):
        raise Invalid(*faults)
    start = data.get("period", {}).get("start")
    found = {
        "payer": ("Coverage.payor", payer_said(data, payers)),
        "plan_name": ("Coverage.class", _plan(data)),
        "member_id": ("Coverage.subscriberId", _member(data)),
        "coverage_on": ("Coverage.period.start", _day(start).isoformat() if start else ""),
    }
    if not found["payer"][1]:
        text = "The payer is needed: its id as identifier.value, or its name as display."
        raise Invalid(Issue("required", text, "Coverage.payor"))
    return {field: said for field, said in found.items() if said[1]}


def _unsupported(data: Json, today: date) -> Iterator[Issue]:
    if data.get("status") != "active":
        text = "Only a coverage in effect is taken in: status active. The practice ends others."
        yield Issue("not-supported", text, "Coverage.status")
    if data.get("order", 1) > 1:
        yield Issue("not-supported", "Only the first coverage of a patient is kept here.", "Coverage.order")
    for name in ("start", "end"):
        if (said := data.get("period", {}).get(name)) and _day(said) is None:
            yield Issue("value", "A whole day is needed.", f"Coverage.period.{name}")
    end = _day(data.get("period", {}).get("end"))
    if end and end < today:
        yield Issue("not-supported", "This coverage is over.", "Coverage.period.end")


def _day(said) -> date | None:
    if isinstance(said, datetime):
        return said.date()
    return said if isinstance(said, date) else None


def _member(data: Json) -> str:
    """The Medicare number, if there is one; else the subscriber's."""
    numbers = [one.get("value") for one in data.get("identifier", []) if one.get("system") == MBI]
    return next(filter(None, numbers), None) or data.get("subscriberId", "")


def _plan(data: Json) -> str:
    for one in data.get("class_fhir", data.get("class", [])):
        if any(coding.get("code") == "plan" for coding in one["type"].get("coding", [])):
            return one.get("name") or one.get("value", "")
    return ""


def beneficiary(practice, data: Json) -> tuple[Patient | None, str]:
    """The patient, if she is here, and her MRN. Raises `Invalid` where neither says whose coverage it is."""
    reference = data["beneficiary"]
    patients = Patient.objects.for_practice(practice)
    if text := reference.get("reference"):
        patient = patients.filter(pk=_id_of(text)).first()
        if patient is None:
            raise Invalid(Issue("not-found", "No such patient is here.", f"{WHOSE}.reference"))
        # Of a merged record it is that of the one that remains, as by its MRN.
        patient = by_mrn(practice, [patient.mrn])[patient.mrn]
        return patient, patient.mrn
    identifier = reference.get("identifier")
    mrn = mrn_among([identifier] if identifier else [], f"{WHOSE}.identifier")
    return by_mrn(practice, [mrn]).get(mrn), mrn


def _id_of(reference: str) -> UUID | None:
    kind, _, key = reference.rpartition("Patient/")
    try:
        return UUID(key) if key and (not kind or kind.endswith("/")) else None
    except ValueError:
        return None
