"""A patient's readings: the panel on the chart, the whole table, excluding or correcting one with a reason."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission, may, requires
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused, refuse_if
from monitoring import services
from monitoring.forms import CorrectForm, ExcludeForm, ReadingsFilter
from monitoring.models import Reading
from monitoring.panel import DAYS, lines_of, panel
from monitoring.ranges import Ranges
from patients.chart_access import open_chart
from patients.labels import number

PER_PAGE = 50


def panel_context(request, patient) -> dict:
    """The panel that the address asks for: `?measure=` and `?days=`."""
    today = timezone.now().astimezone(patient.tz).date()
    asked = request.GET
    shown = panel(patient, until=today, measure=asked.get("measure", ""), days=asked.get("days", 30))
    return {"patient": patient, "panel": shown, "day_choices": DAYS}


@require_safe
@requires(Permission.CHART_VIEW)
def readings_panel(request, patient_id):
    patient = open_chart(request, patient_id)
    return render(request, "monitoring/_panel.html", panel_context(request, patient))


@require_safe
@requires(Permission.CHART_VIEW)
def readings(request, patient_id):
    """Every reading, newest first, excluded ones struck through."""
    patient = open_chart(request, patient_id)
    rows = Reading.objects.for_practice(request.practice).filter(patient=patient)
    form = ReadingsFilter(request.GET)
    rows = _filtered(rows, form).select_related("device").order_by("-taken_at", "measure")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    ranges = Ranges.of(request.practice, [patient.pk])
    context = {
        "patient": patient,
        "form": form,
        "page": page,
        "lines": list(lines_of(page.object_list, ranges)),
        "can_exclude": may(request.membership, Permission.READINGS_IMPORT),
        "last": rows.first() if page.paginator.count else None,
        "zone": patient.tz,
    }
    return render(request, "monitoring/readings.html", context)


def _filtered(rows, form: ReadingsFilter):
    form.is_valid()
    asked = form.cleaned_data
    if asked.get("measure"):
        rows = rows.filter(measure=asked["measure"])
    if asked.get("since"):
        rows = rows.filter(day__gte=asked["since"])
    if asked.get("until"):
        rows = rows.filter(day__lte=asked["until"])
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.READINGS_IMPORT)
@once
def reading_exclude(request, patient_id, reading_id):
    """Exclude a reading with a reason, or let an excluded one count again."""
    patient = open_chart(request, patient_id)
    rows = Reading.objects.for_practice(request.practice).select_related("device")
    reading = get_object_or_404(rows, patient=patient, pk=reading_id)
    back = bool(reading.excluded_reason)
    form = ExcludeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        act = services.readmit if back else services.exclude
        try:
            act(reading, reason=form.cleaned_data["reason"], by=request.membership, at=timezone.now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request, "The reading counts again." if back else "The reading is excluded. It stays here."
            )
            return see_other(reverse("monitoring:readings", args=[patient.pk]))
    context = {"patient": patient, "reading": reading, "form": form, "back": back, "zone": patient.tz}
    return render(request, "monitoring/exclude.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.READINGS_IMPORT)
@once
def reading_correct(request, patient_id, reading_id):
    """A value that somebody typed, as it should have been typed."""
    patient = open_chart(request, patient_id)
    rows = Reading.objects.for_practice(request.practice).select_related("device")
    reading = get_object_or_404(rows, patient=patient, pk=reading_id)
    refuse_if(services.why_not_corrected(reading))
    given = request.POST if request.method == "POST" else None
    before = {name: number(part) for name in ("value", "second_value") if (part := getattr(reading, name))}
    form = CorrectForm(given, measure=reading.measure, initial={**before, "version": reading.version})
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            _correct(reading, form, request)
        except Refused as refusal:
            reading.refresh_from_db()
            form.data = {**form.data.dict(), "version": reading.version}
            form.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, "The reading is corrected. What was typed first stays in its history.")
            return see_other(reverse("monitoring:readings", args=[patient.pk]))
    context = {"patient": patient, "reading": reading, "form": form, "zone": patient.tz}
    return render(request, "monitoring/correct.html", context, status=status)


def _correct(reading: Reading, form: CorrectForm, request) -> None:
    given = form.cleaned_data
    services.correct(
        reading,
        value=given["value"],
        second_value=given.get("second_value"),
        version=given["version"] or 0,
        reason=given["reason"],
        by=request.membership,
        at=timezone.now(),
    )
