"""A chart that starts the clock by itself: asked after the grace, declined, or a contact pressed there."""

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.htmx import leave_for, see_other
from foundation.refusals import Refused
from patients.chart_access import open_chart
from timelogs.clock.acts import ClockRunning
from timelogs.clock.auto_start import UNDONE, start_by_opening, starts_by_itself
from timelogs.clock.contacts import Channel, start_contact
from timelogs.views.declined import decline, declined
from timelogs.views.loading import entry_of, own
from timelogs.views.sessions import other_clock


def opens_clock(request, patient, *, at) -> bool:
    """Whether this chart, opened now, starts the clock: she wants it, and has not said no to it here today."""
    return not declined(request, patient) and starts_by_itself(patient, by=request.membership, at=at)


@require_POST
@requires(Permission.TIME_LOG)
@once
def session_opened(request, patient_id):
    """The grace is over: the clock starts. Says so, with the way back; says nothing where none starts."""
    patient, at = open_chart(request, patient_id), timezone.now()
    entry = None if declined(request, patient) else start_by_opening(patient, by=request.membership, at=at)
    if entry is None:
        return HttpResponse(status=204)
    return see_other(reverse("timelogs:session_opening", args=[entry.pk]))


@require_safe
@requires(Permission.TIME_LOG)
def session_opening(request, entry_id):
    """The chart's word on the session that it started by itself: since when, and the way back."""
    entry = own(request, entry_of(request, entry_id))
    context = {"entry": entry, "patient": entry.patient, "undone": UNDONE, "operation_id": uuid4()}
    response = render(request, "timelogs/_opened.html", context)
    response["HX-Trigger"] = "clock-changed"
    return response


@require_POST
@requires(Permission.TIME_LOG)
def session_not_opened(request, patient_id):
    """*Not this time*."""
    patient = open_chart(request, patient_id)
    decline(request, patient)
    if request.htmx:
        return render(request, "timelogs/_not_opened.html", {"patient": patient})
    return leave_for(request, reverse("chart", args=[patient.pk]))


@require_POST
@requires(Permission.TIME_LOG)
@once
def session_contact(request, patient_id):
    """Call, video or message pressed on the chart: the session runs, and the contact is in its note."""
    patient, at = open_chart(request, patient_id), timezone.now()
    channel = request.POST.get("channel", "")
    if channel not in set(Channel):
        raise Refused("Choose call, video or message.")
    switch = request.POST.get("switch") == "1"
    try:
        entry = start_contact(patient, Channel(channel), by=request.membership, at=at, switch=switch)
    except ClockRunning as running:
        where = {"action": request.path, "cancel": reverse("chart", args=[patient.pk]), "verb": "start"}
        return other_clock(request, running, patient, at=at, channel=channel, **where)
    return leave_for(request, reverse("timelogs:session", args=[entry.pk]))
