"""Sessions about an escalation: started from it, and those that were."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, may, requires
from dispatch.operations import once
from escalations.models import Escalation
from foundation.htmx import leave_for
from patients.chart_access import open_chart
from timelogs.clock.acts import ClockRunning
from timelogs.clock.escalations import sessions_about, start_about
from timelogs.views.sessions import other_clock


def _escalation(request, escalation_id) -> Escalation:
    row = get_object_or_404(Escalation.objects.for_practice(request.practice), pk=escalation_id)
    row.practice, row.patient = request.practice, open_chart(request, row.patient_id)
    return row


@require_POST
@requires(Permission.TIME_LOG)
@once
def escalation_session(request, escalation_id):
    """One button: the draft, its clock, and what was found in the note."""
    row, at = _escalation(request, escalation_id), timezone.now()
    try:
        entry = start_about(row, by=request.membership, at=at, switch=request.POST.get("switch") == "1")
    except ClockRunning as running:
        back = reverse("escalations:escalation", args=[row.pk])
        where = {"action": request.path, "cancel": back, "verb": "start"}
        return other_clock(request, running, row.patient, at=at, **where)
    return leave_for(request, reverse("timelogs:session", args=[entry.pk]))


@require_safe
@requires(Permission.CHART_VIEW)
def escalation_sessions(request, escalation_id):
    """For the escalation's page: what was documented about it, and the way to document more."""
    row = _escalation(request, escalation_id)
    context = {
        "escalation": row,
        "sessions": sessions_about(row),
        "logs_time": may(request.membership, Permission.TIME_LOG) and not row.patient.merged,
    }
    return render(request, "timelogs/_escalation_sessions.html", context)
