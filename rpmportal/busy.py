"""What a page answers when the database is busy or away: 503, nothing lost, and the same form to be sent again."""

import logging

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.template import loader

from foundation.context import request_reference
from foundation.resend import fields_to_resend
from rpmportal.error_reporting import where

log = logging.getLogger(__name__)
RETRY_AFTER = 5


class BusyMiddleware:
    """A lock that was not had in time, a statement past its limit, a deadlock, a connection that broke."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not is_busy(exception):
            return None
        log.warning("Busy: %s", where(exception))
        return busy_page(request)


def is_busy(error: BaseException | None) -> bool:
    return isinstance(error, OperationalError | InterfaceError)


def busy_page(request) -> HttpResponse:
    """Drawn without asking the database. What was sent can be sent again: its operation id makes it happen once."""
    context = {
        "reference": request_reference(),
        "address": request.get_full_path(),
        "fields": fields_to_resend(request) if request.method == "POST" else None,
        "csrf_token": get_token(request),
    }
    page = loader.render_to_string("busy.html", context)
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})
