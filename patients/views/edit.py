"""Changing rows that exist: a form opened before somebody else's save shows both texts and overwrites nothing."""

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused, StaleRow
from patients import services
from patients.chart_access import open_chart
from patients.forms import acts
from patients.models import Diagnosis
from patients.views.acts import act_page, current_enrollment, page, today_of


def _edit(request, patient, form_class, read, do, *, title: str, done: str):
    """`read()` gives (version, values on record) afresh; `do(form, version, by=, at=)` saves."""
    at = timezone.now()
    today = request.practice.today(at)
    version, on_record = read()
    given = request.POST if request.method == "POST" else None
    initial = {**on_record, "version": version}
    form = form_class(given, practice=request.practice, today=today, initial=initial)
    status, differs = (422 if form.is_bound else 200), []
    if form.is_bound and form.is_valid():
        try:
            do(form, form.cleaned_data["version"] or 0, by=request.membership, at=at)
        except StaleRow as refusal:
            version, on_record = read()
            form, differs, status = (
                _both(form, version, on_record),
                _differences(form, on_record),
                refusal.status,
            )
            form.refuse(refusal)
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, done)
            return see_other(reverse("patients:enrollment", args=[patient.pk]))
    context = {"patient": patient, "form": form, "title": title, "submit": "Save changes", "differs": differs}
    return render(request, "patients/act.html", context, status=status)


def _both(form, version: int, on_record: dict):
    """What was typed, in a form that can be saved over the row as it is now."""
    data = form.data.copy()
    data["version"] = version
    again = type(form)(
        data, practice=form.practice, today=form.today, initial={**on_record, "version": version}
    )
    again.is_valid()
    return again


def _differences(form, on_record: dict) -> list[tuple[str, str, str]]:
    """(label, on record, typed) of every field where the two differ, as the form would print them."""
    found = []
    for bound in form.visible_fields():
        typed, kept = bound.value(), bound.field.prepare_value(on_record.get(bound.name))
        if _printed(bound, typed) != _printed(bound, kept):
            found.append((bound.label, _printed(bound, kept), _printed(bound, typed)))
    return found


def _printed(bound, value) -> str:
    choices = {str(key): str(label) for key, label in getattr(bound.field, "choices", [])}
    text = "" if value is None else str(value)
    return choices.get(text, text)


@page
@requires(Permission.PATIENT_ENROLL)
@once
def patient_edit(request, patient_id):
    patient = open_chart(request, patient_id)
    names = list(acts.PatientForm.base_fields)
    names = [name for name in names if name not in {"operation_id", "version"}]

    def read():
        patient.refresh_from_db(fields=[*names, "version"])
        return patient.version, {name: getattr(patient, name) for name in names}

    return _edit(
        request,
        patient,
        acts.PatientForm,
        read,
        lambda form, version, **sign: services.edit_patient(patient, version=version, **form.given(), **sign),
        title="Edit patient",
        done="Patient saved.",
    )


@page
@requires(Permission.PATIENT_ENROLL)
@once
def enrollment_edit(request, patient_id):
    patient = open_chart(request, patient_id)
    episode = current_enrollment(request, patient)

    def read():
        episode.refresh_from_db()
        episode.patient, episode.practice = patient, patient.practice
        rows = Diagnosis.objects.for_practice(request.practice).filter(enrollment=episode, withdrawn=False)
        return episode.version, {
            "started_on": episode.started_on,
            "ordering": episode.ordering_id,
            "supervising": episode.supervising_id,
            "diagnoses": ", ".join(rows.order_by("position").values_list("code", flat=True)),
            "necessity": episode.necessity,
            "last_visit_on": episode.last_visit_on,
        }

    return _edit(
        request,
        patient,
        acts.EnrollmentForm,
        read,
        lambda form, version, **sign: services.edit_enrollment(
            episode, version=version, **form.given(), **sign
        ),
        title="Edit enrollment",
        done="Enrollment saved.",
    )


@page
@requires(Permission.PATIENT_ENROLL)
@once
def enrollment_end(request, patient_id):
    patient = open_chart(request, patient_id)
    episode = current_enrollment(request, patient)
    return act_page(
        request,
        patient,
        acts.EndEnrollmentForm,
        lambda form, **sign: services.end_enrollment(episode, **form.given(), **sign),
        title="End enrollment",
        submit="End enrollment",
        done="Enrollment ended.",
        note="Time from that day on does not count. Devices that are still out are returned one by one.",
        initial={"ended_on": today_of(request)},
        danger=True,
    )
