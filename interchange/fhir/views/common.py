"""What the addresses of FHIR share: who is let in, preconditions, and answers with a resource."""

from functools import wraps

from django.http import HttpResponse

from authentication.models import Scope
from authentication.tokens.access import BODY_LIMIT, by_token
from foundation.programs import for_programs
from interchange.fhir.outcome import Invalid, Issue, Json, answer, outcome, respond, told

ACCEPTED = ("*/*", "application/*", "application/fhir+json", "application/json")


def fhir(scope: Scope, *, to_write: Scope | None = None):
    """`@by_token`, answered as FHIR does."""

    def decorate(view):
        return by_token(scope, to_write=to_write, answer=answer)(with_outcomes(view))

    return decorate


def fhir_public(view):
    return for_programs(answer, body_limit=BODY_LIMIT)(with_outcomes(view))


def with_outcomes(view):
    """Every issue of what is invalid, not the first alone."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        try:
            _check_accept(request)
            return view(request, *args, **kwargs)
        except Invalid as invalid:
            return respond(outcome(invalid.issues), status=invalid.status)

    return guarded


def _check_accept(request) -> None:
    wanted = request.headers.get("Accept", "*/*")
    kinds = [part.partition(";")[0].strip().lower() for part in wanted.split(",")]
    if not any(kind in ACCEPTED for kind in kinds):
        raise Invalid(Issue("not-supported", "Answers are application/fhir+json."), status=406)


def base_of(request) -> str:
    return request.build_absolute_uri("/fhir")


def check_match(request, etag: str) -> None:
    """`If-Match`: refused where somebody changed it since the program read it."""
    wanted = request.headers.get("If-Match")
    if wanted and wanted != "*" and etag not in [_weak(text) for text in wanted.split(",")]:
        raise Invalid(Issue("conflict", "This was changed since you read it. Read it again."), status=412)


def _weak(tag: str) -> str:
    """`"1"` is the version that we call `W/"1"`: many programs leave the mark away."""
    return f"W/{tag.strip().removeprefix('W/')}"


def shown(
    request, resource: Json, etag: str, *, status: int = 200, reads: Scope = Scope.PATIENTS_READ
) -> HttpResponse:
    """A resource, with its address and version; without its contents where the program prefers so, or may only send."""
    headers = {"ETag": etag}
    if request.method != "GET":
        headers["Location"] = f"{base_of(request)}/{resource['resourceType']}/{resource['id']}"
        sends_only = reads not in request.token.scopes
        if sends_only or "return=minimal" in request.headers.get("Prefer", ""):
            return HttpResponse(status=status, headers=headers)
    return respond(resource, status=status, headers=headers)


def waits(why: str, *, decided: bool) -> HttpResponse:
    """202: it came, and is not in the record."""
    if decided:
        text = "The practice looked at this and decided not to take it in."
    else:
        text = f"Waits for a decision of the practice. {why}."
    return told(Issue("informational", text, severity="information"), status=202)
