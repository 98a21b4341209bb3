"""Saving a draft while it is typed, and by hand."""

import json

from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.permissions import Permission, requires
from foundation.htmx import see_other
from timelogs.clock.acts import pause
from timelogs.forms.note import NoteForm
from timelogs.models import Status
from timelogs.note.conflicts import Conflict, save_note
from timelogs.note.drafts import show_readings
from timelogs.note.fields import NOTE_FIELDS
from timelogs.pages.session import Sheet
from timelogs.views.answers import conflict_rows, draft_page, ended_page, note_form, parts
from timelogs.views.loading import entry_of, open_entry, own


@require_POST
@requires(Permission.TIME_LOG)
def session_autosave(request, entry_id):
    """Keep what can be read of the note. The script gets the status line; a plain form gets the page again."""
    at = timezone.now()
    entry = own(request, entry_of(request, entry_id) if request.htmx else open_entry(request, entry_id))
    form = note_form(request, entry, at=at)
    if entry.status != Status.DRAFT:
        return ended_page(request, entry, form)
    sent = {"version": form.cleaned_data.get("version"), "keep_mine": "keep_mine" in request.POST}
    try:
        entry, there = save_note(entry, note=form.note, by=request.membership, at=at, **sent)
    except Conflict as conflict:
        return conflict_answer(request, conflict, form, at=at)
    if "show_readings" in request.POST:
        entry = show_readings(entry, by=request.membership, at=at)
    if request.htmx:
        return parts(request, "_saved.html", entry, at=at, form=form, **_told(entry, form, there, at))
    if any(name in form.errors for name in NOTE_FIELDS):
        return draft_page(request, entry, at=at, form=form, status=422)
    if "leave" in request.POST:
        return _leave(request, entry, at=at)
    there = "#data-facts" if "show_readings" in request.POST else ""
    return see_other(reverse("timelogs:session", args=[entry.pk]) + there)


def _told(entry, form, there, at) -> dict:
    """What the status line says besides the time: fields that could not be read, and what another screen wrote."""
    fresh = NoteForm(entry=entry, at=at)
    values = {name: fresh[name].value() for name in there if name in fresh.fields}
    return {
        "there_json": json.dumps(values, default=str),
        "there": bool(values),
        "unread": ", ".join(form.fields[name].label.lower() for name in form.errors if name in NOTE_FIELDS),
    }


def _leave(request, entry, *, at):
    """*Keep as draft*: nobody works on it any more, so its clock stops."""
    if Sheet(entry, at=at).clock:
        pause(entry, by=request.membership, at=at, reason="kept as a draft")
    return see_other(reverse("chart", args=[entry.patient_id]))


def conflict_answer(request, conflict: Conflict, form, *, at):
    """409 with both texts: nothing was saved, nothing is lost."""
    more = {"conflict": conflict, "rows": conflict_rows(conflict, form), "form": form}
    if request.htmx:
        return parts(request, "_conflict.html", conflict.entry, at=at, status=409, **more)
    return draft_page(request, conflict.entry, at=at, status=409, **more)
