"""Deciding about rows: one beside the patient whom it may be, or many that differ."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused
from intake import acts, arrivals, policies, selectors
from intake.forms import DecideForm, DecideRestForm
from intake.labels import Tab, side_by_side
from intake.models import Candidate, Decision, PatientImport, State
from intake.views.arrivals import arrival_done
from intake.views.upload import import_of
from patients.chart_access import show_list
from patients.models import Patient


def _address(found: PatientImport, tab: Tab) -> str:
    return f"{reverse('intake:check', args=[found.pk])}?show={tab.value}"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PATIENT_ENROLL)
@once
def row(request, import_id, number):
    """A row beside the patient under its MRN, or beside those who may be the same person."""
    found = import_of(request, import_id)
    candidate = get_object_or_404(selectors.candidates(found).select_related("patient"), number=number)
    tab = Tab.of(candidate)
    if found.state != State.CHECKING or (found.is_file and not tab.is_decided):
        raise Http404
    initial = {"decision": candidate.decision, "reason": candidate.reason, "seen": acts.mark(candidate)}
    form = DecideForm(request.POST if request.method == "POST" else None, row=candidate, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            done = _decide(form, candidate, request.membership)
        except Refused as refusal:
            form.refuse(refusal)
            form.shown_again(seen=acts.mark(candidate))
        else:
            if not found.is_file:
                return arrival_done(request, found, done)
            messages.success(
                request, f"Row {number}: {Decision(form.cleaned_data['decision']).label.lower()}."
            )
            return see_other(_address(found, tab))
    twin = selectors.candidates(found).filter(number=candidate.twin or 0).first()
    people = _people(request, candidate, twin)
    context = {
        "found": found,
        "row": candidate,
        "form": form,
        "tab": tab,
        "back": _address(found, tab) if found.is_file else reverse("intake:arrivals"),
        "people": people,
        "without_errors": not policies.why_not_without_errors(candidate),
        "kept_until": acts.kept_until(found),
        "lines": side_by_side(candidate, people),
        "twin": twin,
    }
    return render(request, "intake/row.html", context, status=422 if form.is_bound else 200)


def _decide(form: DecideForm, candidate: Candidate, by) -> bool:
    """Of a message it is done at once: whether it is."""
    given = form.cleaned_data
    decided = {
        "decision": given["decision"],
        "taken_over": given["fields_over"],
        "reason": given["reason"].strip(),
        "seen": given["seen"],
        "by": by,
    }
    if candidate.patient_import.is_file:
        acts.decide(candidate, **decided)
        return False
    return arrivals.decide(candidate, **decided, at=timezone.now())


def _people(request, candidate: Candidate, twin: Candidate | None) -> list[Patient]:
    """Whom the row is shown beside, and who its twin is now; that they were shown is written down."""
    ids = [candidate.patient_id] if candidate.patient_id else list(candidate.doubles)
    if candidate.twin and twin is None:
        came_in = selectors.came_in(candidate.patient_import, [candidate.twin])
        ids += [person.pk for person in came_in.values()]
    people = list(
        Patient.objects.for_practice(request.practice)
        .filter(pk__in=ids)
        .order_by("family_name", "given_name", "pk")
    )
    for person in people:
        person.practice = request.practice
    show_list(request, people)
    return people


@require_POST
@requires(Permission.PATIENT_ENROLL)
@once
def decide_rest(request, import_id):
    """The same for every row that differs and is not decided yet."""
    found = import_of(request, import_id)
    form = DecideRestForm(request.POST)
    if form.is_valid():
        try:
            count = _decide_rest(form, found, request.membership)
        except Refused as refusal:
            found = import_of(request, import_id)
            left = selectors.counts(found)["at_once"]
            if not left:
                messages.warning(request, refusal.message)
                return see_other(_address(found, Tab.DIFFERENT))
            form.refuse(refusal)
            form.shown_again(undecided=left, version=found.version)
        else:
            messages.success(request, f"{count:,} rows decided.")
            return see_other(_address(found, Tab.DIFFERENT))
    left = selectors.counts(found)["at_once"]
    context = {"found": found, "form": form, "left": left, "back": _address(found, Tab.DIFFERENT)}
    return render(request, "intake/decide_rest.html", context, status=422)


def _decide_rest(form: DecideRestForm, found: PatientImport, by) -> int:
    given = form.cleaned_data
    return acts.decide_the_rest(
        found,
        decision=given["decision"],
        reason=given["reason"].strip(),
        undecided=given["undecided"],
        version=given["version"],
        by=by,
    )
