"""A reviewer's choice where two people were at work with one patient at the same time: both count, or one."""

from datetime import datetime

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.htmx import leave_for
from foundation.refusals import Refused, refuse_if
from timelogs.forms.corrections import BothCountForm, ConcurrenceForm, CountOnceForm
from timelogs.models import TimeEntry
from timelogs.signing import shared_minutes
from timelogs.signing.months import why_shut
from timelogs.views.loading import open_entry


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.TIME_APPROVE)
@once
def session_count_both(request, entry_id):
    """This session counts beside those that share its minutes. Says what that makes of the month."""
    at, entry = timezone.now(), open_entry(request, entry_id)
    if request.method != "POST":
        refuse_if(shared_minutes.why_not_let(entry, by=request.membership, at=at))
        return _page(request, entry, BothCountForm(initial=_shown(shared_minutes.undecided(entry))), at=at)
    done = "Both count now. Your reason stands in the record."
    return _decide(request, entry, BothCountForm(request.POST), shared_minutes.let_both_count, done, at=at)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.TIME_APPROVE)
@once
def session_count_once(request, entry_id):
    """Takes that back."""
    at, entry = timezone.now(), open_entry(request, entry_id)
    if request.method != "POST":
        refuse_if(shared_minutes.why_not_take_back(entry, by=request.membership))
        return _page(request, entry, CountOnceForm(initial=_shown(shared_minutes.decided(entry))), at=at)
    done = "The same minutes count once again."
    return _decide(request, entry, CountOnceForm(request.POST), shared_minutes.count_once, done, at=at)


def _shown(others: list[TimeEntry]) -> dict:
    return {"others": " ".join(str(each.pk) for each in others)}


def _decide(request, entry: TimeEntry, form: ConcurrenceForm, act, done: str, *, at: datetime):
    if not form.is_valid():
        return _page(request, entry, form, at=at, status=422)
    try:
        act(entry, **form.given(), by=request.membership, at=at)
    except Refused as refusal:
        # The next click is about whom this answer shows.
        form.data = {**form.data.dict(), **_shown(_others(entry, form))}
        form.refuse(refusal)
        return _page(request, entry, form, at=at, status=refusal.status)
    messages.success(request, done)
    return leave_for(request, reverse("timelogs:session", args=[entry.pk]))


def _others(entry: TimeEntry, form: ConcurrenceForm) -> list[TimeEntry]:
    """About whom the form decides, as things stand."""
    ask = shared_minutes.undecided if isinstance(form, BothCountForm) else shared_minutes.decided
    return ask(entry)


def _page(request, entry: TimeEntry, form: ConcurrenceForm, *, at: datetime, status: int = 200):
    others = _others(entry, form)
    meant = {each.pk for each in others}
    times = shared_minutes.shared_time(entry, entry.segments.filter(standing=True))
    context = {
        "entry": entry,
        "patient": entry.patient,
        "shared": [each for each in times if each.entry_id in meant],
        "form": form,
        "effects": shared_minutes.effects(entry, others, both=isinstance(form, BothCountForm), at=at),
        "shut": why_shut(entry, at=at),
    }
    return render(request, "timelogs/concurrent.html", context, status=status)
