"""Where programs come in: what an administrator tells the vendor of another system."""

from dataclasses import dataclass

from django.urls import reverse

from authentication.models import Scope


@dataclass(frozen=True, slots=True)
class Entrance:
    label: str
    path: str
    says: str
    scopes: tuple[Scope, ...]


def entrances() -> list[Entrance]:
    return [
        Entrance(
            "FHIR R4", "/fhir",
            "Patient, Coverage, Observation and Device, as application/fhir+json.", tuple(Scope),
        ),
        Entrance(
            "What it understands of FHIR", reverse("interchange:fhir_metadata"),
            "The capability statement.", (),
        ),
        Entrance(
            "HL7 version 2", reverse("interchange:hl7_v2"), "One ADT or ORU message in each request.",
            (Scope.PATIENTS_WRITE, Scope.READINGS_WRITE),
        ),
    ]  # fmt: skip
