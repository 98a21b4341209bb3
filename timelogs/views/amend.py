"""What may follow a signature: amend, void, and approval by another person."""

from datetime import datetime

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.forms import ActForm
from foundation.htmx import leave_for
from foundation.months import in_words, month_of, parse_duration
from foundation.refusals import OperationReused, Refused, StaleRow, refuse_if
from timelogs.forms.corrections import AmendForm, VoidForm
from timelogs.models import TimeEntry
from timelogs.pages.session import Sheet
from timelogs.policies import why_not_correct
from timelogs.signing.amend import amend, amend_effect
from timelogs.signing.approve import approve
from timelogs.signing.months import why_shut
from timelogs.signing.void import void
from timelogs.views.answers import put_errors
from timelogs.views.loading import open_entry, own
from timelogs.views.record import record_page


def effect_of(entry: TimeEntry, seconds: int, *, at: datetime) -> dict:
    """What another length would make of the month: its total before and after."""
    before, after = amend_effect(entry, seconds=seconds, at=at)
    return {
        "seconds": seconds,
        "before": before,
        "after": after,
        "month": month_of(entry.started_at, tz=entry.practice.tz),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.TIME_LOG)
@once
def session_amend(request, entry_id):
    """A new version with a reason. Its effect on the month is shown before it is signed."""
    at = timezone.now()
    entry = own(request, open_entry(request, entry_id))
    refuse_if(why_not_correct(entry, by=request.membership))
    if request.method != "POST":
        return _effect(request, entry, at=at) if request.htmx else _amend_page(request, entry, at=at)
    form = AmendForm(request.POST, entry=entry, at=at, seconds=entry.seconds_signed)
    if not form.is_valid():
        return _amend_page(request, entry, at=at, form=form, status=422)
    if form.seconds not in {form.cleaned_data["effect_seen"], entry.seconds_signed}:
        return _amend_page(request, entry, at=at, form=form, look=True)
    try:
        new = _amend(request, entry, form, at=at)
    except (OperationReused, StaleRow):
        raise
    except Refused as refusal:
        put_errors(form, refusal)
        return _amend_page(request, entry, at=at, form=form, status=refusal.status)
    return leave_for(request, reverse("timelogs:session", args=[new.pk]))


def _amend(request, entry, form, *, at) -> TimeEntry:
    given = {"note": form.note, "seconds": form.seconds_typed, "reason": form.cleaned_data["reason"]}
    return amend(entry, **given, version=form.cleaned_data["version"], by=request.membership, at=at)


def _effect(request, entry, *, at):
    """The effect of the minutes being typed, for the page's script."""
    try:
        seconds = parse_duration(request.GET.get("minutes", ""))
    except Refused:
        seconds = entry.seconds_signed
    return render(request, "timelogs/_effect.html", {"effect": effect_of(entry, seconds, at=at)})


def _amend_page(request, entry, *, at, form=None, status=200, look=False):
    form = form or AmendForm(entry=entry, at=at, seconds=entry.seconds_signed)
    seconds = form.seconds if form.is_bound and "minutes" not in form.errors else entry.seconds_signed
    context = {
        "entry": entry,
        "patient": entry.patient,
        "sheet": Sheet(entry, at=at),
        "form": form,
        "effect": effect_of(entry, seconds, at=at),
        "look": look,
        "shut": why_shut(entry, at=at),
    }
    return render(request, "timelogs/amend.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.TIME_LOG)
@once
def session_void(request, entry_id):
    """Out of the month, with a reason; it stays readable."""
    at = timezone.now()
    entry = own(request, open_entry(request, entry_id))
    refuse_if(why_not_correct(entry, by=request.membership))
    form = VoidForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _void_page(request, entry, form, at=at, status=422 if form.is_bound else 200)
    try:
        void(entry, reason=form.cleaned_data["reason"], by=request.membership, at=at)
    except Refused as refusal:
        form.refuse(refusal)
        return _void_page(request, entry, form, at=at, status=refusal.status)
    messages.success(request, f"Voided. {in_words(entry.seconds_signed)} left the month.")
    return leave_for(request, reverse("timelogs:session", args=[entry.pk]))


def _void_page(request, entry, form, *, at, status):
    context = {
        "entry": entry,
        "patient": entry.patient,
        "form": form,
        "effect": effect_of(entry, 0, at=at),
        "shut": why_shut(entry, at=at),
    }
    return render(request, "timelogs/void.html", context, status=status)


@require_POST
@requires(Permission.TIME_APPROVE)
@once
def session_approve(request, entry_id):
    """Another person lets late or hand-entered time count."""
    at = timezone.now()
    entry = open_entry(request, entry_id)
    try:
        approve(entry, by=request.membership, at=at)
    except Refused as refusal:
        form = ActForm(request.POST)
        form.refuse(refusal)
        return record_page(request, entry, at=at, status=refusal.status, form=form)
    messages.success(request, "Approved. Its time counts now.")
    return leave_for(request, reverse("timelogs:session", args=[entry.pk]))
