"""A forgotten password: a link by e-mail, then a new one. The second factor is asked for as ever."""

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
from authentication import acts
from authentication.forms import NewPasswordForm, ResetForm
from authentication.links import user_of
from authentication.policies import why_not_try
from foundation.context import ActorKind, acting
from foundation.htmx import see_other

TOKEN = "reset_token"
page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@page
@public
def forgotten(request):
    """The same answer whether the address is known or not."""
    form, at = ResetForm(request.POST or None), timezone.now()
    address = client_address(request)
    if request.method == "POST" and (why := why_not_try(address, at=at)):
        return render(request, "authentication/closed.html", {"why": why}, status=429)
    if request.method == "POST" and form.is_valid():
        acts.ask_for_reset(form.cleaned_data["email"], address=address, at=at)
        return render(request, "authentication/reset_sent.html", {"email": form.cleaned_data["email"]})
    return render(
        request, "authentication/forgotten.html", {"form": form}, status=422 if form.errors else 200
    )


@never_cache
@page
@public
def reset(request, token):
    """The link: keeps its token in the session, so that it stands in no address while the password is typed."""
    if user_of(token) is None:
        why = "This link was used, or it is older than an hour. Ask for a new one."
        return render(request, "authentication/reset_over.html", {"why": why}, status=410)
    request.session[TOKEN] = token
    return see_other(reverse("authentication:choose_password"))


@never_cache
@sensitive_post_parameters("new_password", "new_password_again")
@page
@public
def choose_password(request):
    """Who came by the link chooses a password, and signs in with it."""
    if not (token := request.session.get(TOKEN)):
        raise Http404
    if (user := user_of(token)) is None:
        why = "This link was used, or it is older than an hour. Ask for a new one."
        return render(request, "authentication/reset_over.html", {"why": why}, status=410)
    form = NewPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        with acting(user.name, kind=ActorKind.PERSON, actor_id=user.pk, reason="forgot the password"):
            acts.choose_password(user, form.cleaned_data["new_password"], at=timezone.now())
        request.session.flush()
        messages.success(request, "Your new password is set. Sign in with it.")
        return see_other(reverse("authentication:sign_in"))
    return render(request, "authentication/choose.html", {"form": form}, status=422 if form.errors else 200)
