"""An import's page: its rows while they are checked, how far it is while they are taken in, whom it brought."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.htmx import page_or_partial, see_other
from intake import acts, arrivals, selectors, taking
from intake.forms import DecideRestForm, TakeInForm
from intake.labels import Tab, rows_to_print
from intake.models import ImportedPatient, PatientImport, State, What
from intake.views.arrivals import arrival_done
from intake.views.upload import import_of
from patients.chart_access import show_list

PER_PAGE = 25
# htmx's own status for "this was the last poll".
STOP_POLLING = 286


@require_safe
@requires(Permission.PATIENT_ENROLL)
def check(request, import_id):
    """Nothing is written here; the page polls itself while rows are taken in."""
    found = import_of(request, import_id)
    if found.state == State.COLUMNS:
        return see_other(reverse("intake:columns", args=[found.pk]))
    if found.state == State.TAKING or request.htmx:
        return _progress(request, found)
    if found.is_open and not found.is_file:
        return see_other(reverse("intake:row", args=[found.pk, 1]))
    return _rows(request, found) if found.is_open else _result(request, found)


def _progress(request, found: PatientImport):
    running = found.state == State.TAKING
    left = selectors.candidates(found).filter(taking=True).count() if running else 0
    total = found.finished + left
    context = {
        "found": found,
        "running": running,
        "stalled": selectors.stalled(found),
        "done": found.finished,
        "total": total,
        "quarter": found.finished * 4 // total * 25 if total else 100,
        "result": "" if running else taking.result_in_words(found),
    }
    status = STOP_POLLING if request.htmx and not running else 200
    return page_or_partial(request, "intake/taking.html", "intake/_taking.html", context, status=status)


def _rows(request, found: PatientImport):
    counts = selectors.counts(found)
    tab = Tab.asked_for(request.GET.get("show", ""), counts)
    page = Paginator(selectors.candidates(found).filter(tab.rows), PER_PAGE).get_page(request.GET.get("page"))
    rows = rows_to_print(found, page.object_list)
    show_list(request, [person for row in rows for person in (row.patient, row.twin) if person])
    context = {
        "found": found,
        "counts": counts,
        "bad": counts["all"] - counts["good"],
        "tab": tab,
        "tabs": [(each, each.count(counts)) for each in Tab],
        "page": page,
        "rows": rows,
        "rest": _rest(found, tab, counts),
        "kept_until": acts.kept_until(found),
    }
    return render(request, "intake/check.html", context)


def _rest(found: PatientImport, tab: Tab, counts: dict[str, int]) -> DecideRestForm | None:
    """To decide many rows at once, beside them."""
    if tab != Tab.DIFFERENT or counts["at_once"] < 2:
        return None
    return DecideRestForm(initial={"undecided": counts["at_once"], "version": found.version})


def _result(request, found: PatientImport):
    rows = ImportedPatient.objects.for_practice(request.practice).filter(patient_import=found)
    brought = rows.exclude(what=What.KEPT).select_related("patient", "decided_by__user").order_by("row")
    page = Paginator(brought, PER_PAGE).get_page(request.GET.get("page"))
    show_list(request, [row.patient for row in page.object_list])
    return render(request, "intake/result.html", {"found": found, "page": page})


@require_POST
@requires(Permission.PATIENT_ENROLL)
@once
def take_in(request, import_id):
    form = TakeInForm(request.POST)
    form.full_clean()
    everything, found = form.cleaned_data["everything"], import_of(request, import_id)
    if not found.is_file:
        return arrival_done(request, found, arrivals.take_in(found, by=request.membership, at=timezone.now()))
    taking.start(found, everything=everything, by=request.membership)
    return see_other(reverse("intake:check", args=[found.pk]))


@require_POST
@requires(Permission.PATIENT_ENROLL)
@once
def end(request, import_id):
    found = acts.end(import_of(request, import_id), by=request.membership, at=timezone.now())
    if not found.is_file:
        return arrival_done(request, found, True)
    told = "The rest of the file is left out" if found.state == State.DONE else "The file is discarded"
    messages.success(request, f"{told}. Its rows are no longer kept.")
    return see_other(reverse("intake:bring_in"))
