"""Making a draft final, or discarding it."""

from django.contrib import messages
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.htmx import leave_for
from foundation.months import in_words
from foundation.refusals import OperationReused, Refused
from timelogs.clock.acts import discard
from timelogs.forms.clock import DiscardForm
from timelogs.models import Status
from timelogs.note.conflicts import Conflict, save_note
from timelogs.note.drafts import show_readings
from timelogs.note.reviewed import ReadingsChanged
from timelogs.signing.sign import sign
from timelogs.views.answers import draft_page, ended_page, note_form, put_errors
from timelogs.views.declined import decline
from timelogs.views.drafts import conflict_answer
from timelogs.views.loading import open_entry, own


@require_POST
@requires(Permission.TIME_LOG)
@transaction.non_atomic_requests
def session_sign(request, entry_id):
    """Keep what was typed, then sign it, in two transactions: a refused signature loses no word.

    The clock stops when the press arrived: what a busy server took to get to it was not worked.
    """
    at = request.received_at
    with transaction.atomic():
        entry = own(request, open_entry(request, entry_id))
        form = note_form(request, entry, at=at)
        try:
            entry = _keep(request, entry, form, at=at)
        except Conflict as conflict:
            return conflict_answer(request, conflict, form, at=at)
    try:
        return _sign(request, entry_id, entry=entry, form=form, at=at)
    except OperationReused:
        raise
    except Refused as refusal:
        return _not_signed(request, entry_id, form, refusal, at=at)


session_sign.once = True


def _keep(request, entry, form, *, at):
    if entry.status != Status.DRAFT:
        return entry
    sent = {"version": form.cleaned_data.get("version"), "keep_mine": "keep_mine" in request.POST}
    return save_note(entry, note=form.note, by=request.membership, at=at, **sent)[0]


@once
def _sign(request, entry_id, *, entry, form, at):
    """The part that happens once. A repeated click gets the first one's answer."""
    if entry.status == Status.DRAFT:
        if not form.is_valid() or not form.demand_minutes():
            raise Refused("")
        more = {"seconds": form.seconds_typed, "raise_reason": form.cleaned_data["raise_reason"]}
    else:
        more = {}
    signed = sign(entry, version=entry.version, by=request.membership, at=at, **more)
    if request.POST.get("then") == "next":
        messages.success(request, f"Signed: {in_words(signed.seconds_signed)} recorded.")
        return leave_for(request, reverse("caseload"))
    return leave_for(request, reverse("timelogs:session", args=[entry.pk]))


@transaction.atomic
def _not_signed(request, entry_id, form, refusal: Refused, *, at):
    """422 with each problem at its field. The note is saved already; the form goes on from there."""
    entry = own(request, open_entry(request, entry_id))
    if entry.status != Status.DRAFT:
        return ended_page(request, entry, form)
    form.data = form.data.copy()
    if isinstance(refusal, ReadingsChanged):
        entry = show_readings(entry, by=request.membership, at=at)
        form.data.pop("data_reviewed", None)
    form.data["version"] = entry.version
    if refusal.message:
        put_errors(form, refusal)
    return draft_page(request, entry, at=at, form=form, status=refusal.status)


@require_POST
@requires(Permission.TIME_LOG)
@once
def session_discard(request, entry_id):
    """Away with the draft, with a reason; it stays in the record."""
    at = timezone.now()
    entry = own(request, open_entry(request, entry_id))
    reason = DiscardForm(request.POST)
    if not reason.is_valid():
        error = next(iter(reason.errors.values()))[0]
        return draft_page(
            request, entry, at=at, form=note_form(request, entry, at=at), status=422, discard_error=error
        )
    if request.POST.get("untouched_since") not in {None, str(entry.version)}:
        raise Refused(
            "You have worked in this session since. Open it, and discard it there if you still want to."
        )
    discard(entry, reason=reason.cleaned_data["discard_reason"], by=request.membership, at=at)
    decline(request, entry.patient)
    messages.success(request, "The draft was discarded. Its time is not counted.")
    return leave_for(request, reverse("chart", args=[entry.patient_id]))
