"""/fhir itself: a bundle of Observations, a batch or a transaction."""

from django.views.decorators.http import require_http_methods

from authentication.models import Scope, WhyRefused
from authentication.tokens.limits import note_refusal
from interchange.fhir.bundles import answer_to, entries_of, ids_of, refusal_of
from interchange.fhir.observations_in import Intake
from interchange.fhir.outcome import respond
from interchange.fhir.reading import body
from interchange.fhir.views.common import base_of, fhir
from monitoring.models import Reading


@require_http_methods(["POST"])
@fhir(Scope.READINGS_READ, to_write=Scope.READINGS_WRITE)
def bundle(request):
    practice = request.practice
    entries = entries_of(body(request))
    if entries.whole and entries.refused:
        raise refusal_of(entries.refused)
    intake = Intake(practice, request.token.name, entries.sent, at=request.received_at, whole=entries.whole)
    became = {**intake.receive(), **entries.refused}
    if entries.whole and any(one.status >= 400 for one in became.values()):
        raise refusal_of(became)
    if any(one.status >= 400 for one in became.values()):
        note_refusal(request.token, WhyRefused.CONTENT, at=request.received_at)
    rows = Reading.objects.for_practice(practice).filter(pk__in=ids_of(became.values()))
    return respond(answer_to(entries, became, dict(rows.values_list("pk", "version")), base=base_of(request)))
