"""A patient's readings: the panel on the chart, the whole table, excluding or correcting one with a reason."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission, may, requires
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused, refuse_if
from monitoring import services
from monitoring.forms import NO_DEVICE, CorrectForm, ExcludeForm, ReadingsFilter
from monitoring.models import Reading
from monitoring.panel import DAYS, lines_of, panel
from monitoring.ranges import Ranges
from monitoring.table import Place, out_of_range, page_of
from patients.chart_access import open_chart
from patients.labels import number
from patients.models import Device, DeviceAssignment


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
    """Every reading, newest first, excluded ones struck through; `?after=` and `?before=` are places in the list."""
    patient = open_chart(request, patient_id)
    form = ReadingsFilter(request.GET, devices=_devices(patient))
    rows = Reading.objects.for_practice(request.practice).filter(patient=patient)
    places = {name: Place.parse(request.GET.get(name, "")) for name in ("after", "before")}
    page = page_of(_filtered(rows, form).select_related("device"), **places)
    context = {
        "patient": patient,
        "form": form,
        "lines": list(lines_of(page.rows, Ranges.of(request.practice, [patient.pk]))),
        "older": _address(request, after=page.older),
        "newer": _address(request, before=page.newer),
        "can_exclude": may(request.membership, Permission.READINGS_IMPORT),
        "zone": patient.tz,
    }
    return render(request, "monitoring/readings.html", context)


def _devices(patient):
    """Those the patient was ever given."""
    held = DeviceAssignment.objects.for_practice(patient.practice).filter(patient=patient)
    return (
        Device.objects.for_practice(patient.practice).filter(pk__in=held.values("device")).order_by("serial")
    )


def _address(request, **place) -> str:
    """This page's address at another place; empty where there is none."""
    ((name, there),) = place.items()
    asked = request.GET.copy()
    for old in ("after", "before"):
        asked.pop(old, None)
    asked[name] = str(there)
    return f"?{asked.urlencode()}" if there else ""


def _filtered(rows, form: ReadingsFilter):
    form.is_valid()
    asked = form.cleaned_data
    if asked.get("measure"):
        rows = rows.filter(measure=asked["measure"])
    if device := asked.get("device"):
        rows = rows.filter(device=None if device == NO_DEVICE else device)
    if asked.get("since"):
        rows = rows.filter(day__gte=asked["since"])
    if asked.get("until"):
        rows = rows.filter(day__lte=asked["until"])
    return out_of_range(rows) if asked.get("against") else rows


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
