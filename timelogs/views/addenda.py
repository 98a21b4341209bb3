"""What follows a signature without time: an addendum by any clinician here, the author's own attestation."""

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
from timelogs.forms.corrections import AddendumForm, AttestForm
from timelogs.labels import contact_in_words
from timelogs.models import AdditionKind, TimeEntry
from timelogs.pages.reviewed import lines
from timelogs.policies import why_not_add, why_not_attest
from timelogs.signing import addenda
from timelogs.views.loading import open_entry, own
from timelogs.views.record import versions


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.TIME_LOG)
@once
def session_addendum(request, entry_id):
    """Words without time under a signed session, in a closed month too, by its author or a colleague as herself."""
    at = timezone.now()
    entry = open_entry(request, entry_id)
    if request.method != "POST":
        refuse_if(why_not_add(entry))
        return _addendum_page(request, entry, AddendumForm(initial={"version": entry.version}))
    form = AddendumForm(request.POST)
    if not form.is_valid():
        return _addendum_page(request, entry, form, status=422)
    try:
        addenda.add_addendum(entry, **form.given(), **_sign(request, form, at))
    except Refused as refusal:
        return _addendum_page(request, entry, _told(form, refusal, entry), status=refusal.status)
    messages.success(request, "Addendum signed. It stands below the note.")
    return leave_for(request, reverse("timelogs:session", args=[entry.pk]))


def _sign(request, form, at: datetime) -> dict:
    return {"version": form.cleaned_data["version"], "by": request.membership, "at": at}


def _told(form, refusal: Refused, entry: TimeEntry):
    """The form with its refusal and the session as it is now: the next click is about that."""
    form.data = {**form.data.dict(), "version": entry.version}
    form.refuse(refusal)
    return form


def _addendum_page(request, entry: TimeEntry, form, *, status: int = 200):
    chain = versions(entry)
    context = {
        "entry": entry,
        "patient": entry.patient,
        "by": request.membership,
        "form": form,
        "contact": contact_in_words(entry),
        "reviewed": lines(entry),
        "addenda": [r for r in addenda.additions_of(chain) if r.kind == AdditionKind.ADDENDUM],
        "newer": chain[-1] if chain[-1] != entry else None,
    }
    return render(request, "timelogs/addendum.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.TIME_LOG)
@once
def session_attest(request, entry_id):
    """The author states, once and today, that notes and signature are hers. No field: what is shown is signed."""
    at = timezone.now()
    entry = own(request, open_entry(request, entry_id))
    refuse_if(why_not_attest(entry, by=request.membership) or addenda.why_attested(entry))
    form = AttestForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _attest_page(request, entry, form, status=422 if form.is_bound else 200)
    try:
        addenda.attest(entry, seen=form.cleaned_data["seen"], by=request.membership, at=at)
    except Refused as refusal:
        form.refuse(refusal)
        return _attest_page(request, entry, form, status=refusal.status)
    messages.success(request, "Attested. It stands beside the signature.")
    return leave_for(request, reverse("timelogs:session", args=[entry.pk]))


def _attest_page(request, entry: TimeEntry, form, *, status: int):
    """A statement that was not the one read is shown anew, and the form carries that one."""
    statement = addenda.statement(entry, by=request.membership)
    if form.is_bound:
        form.data = {**form.data.dict(), "seen": statement}
    else:
        form.initial["seen"] = statement
    context = {"entry": entry, "patient": entry.patient, "form": form, "statement": statement}
    return render(request, "timelogs/attest.html", context, status=status)
