"""/fhir/Device"""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from audit.access import record_access
from audit.models import Action
from authentication.models import Scope
from interchange.fhir import device_search
from interchange.fhir.device_out import device_resource
from interchange.fhir.paging import matches
from interchange.fhir.resources import etag_of
from interchange.fhir.views.common import asked_of, base_of, fhir, found, is_lenient, shown
from patients.models import Device


def _today(request):
    return request.practice.today(request.received_at)


def _seen(request, patient_ids, action: Action) -> None:
    """A device says who has it."""
    ids = [pk for pk in dict.fromkeys(patient_ids) if pk]
    record_access(request, ids, action=action)


@require_http_methods(["GET", "HEAD"])
@fhir(Scope.DEVICES_READ)
def devices(request):
    return _found(request)


@require_http_methods(["POST"])
@fhir(Scope.DEVICES_READ)
def devices_search(request):
    """As a form, so that no address says whose they are."""
    return _found(request)


def _found(request):
    asked, lenient = asked_of(request), is_lenient(request)
    page = device_search.Page(request.practice, asked, today=_today(request), lenient=lenient)
    _seen(request, [patient_id for _, patient_id in page.rows], Action.LIST)
    resources = [device_resource(device, patient_id) for device, patient_id in page.rows]
    return found(request, page, matches(resources, base_of(request)))


@require_http_methods(["GET", "HEAD"])
@fhir(Scope.DEVICES_READ)
def device(request, device_id):
    row = get_object_or_404(Device.objects.for_practice(request.practice), pk=device_id)
    held = device_search.holders(request.practice, _today(request)).filter(device=row).first()
    patient_id = held.patient_id if held else None
    _seen(request, [patient_id], Action.VIEW)
    # Who has it changes without a version of its own.
    return shown(request, device_resource(row, patient_id), etag_of(row), by_version=False)
