"""Our readings as Observations, by the vital signs of US Core; glucose is none of them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from interchange.fhir.codes import (
    CATEGORIES,
    CODED,
    DIASTOLIC,
    LOINC,
    METER_GLUCOSE,
    SYSTOLIC,
    UCUM,
    US_CORE,
    is_read,
)
from interchange.fhir.outcome import Json
from interchange.fhir.resources import parted, source_system
from monitoring.models import Reading, Source
from patients.models import DeviceKind, Measure

# The same amount in another unit: as it was sent.
AS_SENT = "http://hl7.org/fhir/StructureDefinition/iso21090-PQ-translation"


def status_of(reading: Reading) -> str:
    if reading.excluded_reason:
        return "entered-in-error"
    return "final" if reading.version == 1 else "corrected"


def observation_resource(reading: Reading, changed_at: Mapping[UUID, datetime]) -> Json:
    """`changed_at`: when those that have a second version got their last one."""
    measure = Measure(reading.measure)
    coded = CODED[measure]
    found: Json = {
        "resourceType": "Observation",
        "id": str(reading.id),
        "meta": _meta(reading, coded.profile, changed_at.get(reading.id, reading.received_at)),
        "status": status_of(reading),
        "category": [{"coding": [{"system": CATEGORIES, "code": coded.category}]}],
        "code": {"coding": _codings(reading, measure), "text": measure.label},
        "subject": {"reference": f"Patient/{reading.patient_id}"},
        "effectiveDateTime": _moment(reading.taken_at.astimezone(reading.patient.tz)),
        "issued": _moment(reading.received_at),
        **_values(reading, measure),
    }
    if reading.identifier:
        system, value = parted(reading.identifier)
        found["identifier"] = [{"system": system, "value": value} if system else {"value": value}]
    if reading.device_id:
        found["device"] = {"reference": f"Device/{reading.device_id}"}
    return found


def _meta(reading: Reading, profile: str, changed_at: datetime) -> Json:
    meta: Json = {"versionId": str(reading.version), "lastUpdated": _moment(changed_at)}
    if profile:
        meta["profile"] = [US_CORE + profile]
    source = Source(reading.source)
    return {**meta, "tag": [{"system": source_system(), "code": source.value, "display": source.label}]}


def _moment(at: datetime) -> str:
    return at.isoformat()


def _codings(reading: Reading, measure: Measure) -> list[Json]:
    codes = list(CODED[measure].codes)
    if measure == Measure.GLUCOSE and reading.device_id and reading.device.kind == DeviceKind.GLUCOMETER:
        codes.append((METER_GLUCOSE, "Glucose [Mass/volume] in Capillary blood by Glucometer"))
    return [{"system": LOINC, "code": code, "display": display} for code, display in codes]


def _values(reading: Reading, measure: Measure) -> Json:
    sent = _sent(reading.original, measure)
    if measure != Measure.BLOOD_PRESSURE:
        return {"valueQuantity": _quantity(reading.value, measure, sent[:1])}
    both = (
        (SYSTOLIC, "Systolic blood pressure", reading.value, sent[:1]),
        (DIASTOLIC, "Diastolic blood pressure", reading.second_value, sent[1:]),
    )
    return {
        "component": [
            {
                "code": {"coding": [{"system": LOINC, "code": code, "display": display}]},
                "valueQuantity": _quantity(value, measure, one),
            }
            for code, display, value, one in both
        ]
    }


def _quantity(value: Decimal, measure: Measure, sent: list[Json]) -> Json:
    coded = CODED[measure]
    found = {"value": _number(value), "unit": coded.shown, "system": UCUM, "code": coded.unit}
    if sent:
        found["extension"] = [{"url": AS_SENT, "valueQuantity": sent[0]}]
    return found


def _sent(original: str, measure: Measure) -> list[Json]:
    """`187.4 [lb_av]`, or `17.3/10.7 kPa` for both; nothing where it cannot be said by UCUM."""
    numbers, _, unit = original.partition(" ")
    try:
        values = [_number(Decimal(text)) for text in numbers.split("/")] if original else []
    except ArithmeticError:
        return []
    coded = {"system": UCUM, "code": unit} if is_read(measure, unit) else {}
    return [{"value": value, "unit": unit, **coded} for value in values]


def _number(value: Decimal) -> int | float:
    """Numbers of JSON. At most nine digits are kept, which a float holds exactly enough to print them."""
    return int(value) if value == value.to_integral_value() else float(value)


def _is_changed(reading: Reading) -> bool:
    return reading.version > 1


def changes_of(readings: list[Reading]) -> dict[UUID, datetime]:
    """{id: when the version that is shown was written} of those that were changed; one query."""
    changed = {reading.id: reading.version for reading in readings if _is_changed(reading)}
    if not changed:
        return {}
    rows = Reading.history.filter(id__in=changed.keys()).values_list("id", "version", "recorded_at")
    return {pk: at for pk, version, at in rows if changed[pk] == version}
