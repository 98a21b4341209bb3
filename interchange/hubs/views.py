"""Where hubs send to: one address for each, every message signed."""

from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError, transaction
from django.http import JsonResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST

from authentication.tokens.check import NotAdmitted
from dispatch.operations import retried
from foundation.context import ActorKind, acting
from foundation.practice_scope import in_practice
from foundation.programs import Refusal, as_json, body_of, for_programs, said
from foundation.refusals import Refused
from interchange.hubs.body import Malformed
from interchange.hubs.check import NOT_GOOD, Admitted, admit, still_good
from interchange.hubs.limits import note_refusal
from interchange.hubs.receiving import Unfit, receive, status_of
from interchange.models import WhyNotTaken
from patients.merges import MergedRecord

CODES = {409: "conflict", 422: "processing"}


@require_POST
@for_programs(as_json, body_limit=settings.HUB_MAX_BYTES)
@transaction.non_atomic_requests
def message(request, key: str):
    answer = _answer(request, key)
    add_never_cache_headers(answer)
    return said(answer)


message.by_signature = True


def _answer(request, key: str):
    if request.content_type.lower() != "application/json":
        return as_json(request, Refusal(415, "Send the message as application/json.", "not-supported"))
    try:
        body = body_of(request)
        admitted = admit(request, key, body)
    except Refused as refused:
        return as_json(request, Refusal(400, refused.message, "invalid"))
    except NotAdmitted as refused:
        return as_json(request, refused.refusal)
    return _admitted(request, admitted, body)


def _admitted(request, admitted: Admitted, body: bytes):
    hub, at = admitted.hub, request.received_at
    named = acting(f"hub: {hub.name}", kind=ActorKind.TOKEN, actor_id=hub.pk, request_id=request.request_id)
    with named, in_practice(hub.practice), timezone.override(hub.practice.tz):
        try:
            answer = _done(request, admitted, body)
        except Exception:
            # Answered by whoever answers faults; a database that is away counts nothing either.
            with suppress(DatabaseError):
                note_refusal(hub, WhyNotTaken.FAULT, at=at)
            raise
        if answer.status_code >= 400 and answer.status_code != 401:
            note_refusal(hub, WhyNotTaken.CONTENT, at=at)
    return answer


def _done(request, admitted: Admitted, body: bytes):
    try:
        return retried(lambda: _whole(request, admitted, body))
    except Malformed as malformed:
        return as_json(request, Refusal(400, malformed.problem, "invalid", where=malformed.where))
    except Unfit as unfit:
        return _json({"error": "processing", "message": unfit.message, **unfit.answer}, 422)
    except MergedRecord:
        # While this was looked at. Its sentence names the patient, and is for a page.
        return as_json(request, Refusal(409, "A record was merged meanwhile. Send it again.", "conflict"))
    except Refused as refused:
        code = CODES.get(refused.status, "processing")
        return as_json(request, Refusal(refused.status, refused.message, code))


def _whole(request, admitted: Admitted, body: bytes):
    with transaction.atomic(durable=True):
        if not still_good(admitted, at=timezone.now()):
            return as_json(request, NOT_GOOD)
        answer = receive(admitted.hub, body, admitted.signature, at=request.received_at)
        return _json(answer, status_of(answer))


def _json(answer: dict, status: int) -> JsonResponse:
    """In the order that it has when it comes from the database, too."""
    return JsonResponse(answer, status=status, json_dumps_params={"sort_keys": True})
