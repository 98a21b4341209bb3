"""Our rows as resources of FHIR R4: US Core Patient 5.0.1, and Coverage."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings

from interchange.fhir.outcome import Json
from interchange.fhir.payers import payor_of
from patients.models import Coverage, Merge, Patient, Sex
from payers.models import Payer

IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
MBI = "http://hl7.org/fhir/sid/us-mbi"
US_CORE_PATIENT = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"
TIME_ZONE = "http://hl7.org/fhir/StructureDefinition/timezone"
GENDERS = {Sex.FEMALE: "female", Sex.MALE: "male", Sex.OTHER: "other", Sex.UNKNOWN: "unknown"}


def mrn_system() -> str:
    """Where our answers say that an MRN comes from. What was sent may call it otherwise."""
    return f"{settings.SITE_URL}/fhir/sid/mrn"


def serial_system() -> str:
    """The same of the serial number of a device."""
    return f"{settings.SITE_URL}/fhir/sid/serial"


def source_system() -> str:
    """Of the tag that says whether the device sent a reading by itself, or somebody typed it."""
    return f"{settings.SITE_URL}/fhir/sid/reading-source"


def key_of(system: str, value: str) -> str:
    """As it is kept and looked for. A value that has no system and a `|` says so by one before it."""
    return f"{system}|{value}" if system or "|" in value else value


def parted(key: str) -> tuple[str, str]:
    """(system, value) of what `key_of` made."""
    system, bar, value = key.partition("|")
    return (system, value) if bar else ("", key)


def etag_of(row) -> str:
    return f'W/"{row.version}"'


def patient_resource(patient: Patient, merge: Merge | None = None) -> Json:
    """`merge`: by which the record went into another, that replaces it."""
    found: Json = {
        "resourceType": "Patient",
        "id": str(patient.pk),
        "meta": {"versionId": str(patient.version), "profile": [US_CORE_PATIENT]},
        "identifier": [_mrn(patient)],
        "active": merge is None,
        "name": [{"use": "official", "family": patient.family_name, "given": [patient.given_name]}],
        "gender": GENDERS[Sex(patient.sex)],
        "birthDate": patient.born_on.isoformat(),
    }
    if merge:
        found["link"] = [{"other": {"reference": f"Patient/{merge.remaining_id}"}, "type": "replaced-by"}]
    if patient.phone:
        found["telecom"] = [{"system": "phone", "value": patient.phone}]
    if patient.language:
        found["communication"] = [{"language": {"text": patient.language}, "preferred": True}]
    if patient.time_zone:
        found["extension"] = [{"url": TIME_ZONE, "valueCode": patient.time_zone}]
    return found


def _mrn(patient: Patient) -> Json:
    kind = {"coding": [{"system": IDENTIFIER_TYPES, "code": "MR"}]}
    return {"use": "usual", "type": kind, "system": mrn_system(), "value": patient.mrn}


def coverage_resource(coverage: Coverage, payers: Sequence[Payer], *, today: date) -> Json:
    over = coverage.ends_on is not None and coverage.ends_on <= today
    period = {"start": coverage.starts_on.isoformat()}
    if coverage.ends_on:
        period["end"] = coverage.ends_on.isoformat()
    found: Json = {
        "resourceType": "Coverage",
        "id": str(coverage.pk),
        "meta": {"versionId": str(coverage.version)},
        "status": "cancelled" if over else "active",
        "beneficiary": {"reference": f"Patient/{coverage.patient_id}"},
        "period": period,
        "payor": [payor_of(coverage.payer, payers)],
    }
    if coverage.member_id:
        found["subscriberId"] = coverage.member_id
    if coverage.plan_name:
        plan = {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/coverage-class", "code": "plan"}]
        }
        found["class"] = [{"type": plan, "value": coverage.plan_name, "name": coverage.plan_name}]
    return found
