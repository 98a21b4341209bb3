"""Starting a session, and the page of one: the note while it is a draft, the record once it is signed."""

from uuid import uuid4

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, may, requires
from dispatch.operations import once
from foundation.htmx import leave_for
from patients.chart_access import open_chart
from timelogs.clock.acts import ClockRunning, start_session
from timelogs.clock.status import clock_view
from timelogs.models import Status
from timelogs.views.answers import draft_page
from timelogs.views.loading import is_own, open_entry
from timelogs.views.record import record_page


@require_POST
@requires(Permission.TIME_LOG)
@once
def session_start(request, patient_id):
    """One button: the draft and its clock. Beside another running clock it asks which to go on with."""
    patient = open_chart(request, patient_id)
    at, switch = timezone.now(), request.POST.get("switch") == "1"
    try:
        entry = start_session(patient, by=request.membership, at=at, switch=switch)
    except ClockRunning as running:
        where = {"action": request.path, "cancel": reverse("chart", args=[patient.pk]), "verb": "start"}
        return other_clock(request, running, patient, at=at, **where)
    return leave_for(request, reverse("timelogs:session", args=[entry.pk]))


def other_clock(request, running: ClockRunning, patient, *, at, **where):
    """409: another session of this person runs. Nothing happened yet; three ways on."""
    view = clock_view(running.entry, at=at)
    context = {
        "running": running,
        "patient": patient,
        "here": running.entry.practice_id == request.practice.pk,
        "minutes": view.seconds // 60 if view else 0,
        "operation_id": uuid4(),
        **where,
    }
    return render(request, "timelogs/clock_running.html", context, status=409)


@require_safe
@requires(Permission.CHART_VIEW)
def session(request, entry_id):
    """One's own draft to write in; everything else to read."""
    entry = open_entry(request, entry_id)
    writes = (
        entry.status == Status.DRAFT
        and is_own(request, entry)
        and may(request.membership, Permission.TIME_LOG)
    )
    show = draft_page if writes else record_page
    return show(request, entry, at=timezone.now())
