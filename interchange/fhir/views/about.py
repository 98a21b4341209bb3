"""/fhir/metadata, and every address below /fhir/ that is none."""

from django.http import Http404
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods

from accounts.permissions import public
from interchange.fhir.outcome import Json, respond
from interchange.fhir.resources import US_CORE_PATIENT
from interchange.fhir.views.common import base_of, fhir_public

READ = [{"code": "read"}, {"code": "search-type"}]
TOKEN = "A token of the practice: Authorization: Bearer rpm_…"
# Of what this says, not of the software.
DATED = "2026-11-28"


@public
@require_http_methods(["GET", "HEAD"])
@fhir_public
def metadata(request):
    response = respond(_statement(base_of(request)))
    patch_cache_control(response, public=True, max_age=3600)
    return response


@public
@fhir_public
def nothing_here(request):
    raise Http404


def _statement(base: str) -> Json:
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": DATED,
        "kind": "instance",
        "software": {"name": "RPM Portal"},
        "implementation": {"description": "Patients and coverages of one practice", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {"mode": "server", "security": {"description": TOKEN}, "resource": [_patient(), _coverage()]}
        ],
    }


def _patient() -> Json:
    return {
        "type": "Patient",
        "supportedProfile": [US_CORE_PATIENT],
        "documentation": "What differs from the record waits for the practice: 202, and nothing is written over.",
        "interaction": [*READ, {"code": "create"}, {"code": "update"}],
        "versioning": "versioned-update",
        "updateCreate": False,
        "conditionalCreate": True,
        "searchParam": [
            {"name": "_id", "type": "token"},
            {"name": "identifier", "type": "token"},
            {"name": "name", "type": "string"},
            {"name": "family", "type": "string"},
            {"name": "given", "type": "string"},
            {"name": "birthdate", "type": "date"},
        ],
    }


def _coverage() -> Json:
    return {
        "type": "Coverage",
        "documentation": "The first coverage of a patient is taken in; another than the one here waits: 202.",
        "interaction": [*READ, {"code": "create"}],
        "versioning": "versioned",
        "searchParam": [
            {"name": "beneficiary", "type": "reference"},
            {"name": "patient", "type": "reference"},
        ],
    }
