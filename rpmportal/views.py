"""Small pages that belong to no app: the command palette, the style guide, how long this sign-in still lasts."""

from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, requires
from patients.chart_access import show_list
from rpmportal.navigation import seconds_left
from rpmportal.palette import look
from rpmportal.styleguide import samples


@require_POST
@requires(Permission.OWN_ACCOUNT)
def palette(request):
    """What the palette finds for `q`. It only reads; it is a POST so that no name comes to stand in an address."""
    found = look(request.membership, request.POST.get("q", ""), at=timezone.now())
    show_list(request, set(found.shown))
    letters = request.COOKIES.get("letters") != "off"
    return render(request, "components/_palette_found.html", {"found": found, "letters": letters})


@require_safe
@requires(Permission.OWN_ACCOUNT)
def styleguide(request):
    """Every component of our pages, in every state, to look at and to test."""
    return render(request, "styleguide.html", samples())


@require_safe
@requires(Permission.OWN_ACCOUNT)
def session_left(request):
    """Seconds until the idle sign-out. Asked in the background, so that asking does not extend it."""
    return JsonResponse({"left": seconds_left(request, timezone.now())})


@require_POST
@requires(Permission.OWN_ACCOUNT)
def session_stay(request):
    """*Stay signed in*: being asked for by a person is what extends it; the middleware has noted it."""
    return JsonResponse({"left": seconds_left(request, timezone.now())})
