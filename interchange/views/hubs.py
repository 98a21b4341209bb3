"""Hubs on the page of integrations: made, given another secret, and ended by administrators."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.permissions import Permission, requires
from authentication.recent import recently_signed_in
from authentication.sealing import seal, unseal
from dispatch.operations import once
from foundation.context import because
from foundation.forms import ReasonForm
from foundation.htmx import see_other
from foundation.refusals import Refused
from interchange.forms import HubForm, SecretForm
from interchange.hubs import acts
from interchange.hubs.signatures import HEADER
from interchange.models import Hub
from interchange.views.integrations import form_page, page

NEW = "new_hub_secret"
ONCE = "The secret is shown once, on the next page. It ends when the person who made it no longer runs the practice."


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def hub_new(request):
    """The secret goes sealed into the session, to be shown by the next page and by none after it."""
    form, status = HubForm(request.POST or None), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                hub, secret = acts.make(
                    request.practice, by=request.membership, at=timezone.now(), **form.given()
                )
            except Refused as refusal:
                form.refuse(refusal)
            else:
                return _to_be_shown(request, hub, secret)
    return form_page(request, form, status=status, title="Connect a hub", submit="Connect the hub", note=ONCE)


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def hub_secret(request, hub_id):
    hub = _hub(request, hub_id)
    form, status = SecretForm(request.POST or None), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                secret = acts.change_secret(hub, by=request.membership, at=timezone.now(), **form.given())
            except Refused as refusal:
                form.refuse(refusal)
            else:
                return _to_be_shown(request, hub, secret)
    words = {"title": f"A new secret for {hub.name}", "submit": "Make the secret", "note": ONCE}
    return form_page(request, form, status=status, **words)


@never_cache
@require_GET
@requires(Permission.SETTINGS_EDIT)
def hub_shown(request):
    """Once, and only where it was made."""
    key, sealed = request.session.pop(NEW, ("", ""))
    hub = Hub.objects.for_practice(request.practice).filter(pk=key or None).first()
    context = {
        "hub": hub,
        "secret": unseal(sealed) if hub and sealed else "",
        "address": settings.SITE_URL + reverse("interchange:hub", args=[hub.key]) if hub else "",
        "header": HEADER,
    }
    return render(request, "interchange/hub_shown.html", context)


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def hub_end(request, hub_id):
    hub = _hub(request, hub_id)
    form, status = ReasonForm(request.POST or None), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            why = form.cleaned_data["reason"]
            try:
                with because(why):
                    acts.end(hub, why=why, by=request.membership, at=timezone.now())
            except Refused as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, f"The hub {hub.name} was ended. It sends nothing in any more.")
                return see_other(reverse("interchange:integrations"))
    words = {
        "title": f"End the hub {hub.name}",
        "submit": "End the hub",
        "note": "From the next message on nothing is taken from it. Its readings stay as they are.",
        "danger": True,
    }
    return form_page(request, form, status=status, **words)


def _hub(request, hub_id) -> Hub:
    return get_object_or_404(Hub.objects.for_practice(request.practice), pk=hub_id)


def _to_be_shown(request, hub: Hub, secret: str):
    request.session[NEW] = [str(hub.pk), seal(secret)]
    return see_other(reverse("interchange:hub_shown"))
