"""Addresses that programs of other systems speak to, not browsers. No cookie is looked at, nothing is redirected to a
sign-in, and whatever is refused is said in the shape that the address speaks."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.urls import Resolver404, resolve

from foundation.context import request_reference
from foundation.refusals import Refused


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was wrong, in a status and a sentence. `code` is for programs, `where` the place in what they sent."""

    status: int
    message: str
    code: str = "processing"
    where: str = ""
    headers: dict[str, str] = field(default_factory=dict)


Answer = Callable[[HttpRequest, Refusal], HttpResponse]


def as_json(request, refusal: Refusal) -> HttpResponse:
    """The shape where nothing else is agreed."""
    said = {"error": refusal.code, "message": refusal.message}
    if refusal.where:
        said["where"] = refusal.where
    return JsonResponse(said, status=refusal.status, headers=refusal.headers)


@dataclass(frozen=True, slots=True)
class Program:
    """How refusals are said at an address, and how many bytes it takes."""

    answer: Answer
    body_limit: int


def for_programs(answer: Answer, *, body_limit: int):
    """Marks a view. Without a cookie there is no sign-in that another page could misuse, hence no token of a form."""

    def decorate(view):
        view.for_programs = Program(answer, body_limit)
        view.csrf_exempt, view.login_required = True, False
        return view

    return decorate


def body_of(request) -> bytes:
    """All of the body, as often as it is asked for. Raises `Refused` if less came than was announced."""
    if not hasattr(request, "sent"):
        try:
            request.sent = request.read()
        except (UnreadablePostError, RawPostDataException, OSError):
            request.sent = b""
    if len(request.sent) != int(request.META.get("CONTENT_LENGTH") or 0):
        raise Refused("The body came only in part. Send it again.")
    return request.sent


CODES = {
    400: "invalid",
    404: "not-found",
    405: "not-supported",
    411: "required",
    413: "too-long",
    415: "not-supported",
    503: "transient",
}
WORDS = {
    400: "The request was not understood.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    411: "Send the body with its length (Content-Length).",
    413: "The body is larger than the {limit} bytes that this address takes.",
    415: "Send the body as it is, without a Content-Encoding.",
    503: "Busy at the moment. Nothing was taken in: send it again.",
}
OTHERWISE = "This failed on our side. Nothing was taken in. Reference {reference}."


class ProgramsMiddleware:
    """Takes the cookies off before anybody looks at them, and turns pages that say what is wrong into answers."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        program = _program_at(request.path_info)
        if program is None:
            return self.get_response(request)
        request.COOKIES = {}
        request.META.pop("HTTP_COOKIE", None)
        request.body_limit = program.body_limit
        if request.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
            return _said_anew(request, HttpResponse(status=415), program)
        response = self.get_response(request)
        if response.status_code < 400 or getattr(response, "said", False):
            return response
        return _said_anew(request, response, program)


def _program_at(path: str) -> Program | None:
    try:
        return getattr(resolve(path).func, "for_programs", None)
    except Resolver404:
        return None


def _said_anew(request, response, program: Program) -> HttpResponse:
    """Instead of a page, which Django or one of ours drew."""
    words = WORDS.get(response.status_code, OTHERWISE)
    message = words.format(limit=program.body_limit, reference=request_reference())
    kept = {name: response[name] for name in ("Allow", "Retry-After") if name in response}
    code = CODES.get(response.status_code, "exception")
    return said(program.answer(request, Refusal(response.status_code, message, code, headers=kept)))


def said(response: HttpResponse) -> HttpResponse:
    """Marks an answer that stays as it is."""
    response.said = True  # type: ignore[attr-defined]
    return response


def kept(response: HttpResponse) -> HttpResponse:
    """Marks a refusal beside which something was put away, so that its transaction is not taken back."""
    response.kept = True  # type: ignore[attr-defined]
    return response
