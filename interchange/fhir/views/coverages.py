"""/fhir/Coverage"""

from uuid import UUID

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from audit.access import record_access
from audit.models import Action
from authentication.models import Scope
from intake.models import Outcome
from interchange.fhir import arriving, coverage_search
from interchange.fhir.arriving import Said
from interchange.fhir.coverage_in import WHOSE, beneficiary, coverage_said
from interchange.fhir.outcome import Invalid, Issue
from interchange.fhir.paging import matches
from interchange.fhir.reading import resource
from interchange.fhir.resources import coverage_resource, etag_of
from interchange.fhir.views.common import asked_of, base_of, fhir, found, is_lenient, shown, waits
from patients.models import Coverage, Patient
from patients.selectors import coverage_on
from payers.selectors import payers_of

WHO = ("mrn", "family_name", "given_name", "born_on")


@require_http_methods(["GET", "HEAD", "POST"])
@fhir(Scope.PATIENTS_READ, to_write=Scope.PATIENTS_WRITE)
def coverages(request):
    return _received(request) if request.method == "POST" else _found(request)


@require_http_methods(["POST"])
@fhir(Scope.PATIENTS_READ)
def coverages_search(request):
    """As a form, so that no address says whose they are."""
    return _found(request)


@require_http_methods(["GET", "HEAD"])
@fhir(Scope.PATIENTS_READ)
def coverage(request, coverage_id):
    row = get_object_or_404(Coverage.objects.for_practice(request.practice), pk=coverage_id)
    return _shown(request, row)


def _shown(request, row: Coverage, *, status: int = 200):
    _seen(request, row.patient_id, Action.VIEW)
    today = request.practice.today(request.received_at)
    resource = coverage_resource(row, payers_of(request.practice), today=today)
    # It ends with a day, and its payer is renamed, without a version of its own.
    return shown(request, resource, etag_of(row), status=status, by_version=False)


def _seen(request, patient_id: UUID, action: Action) -> None:
    record_access(request, [patient_id], action=action)


def _found(request):
    """One patient's."""
    page = coverage_search.Page(request.practice, asked_of(request), lenient=is_lenient(request))
    _seen(request, page.patient.pk, Action.LIST)
    today = request.practice.today(request.received_at)
    payers = payers_of(request.practice)
    resources = [coverage_resource(row, payers, today=today) for row in page.rows]
    return found(request, page, matches(resources, base_of(request)))


def _received(request):
    practice, at = request.practice, request.received_at
    data = resource(request, "Coverage")
    patient, mrn = beneficiary(practice, data)
    said = _whose(practice, patient, mrn) | coverage_said(data, payers_of(practice), today=practice.today(at))
    if patient and (row := arriving.first_coverage(practice, request.token, patient, said, at=at)):
        return _shown(request, row, status=201)
    became = arriving.receive(practice, request.token, said, at=at)
    here = coverage_on(patient, practice.today(at)) if patient else None
    if here and (became.outcome == Outcome.SAME or became.decided):
        return _shown(request, here)
    return waits(became.why, decided=became.decided)


def _whose(practice, patient: Patient | None, mrn: str) -> Said:
    """The person as she was sent and waits, or as she is here."""
    row = arriving.waiting_about(practice, mrn)
    if row is None and patient is None:
        text = "No patient with this medical record number is here. Send the patient first."
        raise Invalid(Issue("not-found", text, WHOSE))
    values = _values_of(patient) if patient else {}
    values |= row.values if row else {}
    return {name: (WHOSE, values[name]) for name in WHO if name in values}


def _values_of(patient: Patient) -> dict[str, str]:
    return {name: str(getattr(patient, name)) for name in WHO}
