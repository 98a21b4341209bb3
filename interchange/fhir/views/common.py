"""What the addresses of FHIR share: who is let in, preconditions, and answers with a resource."""

from functools import wraps
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict

from authentication.models import Scope
from authentication.tokens.access import BODY_LIMIT, by_token
from foundation.programs import body_of, for_programs
from interchange.fhir.outcome import Invalid, Issue, Json, answer, outcome, respond, told
from interchange.fhir.paging import bundle
from patients.merges import MergedRecord

ACCEPTED = ("*/*", "application/*", "application/fhir+json", "application/json", "json")


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
        except MergedRecord:
            # While this was looked at. Its sentence names the patient, and is for a page.
            return told(Issue("conflict", "The record was merged meanwhile. Send it again."), status=409)

    return guarded


def _check_accept(request) -> None:
    """`_format` in the address goes before the header. A + that was not escaped arrives as a blank."""
    wanted = request.GET.get("_format") or request.headers.get("Accept", "*/*")
    kinds = [part.partition(";")[0].strip().lower().replace(" ", "+") for part in wanted.split(",")]
    if not any(kind in ACCEPTED for kind in kinds):
        raise Invalid(Issue("not-supported", "Answers are application/fhir+json."), status=406)


def asked_of(request) -> QueryDict:
    """What is asked, in the address or, so that no address says whose it is, as a form."""
    if request.method != "POST":
        return request.GET
    form = body_of(request)
    if form and request.content_type.lower() != "application/x-www-form-urlencoded":
        issue = Issue("not-supported", "Send the question as application/x-www-form-urlencoded.")
        raise Invalid(issue, status=415)
    asked = QueryDict(form, encoding="utf-8", mutable=True)
    for name, values in request.GET.lists():
        asked.setlistdefault(name).extend(values)
    return asked


def prefers(request, wish: str) -> bool:
    """`Prefer: handling=lenient`, among other wishes."""
    said = request.headers.get("Prefer", "").replace(";", ",").split(",")
    return wish in [each.strip().lower() for each in said]


def is_lenient(request) -> bool:
    return prefers(request, "handling=lenient")


def found(request, page, entries: list[Json], *, kind: str = "searchset") -> HttpResponse:
    """A page of what was asked for. Its own address names only what was understood."""
    here, over = request.build_absolute_uri(), page.asked.passed_over
    if over:
        asked = [
            (name, value) for name, values in request.GET.lists() if name not in over for value in values
        ]
        here = f"{request.build_absolute_uri(request.path)}?{urlencode(asked)}"
    told = {"kind": kind, "total": page.total, "here": here, "passed_over": over}
    return respond(bundle(entries, next_address=page.next_address(base_of(request)), **told))


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
    request,
    resource: Json,
    etag: str,
    *,
    status: int = 200,
    reads: Scope = Scope.PATIENTS_READ,
    by_version: bool = True,
) -> HttpResponse:
    """A resource, with its address and version; without its contents where the program prefers so, or may only send.

    `by_version`: nothing of it changes but with its version, so that `If-None-Match` may be answered by it.
    """
    headers = {"ETag": etag}
    if request.method in {"GET", "HEAD"}:
        if by_version and etag in map(_weak, request.headers.get("If-None-Match", "").split(",")):
            return HttpResponse(status=304, headers=headers)
    else:
        headers["Location"] = f"{base_of(request)}/{resource['resourceType']}/{resource['id']}"
        sends_only = reads not in request.token.scopes
        if sends_only or prefers(request, "return=minimal"):
            return HttpResponse(status=status, headers=headers)
    return respond(resource, status=status, headers=headers)


def waits(why: str, *, decided: bool) -> HttpResponse:
    """202: it came, and is not in the record."""
    if decided:
        text = "The practice looked at this and decided not to take it in."
    else:
        text = f"Waits for a decision of the practice. {why}."
    return told(Issue("informational", text, severity="information"), status=202)
