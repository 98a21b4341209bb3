"""The pages that say what went wrong, what is safe and where to go. They never quote the error."""

import sys

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.shortcuts import render
from django.template import loader

from accounts.middleware import signed_out_form
from foundation.bodies import too_large
from foundation.context import request_reference
from foundation.resend import fields_to_resend, shown_fields
from rpmportal.busy import busy_answer, is_busy

NOT_ALLOWED = "Your role does not include this page."


def bad_request(request, exception=None):
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    return _page(request, "400.html", 400)


def denied(request, exception=None):
    """403. The sentence is one of ours (`@requires` writes it), never a value of a row."""
    return _page(request, "403.html", 403, why=str(exception or "") or NOT_ALLOWED)


def not_found(request, exception=None):
    return _page(request, "404.html", 404)


def csrf_failure(request, reason=""):
    """The form is older than the sign-in, or not ours at all. What was typed is shown, ready to be sent again."""
    fields = fields_to_resend(request)
    if fields and not request.user.is_authenticated and "password" not in request.POST:
        return signed_out_form(request, fields)
    whole = request.user.is_authenticated and not request.FILES and "password" not in request.POST
    return _page(
        request,
        "csrf.html",
        403,
        fields=fields,
        shown=shown_fields(fields),
        whole=whole,
        files=list(request.FILES),
    )


def server_error(request):
    """500; 503 where the database is busy or away. Drawn without the request: nothing that is broken is asked again."""
    if is_busy(sys.exception()):
        return busy_answer(request)
    page = loader.render_to_string("500.html", {"reference": request_reference()})
    return HttpResponse(page, status=500)


def _page(request, template: str, status: int, **context):
    return render(request, template, {"reference": request_reference(), **context}, status=status)
