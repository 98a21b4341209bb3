"""Coming in: the password, then the second factor; setting one up where the practice requires it; and leaving."""

from django.contrib.auth.views import LoginView
from django.http import JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.addresses import client_address
from accounts.middleware import sign_out as end_session
from accounts.permissions import public, signed_in
from accounts.practices import is_empty
from audit.listeners import note_in_practices
from audit.models import SignInKind
from audit.sign_ins import note
from authentication import acts, passkeys, recovery, totp
from authentication.forms import CodeForm, PasskeyForm, SignInForm
from authentication.models import FactorKind
from authentication.pending import PENDING, finish, go_on, pending_user
from authentication.policies import WRONG_CODES, why_not_code, why_not_try
from authentication.selectors import factors_of
from foundation.htmx import leave_for
from foundation.refusals import Refused
from foundation.tracked import lock

LOCK_MINUTES = 15
CHALLENGE = "passkey_challenge"
page = require_http_methods(["GET", "HEAD", "POST"])


class SignIn(LoginView):
    """E-mail and password. Right ones sign in, or lead on to the second factor."""

    template_name = "authentication/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request, *args, **kwargs):
        # Before the password is looked at: checking one is slow on purpose, and costs whoever asks nothing.
        if why := why_not_try(client_address(request), at=timezone.now()):
            return render(request, "authentication/closed.html", {"why": why}, status=429)
        return super().post(request, *args, **kwargs)

    def get_redirect_url(self):
        """A path of ours; a bare word would be taken for the name of a view, or lead beside the sign-in page."""
        url = super().get_redirect_url()
        return url if url.startswith("/") else ""

    def get_context_data(self, **kwargs):
        return super().get_context_data(empty=is_empty(), **kwargs)

    def form_valid(self, form):
        return redirect(go_on(self.request, form.get_user(), next_url=self.get_success_url()))


sign_in = public(never_cache(sensitive_post_parameters("password")(csrf_protect(page(SignIn.as_view())))))


def locked_out(request, response=None, credentials=None, *args, **kwargs):
    """After five wrong tries: the same form, closed for a while."""
    return render(request, "authentication/locked_out.html", {"minutes": LOCK_MINUTES}, status=429)


@require_POST
@public
def passkey_options(request):
    """What the browser is asked for: a passkey of who is half signed in, else any that it has for us."""
    options, request.session[CHALLENGE] = passkeys.ask_to_prove(request, pending_user(request))
    return JsonResponse(options)


@require_POST
@public
def passkey(request):
    """A passkey is two factors by itself: the device, and the finger or PIN that unlocks it."""
    state, at = request.session.pop(CHALLENGE, None), timezone.now()
    try:
        if state is None:
            raise passkeys.NotProved
        factor, counter = passkeys.proved(
            request, state, request.POST.get("answer", ""), pending_user(request)
        )
        if not factor.user.is_active or not acts.use_passkey(factor, counter, at=at):
            raise passkeys.NotProved
    except passkeys.NotProved:
        why = "The passkey did not work. Try again, or sign in with your password."
        return render(request, "authentication/closed.html", {"why": why}, status=422)
    return redirect(finish(request, factor.user))


@never_cache
@page
@public
def second_factor(request):
    """The code of an app, a recovery code, or a passkey, after the password."""
    user, at = pending_user(request), timezone.now()
    if user is None:
        return redirect("authentication:sign_in")
    if request.method == "POST":
        # Guesses that come at once are counted one after the other.
        user = lock(user)
    if why := why_not_code(user, at=at):
        request.session.pop(PENDING)
        return render(request, "authentication/closed.html", {"why": why}, status=429)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if _is_right(request, user, form.cleaned_data["code"], at=at):
            return redirect(finish(request, user))
        _note(SignInKind.WRONG_CODE, user, request)
        form.add_error("code", "This code is not right, or it was used before. Wait for the next one.")
    kinds = {row.kind for row in factors_of(user)}
    context = {"form": form, "has_passkey": FactorKind.PASSKEY in kinds, "tries": WRONG_CODES}
    return render(request, "authentication/second_factor.html", context, status=422 if form.errors else 200)


def _is_right(request, user, code: str, *, at) -> bool:
    if code.isdigit():
        return acts.use_app(user, code, at=at)
    if not acts.use_recovery_code(user, code, at=at):
        return False
    _note(SignInKind.RECOVERY, user, request)
    return True


def _note(kind: SignInKind, user, request) -> None:
    """In each practice where she works; for who works nowhere today, in none, but counted."""
    address = client_address(request)
    if not note_in_practices(kind, user, address=address):
        note(kind, user=user, address=address)


@never_cache
@page
@public
def set_up(request):
    """The first second factor, where the practice requires one: nothing else opens before."""
    user = pending_user(request)
    if user is None or factors_of(user).exists():
        return redirect("authentication:second_factor" if user else "authentication:sign_in")
    return add_factor(request, user, template="authentication/set_up.html", then=_set_up_done)


def _set_up_done(request, user):
    codes = recovery.new_codes(user, at=timezone.now())
    return render(
        request, "authentication/recovery_codes.html", {"codes": codes, "go_on": finish(request, user)}
    )


@require_POST
@public
def passkey_new_options(request):
    """What the browser is asked to make, for who is signed in or is setting up her first factor."""
    user = request.user if request.user.is_authenticated else pending_user(request)
    if user is None:
        return JsonResponse({}, status=403)
    options, request.session[CHALLENGE] = passkeys.ask_to_make(request, user)
    return JsonResponse(options)


KEY = "new_app_key"


def add_factor(request, user, *, template: str, then):
    """One page for both kinds. `then(request, user)` answers when one was added."""
    key = _key_for(request, user)
    by_passkey = "answer" in request.POST
    code = CodeForm(request.POST if request.method == "POST" and not by_passkey else None, recovery=False)
    made = PasskeyForm(request.POST if by_passkey else None)
    form = made if by_passkey else code
    if form.is_bound and form.is_valid():
        try:
            _add(request, user, form, key)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            request.session.pop(KEY)
            return then(request, user)
    shown = {"picture": totp.picture(key, email=user.email), "key": totp.in_groups(key)}
    context = {"code_form": code, "passkey_form": made, "form": form, **shown}
    return render(request, template, context, status=422 if form.errors else 200)


def _key_for(request, user) -> str:
    """The key that this page shows until it is used. Whoever sat here before has seen another one."""
    kept = request.session.get(KEY, {})
    if kept.get("user") != user.pk.hex:
        kept = request.session[KEY] = {"user": user.pk.hex, "key": totp.new_key()}
    return kept["key"]


def _add(request, user, form, key: str) -> None:
    at = timezone.now()
    if isinstance(form, CodeForm):
        acts.add_app(user, key=key, code=form.cleaned_data["code"], at=at)
        return
    try:
        state = request.session.pop(CHALLENGE, None) or {}
        new = passkeys.made(request, state, form.cleaned_data["answer"])
    except passkeys.NotProved:
        raise Refused("The browser made no passkey. Press the button and try again.", field="name") from None
    acts.add_passkey(user, new, name=form.cleaned_data["name"], at=at)


@require_POST
@signed_in
def sign_out(request):
    end_session(request, reason="by hand", at=timezone.now())
    response = leave_for(request, resolve_url("authentication:sign_in"))
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
