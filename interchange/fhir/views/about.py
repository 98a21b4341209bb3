"""/fhir/metadata, and every address below /fhir/ that is none."""

from django.http import Http404, JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods

from accounts.permissions import public
from authentication.models import Scope
from interchange.fhir.codes import CODED, US_CORE
from interchange.fhir.outcome import Json, respond
from interchange.fhir.resources import US_CORE_PATIENT
from interchange.fhir.views.common import base_of, fhir_public

READ = [{"code": "read"}, {"code": "search-type"}]
TOKEN = "A token of the practice: Authorization: Bearer rpm_…"
SEARCHES = (
    "Searches by GET or by POST to _search, a page at a time (_count, next); _total=accurate, _summary=count. Unknown "
    "parameters are refused; Prefer: handling=lenient has them passed over. Bodies without Content-Encoding."
)
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
@require_http_methods(["GET", "HEAD"])
@fhir_public
def smart_configuration(request):
    """There is no SMART here: neither an address that gives tokens nor any of its scopes. Programs ask all the same."""
    told = {
        "capabilities": [],
        "grant_types_supported": [],
        "token_endpoint_auth_methods_supported": [],
        "scopes_supported": [str(scope) for scope in Scope],
    }
    response = JsonResponse(told)
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
        "implementation": {
            "description": "Patients, coverages, devices and readings of one practice",
            "url": base,
        },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": SEARCHES,
                "security": {"description": TOKEN},
                "resource": [_patient(), _coverage(), _observation(), _device()],
                "interaction": [
                    {"code": code, "documentation": "POST of Observations, 500 entries and 2 MB at most."}
                    for code in ("batch", "transaction")
                ],
            }
        ],
    }


def _patient() -> Json:
    return {
        "type": "Patient",
        "supportedProfile": [US_CORE_PATIENT],
        "documentation": "What differs from the record waits for the practice: 202, and nothing is written over.",
        "interaction": [*READ, {"code": "create"}, {"code": "update"}],
        "conditionalRead": "not-match",
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
        "conditionalRead": "not-supported",
        "versioning": "versioned",
        "searchParam": [
            {"name": "beneficiary", "type": "reference"},
            {"name": "patient", "type": "reference"},
        ],
    }


def _observation() -> Json:
    codes = ", ".join(sorted({code for coded in CODED.values() for code in coded.read}))
    units = ", ".join(sorted({unit for coded in CODED.values() for unit in coded.units}))
    kinds = {"_id": "token", "_lastUpdated": "date", "category": "token", "code": "token", "date": "date",
             "device": "reference", "identifier": "token", "patient": "reference", "status": "token",
             "subject": "reference"}  # fmt: skip
    return {
        "type": "Observation",
        "supportedProfile": [US_CORE + coded.profile for coded in CODED.values() if coded.profile],
        "documentation": f"Readings. LOINC codes: {codes}, and 8480-6 with 8462-4 as a pair. UCUM units: {units}. "
        "Of a patient or a device that is none here: 422, and it is kept for the practice. Sorted by date or -date; "
        "update corrects the value.",
        "interaction": [
            *READ,
            *({"code": code} for code in ("create", "update", "vread", "history-instance")),
        ],
        "conditionalRead": "not-match",
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": False,
        "conditionalCreate": True,
        "searchParam": [{"name": name, "type": kind} for name, kind in kinds.items()],
    }


def _device() -> Json:
    return {
        "type": "Device",
        "documentation": "Who has it today stands in patient.",
        "interaction": READ,
        "conditionalRead": "not-supported",
        "versioning": "versioned",
        "searchParam": [
            {"name": "_id", "type": "token"},
            {"name": "identifier", "type": "token"},
            {"name": "patient", "type": "reference"},
            {"name": "type", "type": "token"},
        ],
    }
