"""Pages about people: who works here, inviting, changing and ending roles; and the invited person's own page."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Membership, User
from accounts.permissions import Permission, public, requires
from accounts.signals import role_ending
from authentication.acts import reset_factors
from authentication.recent import recently_signed_in
from authentication.selectors import failed_sign_ins
from dispatch.operations import once
from foundation.context import because
from foundation.forms import ReasonForm
from foundation.htmx import see_other
from foundation.practice_scope import in_practice
from foundation.refusals import Refused
from staff import acts, selectors
from staff.forms import EndForm, InviteForm, PasswordForm, RoleForm
from staff.links import invitation_of
from staff.models import Invitation
from staff.policies import why_not_accept, why_over

PAGE = 25
page = require_http_methods(["GET", "HEAD", "POST"])
SHOWN = ("working", "invited", "left", "failed")


@require_safe
@requires(Permission.SETTINGS_EDIT)
def people(request):
    """Four lists: who works here, who is invited, who left, and who tried to sign in and could not."""
    shown = request.GET.get("show") if request.GET.get("show") in SHOWN else "working"
    at = timezone.now()
    today = request.practice.today(at)
    rows = {
        "working": lambda: selectors.working(request.practice, at),
        "invited": lambda: selectors.invited(request.practice, at),
        "left": lambda: selectors.left(request.practice, at),
        "failed": lambda: failed_sign_ins(request.practice),
    }[shown]()
    found = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    if shown == "working":
        for row in found.object_list:
            row.stale = selectors.is_stale(row.last_sign_in, row.starts_on, at=at, today=today)
    waiting = selectors.invited(request.practice, at).count()
    context = {"shown": shown, "page": found, "waiting": waiting, "today": today, "at": at}
    return render(request, "staff/people.html", {**context, "roles": selectors.roles_in_words()})


@require_safe
@requires(Permission.OWN_ACCOUNT)
def roles(request):
    """The code's own table of roles and permissions, for everybody to read."""
    context = {"roles": selectors.roles_in_words(), "permissions": selectors.permissions_by_role()}
    return render(request, "staff/roles.html", context)


def _act(request, form, do: Callable, *, done: str, **context):
    """Show the form, or do the act and go back to the list. `do` takes the cleaned values."""
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            do(form.given())
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, done)
            return see_other(reverse("staff:people"))
    return render(request, "staff/act.html", {"form": form, **context}, status=status)


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def invite(request):
    at = timezone.now()
    clinicians = selectors.clinicians(request.practice, at)
    form = InviteForm(request.POST or None, today=request.practice.today(at), clinicians=clinicians)

    def do(given):
        acts.invite(request.practice, by=request.membership, at=at, **given)

    done = "Invited. The link is on its way by e-mail; it works for 72 hours."
    return _act(request, form, do, done=done, title="Invite a person", submit="Send the invitation")


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def role_change(request, member_id):
    member, at = _member(request, member_id), timezone.now()
    today = request.practice.today(at)
    now = {name: getattr(member, name) for name in ("role", "credential", "npi", "employer", "supervised_by")}
    clinicians = selectors.clinicians(request.practice, at).exclude(user=member.user)
    form = RoleForm(request.POST or None, today=today, clinicians=clinicians, initial=now)

    def do(given):
        acts.change_role(member, by=request.membership, at=at, **given)

    note = "What was signed before that day keeps the role and the credential that it was signed with."
    context = {"title": f"Change the role of {member.user.name}", "submit": "Change the role", "note": note}
    return _act(request, form, do, done=f"{member.user.name}’s role was changed.", **context)


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def role_end(request, member_id):
    member, at = _member(request, member_id), timezone.now()
    form = EndForm(request.POST or None, today=request.practice.today(at))

    def do(given):
        with because(given["reason"]):
            acts.end_role(member, ends_on=given["ends_on"], by=request.membership, at=at)

    note = "Ended today: no page opens any more, a running clock is paused, drafts stay their author’s, unsigned."
    told = [
        said for _, said in role_ending.send(sender=None, user=member.user, practice=request.practice) if said
    ]
    context = {"title": f"End the role of {member.user.name}", "submit": "End the role", "danger": True}
    return _act(
        request, form, do, done=f"{member.user.name}’s role was ended.", note=note, told=told, **context
    )


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def factor_reset(request, member_id):
    member, at = _member(request, member_id), timezone.now()
    form = ReasonForm(request.POST or None)

    def do(given):
        with because(given["reason"]):
            reset_factors(member, by=request.membership, at=at)

    note = (
        "For who lost phone and recovery codes. Make sure that it is she who asks: by voice, not by e-mail."
    )
    context = {"title": f"Reset the second factor of {member.user.name}", "submit": "Reset the second factor"}
    done = f"{member.user.name} is signed out everywhere and sets up a new second factor when she signs in."
    return _act(request, form, do, done=done, note=note, danger=True, **context)


def _member(request, member_id) -> Membership:
    rows = Membership.objects.for_practice(request.practice).select_related(
        "user", "practice", "supervised_by"
    )
    return get_object_or_404(rows, pk=member_id)


@require_POST
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def invitation_again(request, invitation_id):
    row = acts.send_again(_invitation(request, invitation_id), at=timezone.now())
    messages.success(request, f"Sent to {row.name} again. The link works for 72 hours from now.")
    return see_other(f"{reverse('staff:people')}?show=invited")


@require_POST
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def invitation_withdraw(request, invitation_id):
    row = acts.withdraw(_invitation(request, invitation_id), at=timezone.now())
    messages.success(request, f"The invitation of {row.name} was withdrawn. Its link leads nowhere now.")
    return see_other(f"{reverse('staff:people')}?show=invited")


def _invitation(request, invitation_id) -> Invitation:
    rows = Invitation.objects.for_practice(request.practice).select_related("practice")
    return get_object_or_404(rows, pk=invitation_id)


# The invited person ---------------------------------------------------------------------------------------------


@public
@never_cache
@sensitive_post_parameters("password", "again")
@page
def invitation(request, token):
    """Accept: with a new password, or as who is signed in already."""
    row, at = invitation_of(token), timezone.now()
    if row is None:
        raise Http404
    if over := why_over(row, at=at):
        return render(request, "staff/invitation_over.html", {"why": over}, status=410)
    user = request.user if request.user.is_authenticated else None
    known = User.objects.filter(email=row.email).first()
    # Who is signed in may be in another practice as yet.
    with in_practice(row.practice):
        refused = why_not_accept(row, user=user, known=known, at=at)
    if refused:
        context = {"row": row, "why": refused, "signed_in": user is not None}
        return render(
            request, "staff/invitation.html", context, status=409 if request.method == "POST" else 200
        )
    return _accept(request, row, user=user, at=at)


def _accept(request, row: Invitation, *, user: User | None, at):
    # The password is compared with the name and the address.
    form = None if user else PasswordForm(request.POST or None, user=User(email=row.email, name=row.name))
    if request.method == "POST" and (form is None or form.is_valid()):
        password = form.cleaned_data["password"] if form else ""
        try:
            with in_practice(row.practice):
                acts.accept(row, user=user, password=password, at=at)
        except Refused as refusal:
            return render(request, "staff/invitation_over.html", {"why": refusal.message}, status=409)
        if user is None:
            messages.success(request, f"Welcome to {row.practice.name}. Sign in with your new password.")
        return see_other(reverse("home") if user else reverse("authentication:sign_in"))
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "staff/invitation.html", {"row": row, "form": form}, status=status)
