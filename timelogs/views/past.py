"""A session that was not clocked."""

from datetime import timedelta
from uuid import UUID

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from dispatch.operations import once
from escalations.models import Escalation
from foundation.htmx import see_other
from foundation.refusals import Refused
from patients.chart_access import open_chart
from timelogs.clock.escalations import work_on
from timelogs.forms.past import PastForm
from timelogs.note.drafts import log_past

# The service speaks of the start; here that is two fields.
_FIELDS = {"started": "starts", "day": "day", "minutes": "minutes", "reason": "reason"}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.TIME_LOG)
@once
def session_past(request, patient_id):
    """Date, start, minutes and why later; then the same note. An overlap is answered with its fixes."""
    patient = open_chart(request, patient_id)
    at = timezone.now()
    form = PastForm(request.POST or None, practice=request.practice, now=at)
    if request.method != "POST":
        return _page(request, patient, form, at=at)
    if not form.is_valid():
        return _page(request, patient, form, at=at, status=422)
    try:
        entry = log_past(patient, **form.span, by=request.membership, at=at, fix=request.POST.get("fix", ""))
        if about := _about(request, patient):
            work_on(entry, about, by=request.membership, at=at)
    except Refused as refusal:
        form.add_error(_FIELDS.get(refusal.field), refusal.message)
        return _page(request, patient, form, at=at, status=refusal.status, fixes=refusal.fixes)
    return see_other(reverse("timelogs:session", args=[entry.pk]))


def _about(request, patient) -> Escalation | None:
    """`?escalation=`: the one of hers that it is about. Anything else names none."""
    try:
        asked = UUID(request.GET.get("escalation", ""))
    except ValueError:
        return None
    return Escalation.objects.for_practice(request.practice).filter(patient=patient, pk=asked).first()


def _page(request, patient, form, *, at, status=200, **more):
    today = request.practice.today(at)
    days = {"today": today, "yesterday": today - timedelta(days=1)}
    return render(
        request,
        "timelogs/past.html",
        {"patient": patient, "form": form, "about": _about(request, patient), **days, **more},
        status=status,
    )
