"""The practice's settings on one page, and what it is called by which clock."""

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.identities import IdentityBook
from accounts.permissions import Permission, may, requires
from authentication.recent import recently_signed_in
from billing.practice_settings.zone import call_practice, why_zone_stays
from billing.practice_settings.zone_form import NameAndZoneForm
from billing.views.practice_identity import versions
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused
from patients.sites import SiteBook


@require_safe
@requires(Permission.SETTINGS_VIEW)
def practice(request):
    """Identity with past and coming versions, sites, name and clock."""
    where = request.practice
    context = {
        "versions": versions(IdentityBook(where), where.today()),
        "sites": SiteBook(where).sites,
        "facts": [("Name in the portal", where.name), ("Time zone", where.time_zone)],
        "may_edit": may(request.membership, Permission.SETTINGS_EDIT),
    }
    return render(request, "billing/practice.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def name_and_zone(request):
    where, stays = request.practice, why_zone_stays(request.practice)
    form = NameAndZoneForm(request.POST or None, practice=where, stays=stays)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            call_practice(where, **form.given(), version=form.cleaned_data["version"], at=timezone.now())
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, "Name and time zone are saved.")
            return see_other(reverse("billing:practice"))
    context = {
        "form": form,
        "title": "Name and time zone",
        "submit": "Save",
        "back": reverse("billing:practice"),
    }
    return render(request, "staff/act.html", context, status=status)
