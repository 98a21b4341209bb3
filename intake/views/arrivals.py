"""Messages of other systems that wait for a decision, and what became of the latest."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, may, requires
from foundation.htmx import see_other
from intake import acts, selectors
from intake.labels import arrivals_to_print
from intake.models import OPEN, Candidate, PatientImport, Source
from patients.chart_access import show_list

PER_PAGE = 25
LATEST = 10


@require_safe
@requires(Permission.PATIENT_ENROLL)
def waiting(request):
    """Those that wait longest come first."""
    rows = Candidate.objects.filter(practice=request.practice).exclude(patient_import__source=Source.CSV)
    rows = rows.select_related("patient_import").order_by("patient_import__opened_at", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    printed = arrivals_to_print(request.practice, page.object_list)
    show_list(request, [each.patient for each in printed if each.patient])
    context = {
        "page": page,
        "rows": printed,
        "asked": _asked(request),
        "merges": may(request.membership, Permission.RECORDS_MERGE),
        "ended": _ended(request.practice),
        "kept_days": acts.ARRIVAL_KEPT.days,
    }
    return render(request, "intake/arrivals.html", context)


def _asked(request) -> list:
    rows = list(selectors.open_asked_merges(request.practice).select_related("duplicate", "remaining"))
    show_list(request, [patient for row in rows for patient in (row.duplicate, row.remaining)])
    return rows


def _ended(practice):
    rows = PatientImport.objects.for_practice(practice).exclude(source=Source.CSV).exclude(state__in=OPEN)
    return rows.order_by("-opened_at")[:LATEST]


def arrival_done(request, found: PatientImport, done: bool):
    """After a decision: to the next that waits, or back to this one where it waits again."""
    if not done and selectors.candidates(found).exists():
        messages.warning(request, "It is not taken in yet. Look at it as it stands now.")
        return see_other(reverse("intake:row", args=[found.pk, 1]))
    messages.success(request, "Decided. The message is no longer kept.")
    return see_other(reverse("intake:arrivals"))
