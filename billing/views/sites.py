"""The practice's sites: adding one, correcting it, ending it. Never deleting."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from authentication.recent import recently_signed_in
from billing.facts.places import OFFICE
from billing.practice_settings.effects import in_words
from billing.practice_settings.site_forms import DESCRIBED, EndSiteForm, SiteForm
from billing.practice_settings.sites import add_site, correct_site, end_site, people_left, touched
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused, StaleRow
from patients.models import Site

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def site_new(request):
    at = timezone.now()
    proposed = {"place_of_service": OFFICE, "starts_on": request.practice.today(at)}
    form = SiteForm(request.POST or None, initial=proposed)
    return _described(request, form, None, lambda given: add_site(request.practice, given, at=at), at=at)


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def site(request, site_id):
    at, found = timezone.now(), _site(request, site_id)
    now = {name: getattr(found, name) for name in (*DESCRIBED, "starts_on", "version")}
    form = SiteForm(request.POST or None, initial=now)

    def save(given):
        return correct_site(found, given, version=form.cleaned_data["version"], at=at)

    return _described(request, form, found, save, at=at)


def _site(request, site_id) -> Site:
    return get_object_or_404(
        Site.objects.for_practice(request.practice).select_related("practice"), pk=site_id
    )


def _described(request, form: SiteForm, found: Site | None, save, *, at):
    """The form; one button shows what would change and saves nothing."""
    status, context = 422 if form.is_bound else 200, {"form": form, "site": found}
    if form.is_bound and form.is_valid():
        try:
            effects = touched(request.practice, form.site(), site=found, today=request.practice.today(at))
            if "look" not in request.POST:
                saved = save(form.site())
                messages.success(request, f"{saved} is saved. {in_words(effects)}".strip())
                return see_other(reverse("billing:practice"))
            context |= {"looked": True, "effects": effects}
            status = 200
        except Refused as refusal:
            status = refusal.status
            if isinstance(refusal, StaleRow) and found:
                _opened_again(form, found)
            form.refuse(refusal)
    return render(request, "billing/site.html", context, status=status)


def _opened_again(form, found: Site) -> None:
    found.refresh_from_db()
    form.data = form.data.copy()
    form.data["version"] = found.version


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def site_end(request, site_id):
    at, found = timezone.now(), _site(request, site_id)
    today = request.practice.today(at)
    form = EndSiteForm(request.POST or None, site=found, today=today)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            given = form.end()
            end_site(found, given, version=form.cleaned_data["version"], by=request.membership, at=at)
        except Refused as refusal:
            status = refusal.status
            if isinstance(refusal, StaleRow):
                _opened_again(form, found)
            form.refuse(refusal)
        else:
            messages.success(request, f"{found} ends on {given.ends_on:%d-%b-%Y}.")
            return see_other(reverse("billing:practice"))
    context = {
        "form": form,
        "title": f"End {found}",
        "submit": "End the site",
        "danger": True,
        "note": _who_is_there(found, today),
        "back": reverse("billing:practice"),
    }
    return render(request, "staff/act.html", context, status=status)


def _who_is_there(site: Site, today) -> str:
    count = people_left(site, today).count()
    there = "Nobody is" if not count else "1 patient is" if count == 1 else f"{count} patients are"
    return f"{there} cared for there today. The site stays in the record, and on the claims of its days."
