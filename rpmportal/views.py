"""Small pages that belong to no app: the style guide, and how long this sign-in still lasts."""

from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, requires
from rpmportal.shell import seconds_left
from rpmportal.styleguide import samples


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
