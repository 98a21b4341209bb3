"""Messages by HTTPS: one in the body, its acknowledgment in the answer."""

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from authentication.tokens.access import by_token
from foundation.programs import Refusal, body_of
from interchange.hl7.ack import Code
from interchange.hl7.answer import SCOPES, reply

ER7 = "x-application/hl7-v2+er7"
TAKEN = frozenset({ER7, "application/hl7-v2+er7", "text/plain"})
STATUS = {Code.ACCEPTED: 200, Code.ERROR: 422, Code.REJECTED: 400}


def as_text(request, refusal: Refusal) -> HttpResponse:
    """Nothing was read of the message, so that there is none to acknowledge."""
    kind = "text/plain; charset=utf-8"
    return HttpResponse(
        f"{refusal.message}\n", status=refusal.status, content_type=kind, headers=refusal.headers
    )


@require_POST
@by_token(*SCOPES, answer=as_text, body_limit=settings.HL7_MAX_BYTES)
def message(request):
    kind = request.content_type.lower()
    if kind not in TAKEN:
        return as_text(request, Refusal(415, f"Send the message as {ER7} or text/plain."))
    found = reply(
        body_of(request),
        request.practice,
        sender=request.token.name,
        at=request.received_at or timezone.now(),
        scopes=request.token.scopes,
    )
    status = STATUS[found.code] if found.in_scope else 403
    return HttpResponse(found.content, status=status, content_type=f"{kind}; charset=us-ascii")
