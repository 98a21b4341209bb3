"""A reviewer's choice where two people were at work with one patient at the same time: both count, or one."""

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.htmx import leave_for
from foundation.months import month_of
from foundation.refusals import Refused, refuse_if
from timelogs import concurrent
from timelogs.act_forms import BothCountForm, CountOnceForm
from timelogs.models import PatientMonth, TimeEntry
from timelogs.policies import why_not_once
from timelogs.sheet import Sheet
from timelogs.signing import why_shut
from timelogs.views.loading import open_entry


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.TIME_APPROVE)
@once
def session_count_both(request, entry_id):
    """This session counts beside the other person's in the same minutes. Says what that makes of the month."""
    at, entry = timezone.now(), open_entry(request, entry_id)
    if request.method != "POST":
        refuse_if(concurrent.why_not_let(entry, by=request.membership, at=at))
    act = (concurrent.let_both_count, "Both count now. Your reason stands in the record.")
    return _decide(request, entry, BothCountForm, act, at=at)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.TIME_APPROVE)
@once
def session_count_once(request, entry_id):
    """Takes that back."""
    at, entry = timezone.now(), open_entry(request, entry_id)
    if request.method != "POST":
        refuse_if(why_not_once(entry, by=request.membership))
    act = (concurrent.count_once, "The same minutes count once again.")
    return _decide(request, entry, CountOnceForm, act, at=at)


def _decide(request, entry: TimeEntry, form_class, act, *, at):
    if request.method != "POST":
        return _page(request, entry, form_class(initial={"version": entry.version}), at=at)
    form = form_class(request.POST)
    if not form.is_valid():
        return _page(request, entry, form, at=at, status=422)
    service, done = act
    try:
        service(entry, **form.given(), version=form.cleaned_data["version"], by=request.membership, at=at)
    except Refused as refusal:
        # The next click is about the session as it is now.
        form.data = {**form.data.dict(), "version": entry.version}
        form.refuse(refusal)
        return _page(request, entry, form, at=at, status=refusal.status)
    messages.success(request, done)
    return leave_for(request, reverse("timelogs:session", args=[entry.pk]))


def _page(request, entry: TimeEntry, form, *, at, status: int = 200):
    context = {
        "entry": entry,
        "patient": entry.patient,
        "sheet": Sheet(entry, at=at),
        "form": form,
        "effect": _effect(entry, at=at),
        "shut": why_shut(entry, at=at),
    }
    return render(request, "timelogs/concurrent.html", context, status=status)


def _effect(entry: TimeEntry, *, at) -> dict | None:
    """What the decision would make of the month in which the session began."""
    day = month_of(entry.started_at, tz=entry.practice.tz)
    rows = PatientMonth.objects.select_related("practice").filter(patient=entry.patient, month=day)
    if (month := rows.first()) is None:
        return None
    before, after = concurrent.effect_on_month(entry, month, at=at)
    return {"month": day, "before": before, "after": after}
