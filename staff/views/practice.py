"""The page that opens the first practice of a server."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.addresses import client_address
from accounts.permissions import public
from audit.models import SignInKind
from audit.sign_ins import note
from authentication.policies import why_not_try
from foundation.htmx import see_other
from foundation.refusals import Refused
from staff import first_day
from staff.practice_forms import FirstPracticeForm


@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
@public
def first_practice(request):
    """An empty server's first page. As soon as there is a practice it does not exist."""
    if not first_day.is_empty():
        raise Http404
    at = timezone.now()
    if request.method == "POST" and (why := why_not_try(client_address(request), at=at)):
        return render(request, "authentication/closed.html", {"why": why}, status=429)
    form = FirstPracticeForm(request.POST or None)
    if "code" in form.errors:
        note(SignInKind.FAILED, label="the first page", address=client_address(request))
    if request.method == "POST" and form.is_valid():
        try:
            first_day.open_first_practice(form.first(), at=at)
        except Refused as refusal:
            return render(request, "refused.html", {"refusal": refusal}, status=409)
        messages.success(request, "The practice is open. Sign in to set it up.")
        return see_other(reverse("authentication:sign_in"))
    return render(request, "staff/first_practice.html", {"form": form}, status=422 if form.errors else 200)
