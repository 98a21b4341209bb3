"""The list of silent patients: since when, with which device, and what was tried."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, may, requires
from escalations import silence
from escalations.forms import SilenceFilter
from patients.chart_access import show_list

PAGE = 25


@require_safe
@requires(Permission.CHART_VIEW)
def silent(request):
    """Longest silent first, a page at a time: `?tried=no&page=2`."""
    at, form = timezone.now(), SilenceFilter(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    rows = silence.narrowed(
        silence.open_ones(request.practice),
        tried=asked.get("tried", ""),
        kind=asked.get("kind", ""),
        on=request.practice.today(at),
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    found = silence.lines(request.practice, page.object_list, at=at)
    show_list(request, [line.escalation.patient for line in found])
    context = {
        "page": page,
        "lines": found,
        "form": form,
        "filtered": any(asked.values()),
        "works": may(request.membership, Permission.ESCALATION_WORK),
    }
    return render(request, "escalations/silent.html", context)
