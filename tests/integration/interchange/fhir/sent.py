"""Resources as other systems send them, and a program that sends them."""

import json

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.coverage import Coverage
from fhir.resources.R4B.device import Device
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.patient import Patient

from accounts.models import Membership
from authentication.models import Scope
from tests.tokens import Program, token

FHIR = "application/fhir+json"
MR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
MODELS = {
    m.__name__: m
    for m in (Bundle, CapabilityStatement, Coverage, Device, Observation, OperationOutcome, Patient)
}


def ida(**more) -> dict:
    return {
        "resourceType": "Patient",
        "identifier": [{"type": MR, "system": "urn:oid:2.16.840.1.113883.19.5", "value": "N-1"}],
        "name": [{"use": "official", "family": "Bell", "given": ["Ida", "Q"]}],
        "gender": "female",
        "birthDate": "1951-03-14",
        "telecom": [{"system": "phone", "use": "home", "value": "555-0111"}],
        "address": [{"line": ["1 Elm St"], "city": "Boston", "state": "MA", "postalCode": "02111"}],
        **more,
    }


def jane(**more) -> dict:
    """As she is in the cast."""
    return ida(
        **{
            "identifier": [{"type": MR, "value": "T-0001"}],
            "name": [{"family": "Doe", "given": ["Jane"]}],
            "birthDate": "1948-05-12",
            "telecom": [],
            **more,
        }
    )


def medicare(whose: dict, **more) -> dict:
    return {
        "resourceType": "Coverage",
        "status": "active",
        "beneficiary": whose,
        "subscriberId": "1EG4-TE5-MK73",
        "payor": [{"display": "Medicare Part B"}],
        "class": [{"type": {"coding": [{"code": "plan"}]}, "value": "B", "name": "Medicare B"}],
        "period": {"start": "2025-01-01"},
        **more,
    }


def of_mrn(mrn: str) -> dict:
    return {"identifier": {"type": MR, "value": mrn}}


class Sender:
    """A hospital with a token. Everything that it is answered is read by a library of FHIR."""

    def __init__(self, by: Membership, *scopes: Scope, **more):
        self.row, written = token(by, *scopes, **more)
        self.client = Program(written)

    def send(self, method: str, path: str, data=None, *, kind: str = FHIR, **headers):
        body = b"" if data is None else data if isinstance(data, bytes) else json.dumps(data).encode()
        answer = self.client.generic(method, path, body, content_type=kind, headers=headers)
        if answer.content:
            assert answer["Content-Type"] == "application/fhir+json; charset=utf-8"
            checked(answer.json())
        return answer

    def post(self, data, path: str = "", **more):
        return self.send("POST", path or _address(data), data, **more)

    def get(self, path: str, **headers):
        return self.send("GET", path, **headers)


def _address(data: dict) -> str:
    """Of a bundle it is the base itself."""
    return "/fhir" if data["resourceType"] == "Bundle" else f"/fhir/{data['resourceType']}"


def checked(data: dict) -> dict:
    MODELS[data["resourceType"]].model_validate(data)
    for entry in data.get("entry", []):
        for inner in (entry.get("resource"), entry.get("response", {}).get("outcome")):
            if inner:
                checked(inner)
    return data


def issues(answer) -> list[tuple]:
    """(code, the element at fault)"""
    assert answer.json()["resourceType"] == "OperationOutcome", answer.json()
    return [(issue["code"], *issue.get("expression", [])) for issue in answer.json()["issue"]]


def said(answer) -> str:
    return answer.json()["issue"][0]["details"]["text"]
