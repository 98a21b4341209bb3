"""Drafts of people who left: the list, handing one over, closing one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.htmx import leave_for
from foundation.refusals import OperationReused, Refused, StaleRow, refuse_if
from patients.chart_access import show_list
from timelogs.forms.left_drafts import CloseLeftForm, HandOverForm
from timelogs.note.handovers import open_handovers
from timelogs.policies import why_not_left
from timelogs.signing import left_drafts as left
from timelogs.views.loading import open_entry

PAGE = 25
page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@requires(Permission.TIME_APPROVE)
def left_drafts(request):
    """Oldest first: each day that passes makes it harder to say what became of it."""
    found = Paginator(left.left_drafts(request.practice, at=timezone.now()), PAGE).get_page(
        request.GET.get("page")
    )
    rows, lengths = open_handovers(found.object_list), left.seconds_of(found.object_list)
    for entry in found.object_list:
        entry.held, entry.length = rows.get(entry.pk), lengths.get(entry.pk, 0)
    show_list(request, {entry.patient for entry in found.object_list})
    return render(request, "timelogs/left_drafts.html", {"page": found})


@page
@requires(Permission.TIME_APPROVE)
@once
def session_hand_over(request, entry_id):
    at, entry = timezone.now(), open_entry(request, entry_id)
    refuse_if(why_not_left(entry, signs=not left.is_left(entry, at=at)))
    form = HandOverForm(request.POST or None, colleagues=left.logs_time(request.practice, at))

    def do(given):
        left.hand_over(entry, **given, by=request.membership, at=at)

    words = {"title": "Hand over the draft", "submit": "Hand it over"}
    return _act(request, entry, form, do, done="Handed over. It stands in the other person’s inbox.", **words)


@page
@requires(Permission.TIME_LOG)
@once
def session_close_left(request, entry_id):
    at, entry = timezone.now(), open_entry(request, entry_id)
    refuse_if(why_not_left(entry, signs=not left.is_left(entry, at=at)))
    form = CloseLeftForm(request.POST or None)

    def do(given):
        left.close_left(entry, **given, by=request.membership, at=at)

    words = {"title": "Close the draft", "submit": "Close the draft", "danger": True}
    return _act(request, entry, form, do, done="The draft was closed. Its time is not counted.", **words)


def _act(request, entry, form, do, *, done: str, **words):
    """Show the form, or do the act and go back to the session. `do` takes the cleaned values."""
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            do(form.given())
        except (OperationReused, StaleRow):
            raise
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, done)
            return leave_for(request, reverse("timelogs:session", args=[entry.pk]))
    context = {"entry": entry, "patient": entry.patient, "form": form, **words}
    return render(request, "timelogs/left_act.html", context, status=status)
