"""Pages for records of one person: the likely ones, two side by side, merging, undoing."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, may, requires
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused, StaleRow
from patients import duplicates, merges, merging, selectors
from patients.chart_access import open_record, show_list
from patients.comparing import compare
from patients.forms.merging import FindOtherForm, MergeForm, TwoPeopleForm, UndoMergeForm
from patients.policies import why_not_merge
from patients.views.acts import page

PER_PAGE, FOUND, LATEST = 20, 10, 25


@require_safe
@requires(Permission.RECORDS_MERGE)
def possible_duplicates(request):
    found = Paginator(duplicates.pairs(request.practice), PER_PAGE).get_page(request.GET.get("page"))
    pairs = duplicates.with_patients(request.practice, found.object_list)
    merged = merges.standing(request.practice).order_by("-merged_at", "pk")[:LATEST]
    two = [(pair.one, pair.other) for pair in pairs] + [(row.duplicate, row.remaining) for row in merged]
    show_list(request, {patient for both in two for patient in both})
    context = {"page": found, "pairs": pairs, "merged": merged, "latest": LATEST}
    return render(request, "patients/duplicates.html", context)


@page
@requires(Permission.RECORDS_MERGE)
def merge_find(request, patient_id):
    """The other record of the same person. What is looked for is posted, so that no name gets into an address."""
    patient = open_record(request, patient_id)
    form = FindOtherForm(request.POST if request.method == "POST" else None)
    found = None
    if form.is_bound and form.is_valid():
        rows = selectors.find(request.practice, form.cleaned_data["q"]).exclude(pk=patient.pk)
        found = list(rows[: FOUND + 1])
        show_list(request, found[:FOUND])
    context = {"patient": patient, "form": form, "found": found and found[:FOUND], "asked": found is not None}
    context["more"] = bool(found) and len(found) > FOUND
    return render(request, "patients/merge_find.html", context)


@page
@requires(Permission.RECORDS_MERGE)
@once
def merge(request, patient_id, other_id):
    """The record that is merged, and the other, which remains, side by side; each difference is chosen."""
    at = timezone.now()
    duplicate, remaining = open_record(request, patient_id), open_record(request, other_id)
    lines = compare(duplicate, remaining, at=at)
    mark = merging.mark(duplicate, remaining, at=at)
    form = MergeForm(request.POST if request.method == "POST" else None, lines=lines, initial={"seen": mark})
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            merging.merge(
                duplicate,
                remaining,
                choices=form.choices(),
                seen=form.cleaned_data["seen"],
                reason=form.cleaned_data["reason"],
                by=request.membership,
                at=at,
            )
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
            if isinstance(refusal, StaleRow):
                form.shown_again(seen=mark)
        else:
            messages.success(request, f"MRN {duplicate.mrn} is merged into MRN {remaining.mrn}.")
            return see_other(_after(request, remaining))
    context = {
        "duplicate": duplicate,
        "remaining": remaining,
        "form": form,
        **_standing(request, duplicate, remaining, at),
    }
    return render(request, "patients/merge.html", context, status=status)


def _standing(request, duplicate, remaining, at) -> dict:
    """Whether they can be merged now, and what must be looked at."""
    why_not = why_not_merge(duplicate, remaining)
    return {
        "why_not": why_not,
        "unsettled": [] if why_not else _told(request, merging.unsettled(duplicate, at=at)),
        "together": [] if why_not else _told(request, merging.together(duplicate, remaining)),
        "sees_charts": may(request.membership, Permission.CHART_VIEW),
    }


def _told(request, points) -> list:
    return [point.told(request.membership) for point in points]


def _after(request, patient) -> str:
    """Who sees no chart goes on with the list."""
    if may(request.membership, Permission.CHART_VIEW):
        return reverse("chart", args=[patient.pk])
    return reverse("patients:duplicates")


@page
@requires(Permission.RECORDS_MERGE)
@once
def merge_undo(request, patient_id):
    """`patient_id`: the record that was merged into another."""
    at, patient = timezone.now(), open_record(request, patient_id)
    if patient.merged is None:
        raise Http404
    form = UndoMergeForm(
        request.POST if request.method == "POST" else None, initial={"merge": patient.merged.pk}
    )
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            merge = _as_shown(patient.merged, form.cleaned_data["merge"])
            done = merging.undo(merge, reason=form.cleaned_data["reason"], by=request.membership, at=at)
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
            if isinstance(refusal, StaleRow):
                form.shown_again(merge=patient.merged.pk)
        else:
            messages.success(request, merging.undo_in_words(done))
            return see_other(_after(request, patient))
    context = {"patient": patient, "merge": patient.merged, "form": form, "back": _after(request, patient)}
    return render(request, "patients/merge_undo.html", context, status=status)


def _as_shown(merge, shown):
    if merge.pk != shown:
        raise StaleRow(
            "The merge that this page showed was undone, and the record was merged again. Look at what is shown now, "
            "then undo it if that is meant."
        )
    return merge


@page
@requires(Permission.RECORDS_MERGE)
@once
def two_people(request, patient_id, other_id):
    one, other = open_record(request, patient_id), open_record(request, other_id)
    at = timezone.now()
    form = TwoPeopleForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            duplicates.say_two_people(one, other, **form.given(), by=request.membership, at=at)
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, "Remembered: they are two people. The pair left the list.")
            return see_other(reverse("patients:duplicates"))
    context = {"one": one, "other": other, "form": form, "lines": compare(one, other, at=at)}
    return render(request, "patients/two_people.html", context, status=status)
