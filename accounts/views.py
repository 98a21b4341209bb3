"""Signing in and out, and choosing the practice."""

from django.contrib.auth.views import LoginView
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.forms import SignInForm
from accounts.middleware import sign_out as end_session
from accounts.models import Membership
from accounts.permissions import Permission, public, requires, signed_in
from foundation.htmx import leave_for, see_other

LOCK_MINUTES = 15

sign_in = public(
    never_cache(
        sensitive_post_parameters("password")(
            csrf_protect(
                LoginView.as_view(
                    template_name="accounts/sign_in.html",
                    authentication_form=SignInForm,
                    redirect_authenticated_user=True,
                )
            )
        )
    )
)


def locked_out(request, response=None, credentials=None, *args, **kwargs):
    """After five wrong tries: the same form, closed for a while."""
    return render(request, "accounts/locked_out.html", {"minutes": LOCK_MINUTES}, status=429)


@require_POST
@signed_in
def sign_out(request):
    end_session(request, reason="by hand", at=timezone.now())
    response = leave_for(request, "/sign-in/")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_POST
@requires(Permission.OWN_ACCOUNT)
def practice_switch(request):
    """Work in another of one's practices from now on."""
    wanted = request.POST.get("practice", "")
    mine = Membership.objects.filter(user=request.user).on(request.practice.today())
    if wanted not in {str(pk) for pk in mine.values_list("practice_id", flat=True)}:
        raise Http404
    request.session["practice"] = wanted
    return see_other("/")
