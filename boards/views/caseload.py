"""The caseload: a page of it, what somebody looks for in it, and whether it changed meanwhile."""

from dataclasses import replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Membership
from accounts.permissions import ROLES, Permission, Role, may, requires
from boards.caseload import PER_PAGE, Board, Show, board, changed, shown_to
from boards.filters import Condition, Filters
from boards.refresh import fresh
from boards.rows import rows_of, rows_of_patients
from boards.saved_views import views_of
from foundation.months import last_day
from intake.selectors import open_asked_merges, waiting_arrivals
from patients import selectors as people
from patients.chart_access import show_list
from patients.models import DeviceKind
from patients.sites import SiteBook

CLINICIANS = tuple(role for role in Role if Permission.CLINICIAN_ANSWER in ROLES[role].may)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CHART_VIEW)
def caseload(request):
    """`?show=` is a counter, `?page=`, and the filters; what is looked for is posted: no name gets into a log."""
    at, find = timezone.now(), request.POST.get("q", "").strip()[:100]
    today, sites = request.practice.today(at), SiteBook(request.practice)
    freshness = fresh(request.practice, today.replace(day=1), at=at)
    filters, show = _asked(request, sites)
    found = _board(request, at, filters, show)
    if find:
        page, rows = _found(request, find, sites, at=at)
    else:
        sites.look_up(place.patient_id for place in found.places)
        page = found.page
        rows = rows_of(request.practice, found, sites, by=request.membership, at=at)
    page.object_list = rows
    show_list(request, [row.patient for row in rows])
    context = {
        "board": found,
        "page": page,
        "rows": rows,
        "find": find,
        "freshness": freshness,
        "today": today,
        "days_left": (last_day(today.replace(day=1)) - today).days,
        **_choices(request, sites, filters, show),
        **_may(request),
    }
    return render(request, "boards/caseload.html", context)


def _asked(request, sites: SiteBook) -> tuple[Filters, Show | None]:
    filters, show = Filters.of(request.GET), request.GET.get("show")
    site = sites.named(str(filters.site or ""))
    return replace(filters, site=site.pk if site else None), shown_to(request.membership, show)


def _board(request, at, filters: Filters, show: Show | None) -> Board:
    page = request.GET.get("page")
    return board(request.practice, by=request.membership, at=at, filters=filters, show=show, page=page)


def _found(request, find: str, sites: SiteBook, *, at) -> tuple[Page, list]:
    """The first page of whoever is found, enrolled or not, by name."""
    page = Paginator(people.find(request.practice, find), PER_PAGE).get_page(1)
    patients = list(page.object_list)
    sites.look_up(patient.pk for patient in patients)
    return page, rows_of_patients(request.practice, patients, sites, by=request.membership, at=at)


def _choices(request, sites: SiteBook, filters: Filters, show: Show | None) -> dict[str, Any]:
    """What the page can be narrowed to, and what it is."""
    clinicians = Membership.objects.for_practice(request.practice).on(request.practice.today())
    clinicians = clinicians.filter(role__in=CLINICIANS).select_related("user").order_by("user__name", "pk")
    query = filters.query(**({"show": show} if show else {}))
    return {
        "filters": filters,
        "shown": show,
        "conditions": list(Condition),
        "devices": DeviceKind.choices,
        "sites": sites.sites if sites.several else [],
        "clinicians": list(clinicians),
        "query": query,
        "saved": views_of(request.membership),
    }


def _may(request) -> dict[str, Any]:
    by = request.membership
    return {
        "logs_time": may(by, Permission.TIME_LOG),
        "escalates": may(by, Permission.ESCALATION_WORK),
        "can_enroll": may(by, Permission.PATIENT_ENROLL),
        "can_import": may(by, Permission.READINGS_IMPORT),
        "arrivals": _arrivals(request),
    }


def _arrivals(request) -> int:
    """How much from other systems waits for somebody who may decide it."""
    asks = {Permission.PATIENT_ENROLL: waiting_arrivals, Permission.RECORDS_MERGE: open_asked_merges}
    return sum(
        rows(request.practice).count() for needs, rows in asks.items() if may(request.membership, needs)
    )


@require_safe
@requires(Permission.CHART_VIEW)
def updates(request):
    """How many rows of the page with these marks are others by now: a line that leads there, and moves nothing."""
    at = timezone.now()
    today = request.practice.today(at)
    fresh(request.practice, today.replace(day=1), at=at)
    filters, show = _asked(request, SiteBook(request.practice))
    count = changed(request.GET.get("marks", ""), _board(request, at, filters, show))
    query = filters.query(**{key: request.GET[key] for key in ("show", "page") if key in request.GET})
    return render(request, "boards/_updates.html", {"count": count, "url": f"{reverse('caseload')}?{query}"})
