"""The same address answers a full page and htmx: a redirect, or a partial."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render


def see_other(url: str) -> HttpResponse:
    """After a POST: look there. 303, so that a reload repeats nothing."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def leave_for(request, url: str) -> HttpResponse:
    """See other, as a whole page even when htmx asked."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return see_other(url)


def page_or_partial(request, page: str, partial: str, context: dict, *, status: int = 200) -> HttpResponse:
    """The partial for htmx, else the page, which includes the same partial."""
    wants_partial = request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request
    return render(request, partial if wants_partial else page, context, status=status)
