"""Devices given, set up and come back."""

from django.shortcuts import get_object_or_404

from accounts.permissions import Permission, requires
from dispatch.operations import once
from patients import services
from patients.chart_access import open_chart
from patients.forms import acts
from patients.models import DeviceAssignment
from patients.views.acts import act_page, current_enrollment, page, today_of


def _assignment(request, patient, assignment_id) -> DeviceAssignment:
    rows = DeviceAssignment.objects.for_practice(request.practice).select_related("device")
    return get_object_or_404(rows, patient=patient, pk=assignment_id)


@page
@requires(Permission.PATIENT_ENROLL)
@once
def device_new(request, patient_id):
    patient = open_chart(request, patient_id)
    episode = current_enrollment(request, patient)
    return act_page(
        request,
        patient,
        acts.DeviceForm,
        lambda form, **sign: services.hand_over(episode, form.device(), **sign),
        title="Give a device",
        submit="Give device",
        done="Device given.",
        initial={"device_on": today_of(request), "setup_by": request.membership.pk},
    )


@page
@requires(Permission.PATIENT_ENROLL)
@once
def device_return(request, patient_id, assignment_id):
    patient = open_chart(request, patient_id)
    assignment = _assignment(request, patient, assignment_id)
    return act_page(
        request,
        patient,
        acts.ReturnForm,
        lambda form, **sign: services.take_back(assignment, **form.given(), **sign),
        title="Record a returned device",
        submit="Record return",
        done="Return recorded.",
        note=f"{assignment.device}, given {assignment.starts_on:%d-%b-%Y}.",
        initial={"ends_on": today_of(request)},
    )


@page
@requires(Permission.PATIENT_ENROLL)
@once
def device_setup(request, patient_id, assignment_id):
    patient = open_chart(request, patient_id)
    assignment = _assignment(request, patient, assignment_id)
    return act_page(
        request,
        patient,
        acts.SetupForm,
        lambda form, **sign: services.record_setup(assignment, **form.given(), **sign),
        title="Record set-up and teaching",
        submit="Record set-up",
        done="Set-up and teaching recorded.",
        note=f"{assignment.device}, given {assignment.starts_on:%d-%b-%Y}.",
        initial={"setup_on": today_of(request), "setup_by": request.membership.pk},
    )
