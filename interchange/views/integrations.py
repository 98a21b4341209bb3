"""Integrations: which programs come in by which token, made and ended by administrators; and the hubs beside them."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.permissions import Permission, may, requires
from authentication.models import ApiToken
from authentication.recent import recently_signed_in
from authentication.sealing import seal, unseal
from authentication.tokens import acts, selectors
from dispatch.operations import once
from foundation.context import because
from foundation.forms import ReasonForm
from foundation.htmx import see_other
from foundation.refusals import Refused
from intake.selectors import waiting_arrivals
from interchange.entrances import entrances
from interchange.forms import TokenForm
from interchange.hubs import selectors as hubs
from interchange.hubs.adapters import choices
from monitoring.readings import parked

page = require_http_methods(["GET", "HEAD", "POST"])
ENDED_SHOWN = 20
SOON = timedelta(days=30)
NEW = "new_token"


@require_safe
@requires(Permission.INTEGRATIONS_VIEW)
def integrations(request):
    at = timezone.now()
    refused = selectors.refused_on(request.practice, request.practice.today(at))
    tokens = list(selectors.open_tokens(request.practice))
    for token in tokens:
        _state(token, refused.get(token.pk, []), token.expires_at, at=at)
    context = {
        "tokens": tokens,
        "ended": selectors.ended_tokens(request.practice)[:ENDED_SHOWN],
        "hubs": _hubs(request, at=at),
        "ended_hubs": hubs.ended_hubs(request.practice)[:ENDED_SHOWN],
        "entrances": entrances(),
        "site": settings.SITE_URL,
        "waiting": waiting_arrivals(request.practice).count(),
        "parked": parked.waiting(request.practice).count(),
        "may_edit": may(request.membership, Permission.SETTINGS_EDIT),
        "may_decide": may(request.membership, Permission.PATIENT_ENROLL),
    }
    return render(request, "interchange/integrations.html", context)


def _state(row, refused: list, until, *, at) -> None:
    """What was refused of it today, and how long it works."""
    row.refused, row.refused_count = refused, sum(count for _, count in refused)
    row.until, row.is_over, row.is_soon = until, until <= at, until <= at + SOON


def _hubs(request, *, at) -> list:
    refused = hubs.refused_on(request.practice, request.practice.today(at))
    vendors, found = dict(choices()), hubs.open_hubs(request.practice, at=at)
    for hub in found:
        _state(hub, refused.get(hub.pk, []), hub.good[0].good_until, at=at)
        hub.sends, hub.address = (
            vendors.get(hub.vendor, hub.vendor),
            reverse("interchange:hub", args=[hub.key]),
        )
    return found


def form_page(request, form, *, status: int, **context):
    context |= {"form": form, "back": reverse("interchange:integrations")}
    return render(request, "staff/act.html", context, status=status)


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def token_new(request):
    """The token goes sealed into the session, to be shown by the next page and by none after it."""
    at, practice = timezone.now(), request.practice
    form = TokenForm(request.POST or None, today=practice.today(at), tz=practice.tz)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        given = form.given()
        given["expires_at"] = form.expires_at()
        del given["expires_on"]
        try:
            row, written = acts.make(practice, by=request.membership, at=at, **given)
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            request.session[NEW] = [str(row.pk), seal(written)]
            return see_other(reverse("interchange:token_shown"))
    note = "Whoever has the token comes in with it. It ends when the person who made it no longer runs the practice."
    return form_page(request, form, status=status, title="Make a token", submit="Make the token", note=note)


@never_cache
@require_GET
@requires(Permission.SETTINGS_EDIT)
def token_shown(request):
    """Once, and only where it was made."""
    key, sealed = request.session.pop(NEW, ("", ""))
    row = ApiToken.objects.for_practice(request.practice).filter(pk=key or None).first()
    written = unseal(sealed) if row and sealed else ""
    context = {"token": row, "written": written, "entrances": entrances(), "site": settings.SITE_URL}
    return render(request, "interchange/token_shown.html", context)


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def token_end(request, token_id):
    row = get_object_or_404(ApiToken.objects.for_practice(request.practice), pk=token_id)
    form, status = ReasonForm(request.POST or None), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                with because(form.cleaned_data["reason"]):
                    acts.end(row, why=form.cleaned_data["reason"], by=request.membership, at=timezone.now())
            except Refused as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, f"The token {row.name} was ended. It lets nobody in any more.")
                return see_other(reverse("interchange:integrations"))
    words = {
        "title": f"End the token {row.name}",
        "submit": "End the token",
        "note": "From the next request on it lets nobody in. What came with it stays as it is.",
        "danger": True,
    }
    return form_page(request, form, status=status, **words)
