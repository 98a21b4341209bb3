"""Pages for what else goes on with a patient: services claimed elsewhere, surgical periods, stays."""

from django.shortcuts import get_object_or_404

from accounts.permissions import Permission, requires
from dispatch.operations import once
from patients import circumstances
from patients.chart_access import open_chart
from patients.forms import circumstances as forms
from patients.forms.acts import WithdrawForm
from patients.models import InstitutionStay, OtherService, SurgicalGlobal
from patients.views.acts import act_page, page, today_of


@page
@requires(Permission.COVERAGE_EDIT)
@once
def other_service_new(request, patient_id):
    patient = open_chart(request, patient_id)
    return act_page(
        request,
        patient,
        forms.ServiceForm,
        lambda form, **sign: circumstances.record_service(patient, **form.given(), **sign),
        title="Record another service",
        submit="Record service",
        done="Service recorded.",
        note="What another practice bills for this patient, or this practice bills outside RPM Portal.",
    )


@page
@requires(Permission.COVERAGE_EDIT)
@once
def other_service_withdraw(request, patient_id, service_id):
    patient = open_chart(request, patient_id)
    service = _of(patient, OtherService, service_id)
    return _withdraw(request, patient, service, f"{service.code} of {service.service_on:%d-%b-%Y}", "service")


@page
@requires(Permission.COVERAGE_EDIT)
@once
def surgery_new(request, patient_id):
    patient = open_chart(request, patient_id)
    return act_page(
        request,
        patient,
        forms.SurgeryForm,
        lambda form, **sign: circumstances.record_surgery(patient, **form.given(), **sign),
        title="Record a surgical period",
        submit="Record period",
        done="Surgical period recorded.",
        note="The days that one payment for an operation covers, its follow-up care included.",
    )


@page
@requires(Permission.COVERAGE_EDIT)
@once
def surgery_withdraw(request, patient_id, surgery_id):
    patient = open_chart(request, patient_id)
    period = _of(patient, SurgicalGlobal, surgery_id)
    return _withdraw(request, patient, period, _days(period), "surgical period")


@page
@requires(Permission.CLINICIAN_ANSWER)
@once
def surgery_attest(request, patient_id, surgery_id):
    patient = open_chart(request, patient_id)
    period = _of(patient, SurgicalGlobal, surgery_id)
    return act_page(
        request,
        patient,
        forms.AttestForm,
        lambda form, **sign: circumstances.attest(period, **form.given(), **sign),
        title="Attest that the monitoring is for something else",
        submit="Attest",
        done="Attested, with your name and today's date.",
        note=f"{_days(period)}. Your name and today's date are recorded with it.",
    )


@page
@requires(Permission.PATIENT_ENROLL)
@once
def stay_new(request, patient_id):
    patient = open_chart(request, patient_id)
    return act_page(
        request,
        patient,
        forms.StayForm,
        lambda form, **sign: circumstances.record_stay(patient, **form.stay(), **sign),
        title="Record a stay",
        submit="Record stay",
        done="Stay recorded.",
        note="The day of discharge is no longer a day of the stay.",
    )


@page
@requires(Permission.PATIENT_ENROLL)
@once
def stay_discharge(request, patient_id, stay_id):
    patient = open_chart(request, patient_id)
    stay = _of(patient, InstitutionStay, stay_id)
    return act_page(
        request,
        patient,
        forms.DischargeForm,
        lambda form, **sign: circumstances.discharge(stay, **form.given(), **sign),
        title="Record the discharge",
        submit="Record discharge",
        done="Discharge recorded.",
        note=f"{_since(stay)}. The day of discharge is no longer a day of the stay.",
        initial={"discharged_on": today_of(request)},
    )


@page
@requires(Permission.PATIENT_ENROLL)
@once
def stay_withdraw(request, patient_id, stay_id):
    patient = open_chart(request, patient_id)
    stay = _of(patient, InstitutionStay, stay_id)
    return _withdraw(request, patient, stay, _since(stay), "stay")


def _of(patient, model, pk):
    return get_object_or_404(model.objects.for_practice(patient.practice), patient=patient, pk=pk)


def _days(period: SurgicalGlobal) -> str:
    return f"Operation {period.procedure_code}, {period.starts_on:%d-%b-%Y} to {period.ends_on:%d-%b-%Y}"


def _since(stay: InstitutionStay) -> str:
    return f"{stay.get_kind_display()}, admitted {stay.admitted_on:%d-%b-%Y}"


def _withdraw(request, patient, row, which: str, noun: str):
    return act_page(
        request,
        patient,
        WithdrawForm,
        lambda form, **sign: circumstances.withdraw(row, **form.given(), **sign),
        title=f"Withdraw a {noun}",
        submit=f"Withdraw {noun}",
        done=f"{noun.capitalize()} withdrawn. It stays in the record.",
        note=f"{which}.",
        danger=True,
    )
