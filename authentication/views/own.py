"""Sign-in and security: one's own password, second factors, recovery codes and open sign-ins."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission, requires
from authentication import acts, recovery
from authentication.forms import OwnPasswordForm
from authentication.models import BrowserSession
from authentication.policies import second_factor_required
from authentication.recent import recently_signed_in
from authentication.selectors import factors_of, open_sessions
from authentication.views.sign_in import add_factor
from dispatch.operations import once
from foundation.htmx import see_other

page = require_http_methods(["GET", "HEAD", "POST"])


def _back(request, done: str):
    messages.success(request, done)
    return see_other(reverse("authentication:security"))


@require_safe
@requires(Permission.OWN_ACCOUNT)
def security(request):
    context = {
        "factors": factors_of(request.user),
        "codes_left": recovery.left(request.user),
        "required": second_factor_required(request.user, at=timezone.now()),
        "sessions": open_sessions(request.user, here=request.session.session_key),
    }
    return render(request, "authentication/security.html", context)


@sensitive_post_parameters("password_today", "new_password", "new_password_again")
@page
@requires(Permission.OWN_ACCOUNT)
def password_change(request):
    """Not `@once`, which would take back that a wrong password was tried."""
    form = OwnPasswordForm(request.POST or None, user=request.user, request=request)
    if request.method == "POST" and form.is_valid():
        user, here = request.user, request.session.session_key
        acts.choose_password(user, form.cleaned_data["new_password"], at=timezone.now(), keep=here)
        user.refresh_from_db()
        update_session_auth_hash(request, user)
        acts.moved(here, request.session.session_key)
        return _back(request, "Your password is changed. Everywhere else you were signed out.")
    context = {"form": form}
    return render(request, "authentication/password.html", context, status=422 if form.errors else 200)


@never_cache
@page
@requires(Permission.OWN_ACCOUNT)
@recently_signed_in
def factor_add(request):
    return add_factor(request, request.user, template="authentication/factor_add.html", then=_added)


def _added(request, user):
    """The first factor brings recovery codes with it; a further one leaves them as they are."""
    if recovery.left(user):
        return _back(request, "The second factor is added. It is asked for at your next sign-in.")
    return _codes(request)


@require_POST
@requires(Permission.OWN_ACCOUNT)
@recently_signed_in
@once
def factor_remove(request, factor_id):
    factor = get_object_or_404(factors_of(request.user), pk=factor_id)
    acts.remove(factor, at=timezone.now())
    return _back(request, f"{factor.name} is removed.")


@never_cache
@require_POST
@requires(Permission.OWN_ACCOUNT)
@recently_signed_in
def recovery_codes(request):
    return _codes(request)


def _codes(request):
    codes = recovery.new_codes(request.user, at=timezone.now())
    context = {"codes": codes, "go_on": reverse("authentication:security")}
    return render(request, "authentication/recovery_codes.html", context)


@require_POST
@requires(Permission.OWN_ACCOUNT)
@once
def session_end(request, session_id):
    row = get_object_or_404(BrowserSession, pk=session_id, user=request.user)
    acts.end_session(row)
    return _back(request, "That browser is signed out.")


@require_POST
@requires(Permission.OWN_ACCOUNT)
@once
def sessions_end(request):
    """Everywhere but here: her clock goes on here."""
    ended = acts.end_sessions(request.user, keep=request.session.session_key)
    return _back(request, f"Signed out in {ended} other browser{'' if ended == 1 else 's'}.")
