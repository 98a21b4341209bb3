"""How much a request may carry. Judged by its announced length, before anything of it is read."""

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

NO_LENGTH = "Send the form with its length (Content-Length)."


def takes_files(view):
    """Marks a view whose form holds a file."""
    view.takes_files = True
    return view


class BodyLimitMiddleware:
    """Refuses a body that is too long for whoever sends it, with a page that says so. Stands before all that reads."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
            return HttpResponse(NO_LENGTH, status=411, content_type="text/plain")
        if _length(request) > allowed(request):
            return too_large(request)
        return self.get_response(request)


def _length(request) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def allowed(request) -> int:
    """In bytes. Somebody who is not signed in sends an address and a password."""
    if limit := getattr(request, "body_limit", None):
        return limit
    if SESSION_KEY not in request.session:
        return settings.BODY_LIMIT_ANONYMOUS
    return (
        settings.BODY_LIMIT_FILES if _takes_files(request.path_info) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    )


def _takes_files(path: str) -> bool:
    try:
        return getattr(resolve(path).func, "takes_files", False)
    except Resolver404:
        return False


def too_large(request):
    return render(request, "413.html", status=413)
