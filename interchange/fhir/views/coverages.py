"""/fhir/Coverage"""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from audit.access import record_access
from audit.models import Action
from authentication.models import Scope
from intake.models import Outcome
from interchange.fhir import arriving, paging
from interchange.fhir.arriving import Said
from interchange.fhir.coverage_in import WHOSE, beneficiary, coverage_said
from interchange.fhir.outcome import Invalid, Issue, respond
from interchange.fhir.reading import resource
from interchange.fhir.resources import coverage_resource, etag_of
from interchange.fhir.views.common import base_of, fhir, shown, waits
from patients.models import Coverage, Patient
from patients.selectors import coverage_on
from payers.selectors import payers_of

WHO = ("mrn", "family_name", "given_name", "born_on")


@require_http_methods(["GET", "HEAD", "POST"])
@fhir(Scope.PATIENTS_READ, to_write=Scope.PATIENTS_WRITE)
def coverages(request):
    return _received(request) if request.method == "POST" else _found(request)


@require_http_methods(["GET", "HEAD"])
@fhir(Scope.PATIENTS_READ)
def coverage(request, coverage_id):
    row = get_object_or_404(Coverage.objects.for_practice(request.practice), pk=coverage_id)
    return _shown(request, row)


def _shown(request, row: Coverage, *, status: int = 200):
    _seen(request, row.patient_id, Action.VIEW)
    today = request.practice.today(request.received_at)
    return shown(
        request, coverage_resource(row, payers_of(request.practice), today=today), etag_of(row), status=status
    )


def _seen(request, patient_id: UUID, action: Action) -> None:
    record_access(
        request.practice, route=request.resolver_match.view_name, patient_ids=[patient_id], action=action
    )


def _found(request):
    """All of one patient's, the newest first. They are few: one at a time."""
    patient = _asked_for(request)
    _seen(request, patient.pk, Action.LIST)
    rows = Coverage.objects.for_practice(request.practice).filter(patient=patient).order_by("-starts_on")
    today = request.practice.today(request.received_at)
    payers = payers_of(request.practice)
    resources = [coverage_resource(row, payers, today=today) for row in rows]
    here = request.build_absolute_uri()
    return respond(paging.bundle(resources, base=base_of(request), total=len(resources), here=here))


def _asked_for(request) -> Patient:
    known = {"beneficiary", "patient", *paging.NO_MATTER}
    if more := set(request.GET) - known:
        name = sorted(more)[0]
        raise Invalid(
            Issue("not-supported", "Coverages are found by beneficiary.", f"Coverage?{name}"[:60]), status=400
        )
    text = request.GET.get("beneficiary") or request.GET.get("patient") or ""
    try:
        key = UUID(text.rpartition("/")[2])
    except ValueError:
        issue = Issue("required", "Say whose: beneficiary=Patient/….", "Coverage?beneficiary")
        raise Invalid(issue, status=400) from None
    row = Patient.objects.for_practice(request.practice).filter(pk=key).first()
    if row is None:
        raise Http404
    return row


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
