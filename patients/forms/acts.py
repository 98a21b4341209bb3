"""One form for each later change of a patient's record."""

from crispy_forms.layout import Layout
from django import forms

from accounts.permissions import Permission
from patients.forms import fields as f
from patients.forms.fields import (
    DiagnosesField,
    MemberIdField,
    PracticeForm,
    SiteField,
    StaffField,
    side_by_side,
)
from patients.models import ConsentMethod, Sex
from patients.services import ConsentGiven, DeviceGiven, OrderGiven, PayerGiven
from patients.sites import not_over
from payers.selectors import choices, payers_of


class PatientForm(PracticeForm):
    family_name = f.text("Family name", required=True, missing="Enter the family name", max_length=60)
    given_name = f.text("Given name", required=True, missing="Enter the given name", max_length=60)
    born_on = f.day("Date of birth", required=True, missing="Enter the date of birth")
    sex = forms.ChoiceField(label="Sex", choices=Sex.choices)
    mrn = f.text("MRN", required=True, missing="Enter the MRN", max_length=20)
    phone = f.text("Phone", max_length=20)
    language = f.text("Language", max_length=30)
    time_zone = forms.ChoiceField(label="Time zone", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = f.zone_choices(self.practice)
        self.helper.layout = Layout(
            side_by_side("family_name", "given_name"),
            side_by_side("born_on", "sex", "mrn"),
            side_by_side("phone", "language", "time_zone"),
        )


class EnrollmentForm(PracticeForm):
    started_on = f.day("Enrolled on", required=True, missing="Enter the day of enrollment")
    ordering = StaffField(Permission.CLINICIAN_ANSWER, label="Ordering clinician", required=False)
    supervising = StaffField(Permission.CLINICIAN_ANSWER, label="Supervising clinician", required=False)
    diagnoses = DiagnosesField(required=False)
    necessity = f.lines("Why monitoring is needed")
    last_visit_on = f.day("Last visit")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout(
            side_by_side("started_on", "last_visit_on"),
            side_by_side("ordering", "supervising"),
            "diagnoses",
            "necessity",
        )


class EndEnrollmentForm(PracticeForm):
    ended_on = f.day(
        "First day no longer enrolled", required=True, missing="Enter the day the enrollment ended"
    )
    reason = f.reason()


class ConsentForm(PracticeForm):
    consent_on = f.day("Consent date", required=True)
    method = forms.ChoiceField(
        label="Consent given",
        choices=[("", "Choose"), *ConsentMethod.choices],
        error_messages={"required": "Select how consent was given"},
    )
    wording = f.text(
        "Wording version",
        required=True,
        max_length=40,
        missing="Enter the version of the wording that was read or signed",
    )
    taken_by = StaffField(
        Permission.PATIENT_ENROLL,
        label="Consent taken by",
        empty_label="Choose",
        error_messages={"required": "Select who took the consent"},
    )

    def consent(self) -> ConsentGiven:
        v = self.cleaned_data
        return ConsentGiven(
            given_on=v["consent_on"], method=v["method"], wording=v["wording"], taken_by=v["taken_by"]
        )


class RevokeForm(PracticeForm):
    revoked_on = f.day("Revoked on", required=True, missing="Enter the day the consent was revoked")
    reason = f.reason()


class OrderForm(PracticeForm):
    signed_by = StaffField(
        Permission.CLINICIAN_ANSWER,
        label="Clinician who signs",
        empty_label="Choose",
        error_messages={"required": "Select who signs the order"},
    )
    order_on = f.day("Date on the signed paper", help_text="Leave it empty without a paper.")
    text = f.lines("Order", required=True, missing="Enter what was ordered")

    def order(self) -> OrderGiven:
        v = self.cleaned_data
        return OrderGiven(text=v["text"], signed_on=v["order_on"], signed_by=v["signed_by"])


class CoverageForm(PracticeForm):
    payer = forms.ChoiceField(
        label="Payer",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Select the payer"),
    )
    plan_name = f.text("Plan")
    member_id = MemberIdField(help_text="For Medicare the number on the card, 11 characters.")
    coverage_on = f.day("Covered since", required=True, missing="Enter the first day of this coverage")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offered = choices(payers_of(self.practice), keep=self.initial.get("payer", ""))
        self.fields["payer"].choices = [("", "Choose"), *offered]

    def coverage(self) -> PayerGiven:
        v = self.cleaned_data
        return PayerGiven(
            payer=v["payer"], plan_name=v["plan_name"], member_id=v["member_id"], starts_on=v["coverage_on"]
        )


class SiteForm(PracticeForm):
    site = SiteField()
    starts_on = f.day(
        "From which day", required=True, missing="Enter the day from which the patient is there"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["site"].offer(list(not_over(self.practice, self.today)))


class VisitForm(PracticeForm):
    visited_on = f.day("Day of the office visit", required=True, missing="Enter the day of the office visit")


class WithdrawForm(PracticeForm):
    reason = f.reason()


class DeviceForm(PracticeForm):
    kind = forms.ChoiceField(
        label="Device", choices=f.device_kinds, error_messages={"required": "Select the kind of device"}
    )
    serial = f.text("Serial number", required=True, missing="Enter the device's serial number", max_length=40)
    model_name = f.text("Model", max_length=60)
    basis = f.text("Basis as a medical device", help_text="Such as the 510(k) number.")
    device_on = f.day("Given on", required=True, missing="Enter the day the device was given")
    setup_on = f.day("Set-up and teaching done on")
    setup_by = StaffField(Permission.PATIENT_ENROLL, label="Set-up done by", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout(
            side_by_side("kind", "serial"),
            side_by_side("model_name", "basis"),
            side_by_side("device_on", "setup_on", "setup_by"),
        )

    def clean(self):
        values = super().clean()
        if values.get("setup_on") and not values.get("setup_by"):
            self.add_error("setup_by", "Select who did the set-up and teaching")
        return values

    def device(self) -> DeviceGiven:
        v = self.cleaned_data
        return DeviceGiven(
            serial=v["serial"].strip(),
            kind=v["kind"],
            model_name=v["model_name"],
            basis=v["basis"],
            starts_on=v["device_on"],
            setup_on=v["setup_on"],
            setup_by=v["setup_by"],
        )


class ReturnForm(PracticeForm):
    ends_on = f.day("Came back on", required=True, missing="Enter the day the device came back")
    reason = f.reason()


class SetupForm(PracticeForm):
    setup_on = f.day("Done on", required=True, missing="Enter the day of set-up and teaching")
    setup_by = StaffField(
        Permission.PATIENT_ENROLL,
        label="Done by",
        empty_label="Choose",
        error_messages={"required": "Select who did the set-up and teaching"},
    )
    note = f.lines("What was taught")
