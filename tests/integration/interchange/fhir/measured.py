"""Observations as device hubs send them."""

from fhir.resources.R4B.observation import Observation

from tests.integration.interchange.fhir.sent import of_mrn

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
AT = "2026-01-05T08:12:00-05:00"
CUFF, SCALE, METER = "CUFF-T-0001", "SCALE-T-0001", "METER-T-0001"


def coded(*codes: str) -> dict:
    return {"coding": [{"system": LOINC, "code": code} for code in codes]}


def amount(value, unit: str, **more) -> dict:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit, **more}


def of_serial(serial: str) -> dict:
    return {"identifier": {"value": serial}}


def observed(*codes: str, value: dict | None = None, serial: str = CUFF, mrn: str = "T-0001", **more) -> dict:
    found = {
        "resourceType": "Observation",
        "status": "final",
        "code": coded(*codes),
        "subject": of_mrn(mrn),
        "effectiveDateTime": AT,
        **more,
    }
    if serial:
        found["device"] = of_serial(serial)
    if value:
        found["valueQuantity"] = value
    return {name: part for name, part in found.items() if part is not None}


def component(code: str, value, unit: str) -> dict:
    return {"code": coded(code), "valueQuantity": amount(value, unit)}


def pressure(
    systolic=158, diastolic=96, *, key: str = "a-1", pulse=None, unit: str = "mm[Hg]", **more
) -> dict:
    both = [component("8480-6", systolic, unit), component("8462-4", diastolic, unit)]
    beats = [component("8867-4", pulse, "/min")] if pulse else []
    return observed("85354-9", component=both + beats, **identified(key), **more)


def pulse(value=71, **more) -> dict:
    return observed("8867-4", value=amount(value, "/min"), **more)


def identified(key: str) -> dict:
    return {"identifier": [{"system": "urn:hub", "value": key}]} if key else {}


def entry(data: dict, unless: str = "") -> dict:
    request = {"method": "POST", "url": "Observation"}
    return {"resource": data, "request": {**request, "ifNoneExist": unless} if unless else request}


def bundle(*entries: dict, kind: str = "batch") -> dict:
    whole = [one if "request" in one else entry(one) for one in entries]
    return {"resourceType": "Bundle", "type": kind, "entry": whole}


def model(data: dict) -> Observation:
    return Observation.model_validate(data)
