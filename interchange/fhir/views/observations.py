"""/fhir/Observation"""

from collections.abc import Sequence

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from audit.access import record_access
from audit.models import Action
from authentication.models import Scope
from foundation.programs import kept
from interchange.fhir import observation_search, versions
from interchange.fhir.conditions import condition
from interchange.fhir.corrections import correct
from interchange.fhir.observation_out import changes_of, observation_resource
from interchange.fhir.observations_in import Became, Intake, Sent
from interchange.fhir.outcome import Invalid, Issue, Json, told
from interchange.fhir.paging import matches
from interchange.fhir.reading import body, model_of
from interchange.fhir.resources import etag_of
from interchange.fhir.views.common import asked_of, base_of, check_match, fhir, found, is_lenient, shown
from monitoring.models import Reading
from monitoring.readings.taking import one_at_a_time


@require_http_methods(["GET", "HEAD", "POST"])
@fhir(Scope.READINGS_READ, to_write=Scope.READINGS_WRITE)
def observations(request):
    return _received(request) if request.method == "POST" else _found(request)


@require_http_methods(["POST"])
@fhir(Scope.READINGS_READ)
def observations_search(request):
    """As a form, so that no address says whose they are."""
    return _found(request)


@require_http_methods(["GET", "HEAD", "PUT"])
@fhir(Scope.READINGS_READ, to_write=Scope.READINGS_WRITE)
def observation(request, reading_id):
    if request.method == "PUT":
        # Before it is read: of two with the same If-Match the second finds what the first one wrote.
        one_at_a_time(request.practice)
        return _changed(request, _reading(request, reading_id))
    return _shown(request, _reading(request, reading_id))


@require_http_methods(["GET", "HEAD"])
@fhir(Scope.READINGS_READ)
def observation_version(request, reading_id, version):
    """As it was then."""
    reading = _reading(request, reading_id)
    row = get_object_or_404(Reading.history.filter(id=reading.pk), version=version)
    row.patient, row.device = reading.patient, reading.device
    _seen(request, [reading], Action.VIEW)
    return shown(request, _resource(request, row, {row.id: row.recorded_at}), etag_of(row))


@require_http_methods(["GET", "HEAD"])
@fhir(Scope.READINGS_READ)
def observation_history(request, reading_id):
    """Every version, the newest first."""
    base, reading = base_of(request), _reading(request, reading_id)
    reading.patient.practice = request.practice
    page = versions.Page(reading, request.GET, lenient=is_lenient(request))
    _seen(request, [reading], Action.VIEW)
    entries = [
        _version_entry(row, _resource(request, row, {row.id: row.recorded_at}), base) for row in page.rows
    ]
    return found(request, page, entries, kind="history")


def _version_entry(row, resource: Json, base: str) -> Json:
    address = f"Observation/{row.id}"
    first = row.version == 1
    return {
        "fullUrl": f"{base}/{address}",
        "resource": resource,
        "request": {"method": "POST" if first else "PUT", "url": "Observation" if first else address},
        "response": {"status": "201 Created" if first else "200 OK", "etag": etag_of(row)},
    }


def _reading(request, reading_id) -> Reading:
    rows = Reading.objects.for_practice(request.practice).select_related("patient", "device")
    return get_object_or_404(rows, pk=reading_id)


def _resource(request, reading, changed_at) -> Json:
    reading.patient.practice = request.practice
    return observation_resource(reading, changed_at)


def _seen(request, readings: Sequence[Reading], action: Action) -> None:
    ids = list(dict.fromkeys(reading.patient_id for reading in readings))
    record_access(request, ids, action=action)


def _shown(request, reading: Reading, *, status: int = 200):
    _seen(request, [reading], Action.VIEW)
    resource = _resource(request, reading, changes_of([reading]))
    return shown(request, resource, etag_of(reading), status=status, reads=Scope.READINGS_READ)


def _found(request):
    page = observation_search.Page(request.practice, asked_of(request), lenient=is_lenient(request))
    _seen(request, page.rows, Action.LIST)
    changes = changes_of(page.rows)
    resources = [_resource(request, row, changes) for row in page.rows]
    return found(request, page, matches(resources, base_of(request)))


def _received(request):
    sent = model_of(body(request), "Observation")
    unless = condition(request.headers.get("If-None-Exist") or request.GET.urlencode())
    intake = Intake(request.practice, request.token.name, {0: Sent(sent, unless)}, at=request.received_at)
    return _answered(request, intake.receive()[0])


def _changed(request, reading: Reading):
    """A new version where its value differs; what it was stays in its history."""
    data = model_of(body(request), "Observation")
    check_match(request, etag_of(reading))
    if data.id != str(reading.pk):
        raise Invalid(Issue("value", "The id must be that of the address.", "Observation.id"), status=400)
    became = correct(request.practice, request.token.name, reading, data, at=request.received_at)
    return _answered(request, became)


def _answered(request, became: Became):
    if became.status < 400 and became.reading_id:
        return _shown(request, _reading(request, became.reading_id), status=became.status)
    answer = told(*became.issues, status=became.status)
    return kept(answer) if became.parked else answer
