"""What the views of a draft answer with: its page, its parts for the script, and what stands in the way."""

from datetime import datetime

from django.shortcuts import render

from foundation.refusals import Refused
from timelogs.clock.status import GapView
from timelogs.forms.clock import GapForm
from timelogs.forms.note import NoteForm
from timelogs.labels import field_in_words
from timelogs.models import Status, TimeEntry
from timelogs.note.conflicts import Conflict
from timelogs.pages.session import Sheet
from timelogs.signing.sign import NotReady


def note_form(request, entry: TimeEntry, *, at: datetime) -> NoteForm:
    """The form as it was sent, read as far as it can be."""
    form = NoteForm(request.POST, entry=entry, at=at)
    form.is_valid()
    return form


def draft_page(
    request, entry: TimeEntry, *, at: datetime, form: NoteForm | None = None, status: int = 200, **more
):
    """The page of one's own draft. `form` carries what was typed when it comes back."""
    sheet = Sheet(entry, at=at)
    form = form or NoteForm(entry=entry, at=at, seconds=sheet.measured)
    return render(
        request,
        "timelogs/session.html",
        {**_basics(request, entry, sheet), "form": form, **more},
        status=status,
    )


def parts(request, template: str, entry: TimeEntry, *, at: datetime, status: int = 200, **more):
    """Pieces of the draft's page, each with the id of what it replaces."""
    return render(
        request,
        f"timelogs/{template}",
        {**_basics(request, entry, Sheet(entry, at=at)), **more},
        status=status,
    )


def _basics(request, entry: TimeEntry, sheet: Sheet) -> dict:
    gaps = sheet.clock.gaps if sheet.clock else []
    return {
        "entry": entry,
        "patient": entry.patient,
        "sheet": sheet,
        "gap_forms": [gap_form(request, gap) for gap in gaps],
    }


def gap_form(request, gap: GapView) -> GapForm:
    """The form of one gap, with what was typed when it is this one that was sent."""
    sent = request.POST.get("gap") == str(gap.id)
    return GapForm(request.POST if sent else None, gap=gap)


def put_errors(form: NoteForm, refusal: Refused) -> None:
    """Each problem at its field; what belongs to no field above the form."""
    if not isinstance(refusal, NotReady):
        return form.refuse(refusal)
    for problem in refusal.problems:
        form.add_error(problem.field if problem.field in form.fields else None, problem.message)


def conflict_rows(conflict: Conflict, form: NoteForm) -> list[dict]:
    """Both texts of every field that two screens changed."""
    mine = _typed(conflict.entry, form.note)
    return [
        {
            "label": _label(name),
            "mine": field_in_words(mine, name),
            "theirs": field_in_words(conflict.entry, name),
        }
        for name in conflict.clashes
    ]


def typed_since(entry: TimeEntry, form: NoteForm) -> list[tuple[str, str]]:
    """(label, text) of what was typed after the draft was signed or ended, so that it is not lost."""
    mine = _typed(entry, form.note)
    both = [(name, field_in_words(mine, name), field_in_words(entry, name)) for name in form.note]
    return [(_label(name), text) for name, text, stored in both if text and text != stored]


def _typed(entry: TimeEntry, note: dict) -> TimeEntry:
    """What was typed as an entry in memory, never saved."""
    return TimeEntry(practice=entry.practice, **note)


def _label(name: str) -> str:
    label = TimeEntry._meta.get_field(name).verbose_name
    return label[0].upper() + label[1:]


def ended_page(request, entry: TimeEntry, form: NoteForm):
    """409: the draft was signed or ended on another screen; the later typing is shown to be taken along."""
    found = {"entry": entry, "patient": entry.patient, "typed": typed_since(entry, form)}
    page = "timelogs/_ended.html" if request.htmx else "timelogs/ended.html"
    return render(request, page, {**found, "signed": entry.status == Status.SIGNED}, status=409)
