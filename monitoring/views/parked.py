"""Readings that are nobody's yet: what waits and why, tried again or discarded with a reason."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused
from monitoring.forms import DiscardParkedForm
from monitoring.models import Entrance, ParkedReading, Parking
from monitoring.readings import parked

GROUPS_PER_PAGE, VALUES_PER_PAGE = 25, 50


@require_safe
@requires(Permission.READINGS_IMPORT)
def parked_readings(request):
    """By reason and device; those that came last first."""
    page = Paginator(parked.groups(request.practice), GROUPS_PER_PAGE).get_page(request.GET.get("page"))
    for group in page.object_list:
        group["why"] = Parking(group["reason"]).label
        group["came_by"] = Entrance(group["entrance"]).label
    context = {"page": page, "settled": parked.latest_settled(request.practice)}
    return render(request, "monitoring/parked.html", context)


def _row(request, parked_id) -> ParkedReading:
    rows = ParkedReading.objects.filter(practice=request.practice).select_related("practice")
    return get_object_or_404(rows, pk=parked_id)


@require_safe
@requires(Permission.READINGS_IMPORT)
def parked_group(request, parked_id):
    """Every value of one device, or of one patient where no device is named."""
    row = _row(request, parked_id)
    if parked.why_settled(row):
        return see_other(reverse("monitoring:parked"))
    page = Paginator(parked.fellows(row), VALUES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "row": row,
        "mrn": row.incoming["mrn"],
        "page": page,
        "values": parked.values_of(page.object_list),
        "count": page.paginator.count,
    }
    return render(request, "monitoring/parked_group.html", context)


@require_POST
@requires(Permission.READINGS_IMPORT)
@once
def parked_retry(request, parked_id):
    """Try one again, or every one of its device."""
    row = _row(request, parked_id)
    every = "every" in request.POST
    done = parked.retry(row, every=every, by=request.membership, at=timezone.now())
    if done.taken:
        messages.success(request, f"{done.taken} taken in.")
    if done.problem:
        # Not the reason: it names an MRN or a serial number, and messages travel in a cookie.
        messages.warning(request, f"{done.left} still parked. The list says why.")
    elif every and done.left:
        messages.warning(request, f"{done.left} are left. Try them again.")
    return see_other(reverse("monitoring:parked"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.READINGS_IMPORT)
@once
def parked_discard(request, parked_id):
    """Never to be taken in, for the reason given."""
    row = _row(request, parked_id)
    count = parked.fellows(row).count()
    form = DiscardParkedForm(request.POST if request.method == "POST" else None, count=count)
    if form.is_bound and form.is_valid():
        every, reason = form.cleaned_data["which"] == "every", form.cleaned_data["reason"]
        try:
            done = parked.discard(row, every=every, reason=reason, by=request.membership, at=timezone.now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"{done} discarded.")
            return see_other(reverse("monitoring:parked"))
    context = {
        "row": row,
        "form": form,
        "value": None if parked.why_settled(row) else parked.values_of([row])[0][1],
    }
    return render(request, "monitoring/parked_discard.html", context, status=422 if form.is_bound else 200)
