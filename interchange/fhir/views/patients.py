"""/fhir/Patient"""

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from audit.access import record_access
from authentication.models import Scope
from intake.models import Outcome
from interchange.fhir import arriving, search
from interchange.fhir.outcome import Invalid, Issue
from interchange.fhir.paging import matches
from interchange.fhir.patient_in import patient_said
from interchange.fhir.reading import resource
from interchange.fhir.resources import etag_of, patient_resource
from interchange.fhir.views.common import (
    asked_of,
    base_of,
    check_match,
    fhir,
    found,
    is_lenient,
    shown,
    waits,
)
from patients.chart_access import show_list
from patients.merges import merge_of
from patients.models import Merge, Patient


@require_http_methods(["GET", "HEAD", "POST"])
@fhir(Scope.PATIENTS_READ, to_write=Scope.PATIENTS_WRITE)
def patients(request):
    return _received(request) if request.method == "POST" else _found(request)


@require_http_methods(["POST"])
@fhir(Scope.PATIENTS_READ)
def patients_search(request):
    """As a form, so that no address holds a name."""
    return _found(request)


def _found(request):
    page = search.Page(request.practice, asked_of(request), lenient=is_lenient(request))
    show_list(request, page.rows)
    resources = [patient_resource(row) for row in page.rows]
    return found(request, page, matches(resources, base_of(request)))


@require_http_methods(["GET", "HEAD", "PUT"])
@fhir(Scope.PATIENTS_READ, to_write=Scope.PATIENTS_WRITE)
def patient(request, patient_id):
    row = get_object_or_404(Patient.objects.for_practice(request.practice), pk=patient_id)
    if request.method == "PUT":
        return _changed(request, row)
    return _shown(request, row)


def _shown(request, row: Patient, *, status: int = 200):
    record_access(request, [row.pk])
    # A merge, and undoing it, is no version of the record. Asked for only where it matters.
    asked = "If-None-Match" in request.headers
    by_version = not (asked and Merge.objects.for_practice(request.practice).filter(duplicate=row).exists())
    resource = patient_resource(row, merge_of(row))
    return shown(request, resource, etag_of(row), status=status, by_version=by_version)


def _received(request):
    data = resource(request, "Patient")
    if (row := _there_already(request)) is not None:
        return _shown(request, row)
    return _became(request, patient_said(data))


def _there_already(request) -> Patient | None:
    """`If-None-Exist`, which some clients write behind the address instead: the one who fits the question. Nothing is
    then done with what was sent."""
    question = request.headers.get("If-None-Exist") or request.GET.urlencode()
    asked = QueryDict(question.lstrip("?"))
    if not search.names_somebody(asked):
        return None
    if Scope.PATIENTS_READ not in request.token.scopes:
        text = f"If-None-Exist finds patients. That needs the scope {Scope.PATIENTS_READ}."
        raise Invalid(Issue("forbidden", text), status=403)
    rows = search.found(request.practice, asked)[:2]
    if len(rows) > 1:
        raise Invalid(Issue("multiple-matches", "If-None-Exist fits more than one patient."), status=412)
    return next(iter(rows), None)


def _changed(request, row: Patient):
    """What differs waits, as everything that comes; nothing is written over by a PUT."""
    data = resource(request, "Patient")
    check_match(request, etag_of(row))
    if data.get("id") != str(row.pk):
        raise Invalid(Issue("value", "The id must be that of the address.", "Patient.id"), status=400)
    said = patient_said(data)
    if said["mrn"][1] != row.mrn:
        text = "This patient has another medical record number here. The practice changes it."
        raise Invalid(Issue("conflict", text, "Patient.identifier"), status=409)
    return _became(request, said)


def _became(request, said: arriving.Said):
    became = arriving.receive(request.practice, request.token, said, at=request.received_at)
    if became.outcome == Outcome.WAITING and not (became.decided and became.patient):
        return waits(became.why, decided=became.decided)
    assert became.patient is not None
    return _shown(request, became.patient, status=201 if became.outcome == Outcome.TAKEN else 200)
