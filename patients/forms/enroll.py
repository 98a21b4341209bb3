"""The enrollment page's form: four short groups, each of which may be left incomplete."""

from crispy_forms.layout import HTML, Fieldset, Layout
from django import forms

from accounts.permissions import Permission
from patients import policies
from patients.enrolling import Program, Who
from patients.forms import fields as f
from patients.forms.fields import (
    DiagnosesField,
    MemberIdField,
    PracticeForm,
    SiteField,
    StaffField,
    side_by_side,
)
from patients.models import VITALS, Measure, Sex
from patients.services import ConsentGiven, DeviceGiven, GoalGiven, OrderGiven, PayerGiven, PlanGiven
from patients.sites import SiteBook
from payers.selectors import choices, payers_of

# Which fields give the bounds of which measure; what is not asked for here is set on the chart.
GOALS = {
    Measure.BLOOD_PRESSURE: {"high": "bp_high", "second_high": "bp_second_high"},
    Measure.GLUCOSE: {"low": "glucose_low", "high": "glucose_high"},
    Measure.WEIGHT: {"low": "weight_low", "high": "weight_high"},
    Measure.SPO2: {"low": "spo2_low"},
}

# The plan's targets are the goals that are typed once.
TARGETS = {
    "bp_high": "systolic_high",
    "bp_second_high": "diastolic_high",
    "glucose_low": "glucose_low",
    "glucose_high": "glucose_high",
    "weight_low": "weight_low",
    "weight_high": "weight_high",
    "spo2_low": "spo2_low",
}


class ProgramFields(PracticeForm):
    """The part that an enrollment needs, whether the patient is new or comes back."""

    site = SiteField()
    started_on = f.day("Enrolled on", required=True, missing="Enter the day of enrollment")
    diagnoses = DiagnosesField(required=False)
    ordering = StaffField(Permission.CLINICIAN_ANSWER, label="Ordering clinician", required=False)
    supervising = StaffField(Permission.CLINICIAN_ANSWER, label="Supervising clinician", required=False)
    necessity = f.lines("Why monitoring is needed")
    last_visit_on = f.day("Last visit")
    consent_on = f.day("Consent date")
    consent_method = forms.ChoiceField(label="Consent given", required=False, choices=f.consent_methods)
    consent_wording = f.text("Wording version", max_length=40)
    consent_taken_by = StaffField(Permission.PATIENT_ENROLL, label="Consent taken by", required=False)
    order_on = f.day("Date on a signed order", help_text="Empty: the clinician signs it here.")
    order_by = StaffField(Permission.CLINICIAN_ANSWER, label="Clinician who signs the order", required=False)
    order_text = f.lines("Order")
    bp_high = f.limit("Systolic at most")
    bp_second_high = f.limit("Diastolic at most")
    glucose_low = f.limit("Glucose at least")
    glucose_high = f.limit("Glucose at most")
    weight_low = f.limit("Weight at least")
    weight_high = f.limit("Weight at most")
    spo2_low = f.limit("SpO₂ at least")
    plan_goals = f.lines("Care plan: goals")
    plan_actions = f.lines("Care plan: actions")
    serial = f.text("Serial number", max_length=40)
    kind = forms.ChoiceField(label="Device", required=False, choices=f.device_kinds)
    model_name = f.text("Model", max_length=60)
    basis = f.text("Basis as a medical device", help_text="Such as the 510(k) number.")
    device_on = f.day("Given on")
    setup_on = f.day("Set-up and teaching done on")
    setup_by = StaffField(Permission.PATIENT_ENROLL, label="Set-up done by", required=False)

    program_group = Fieldset(
        "Program",
        side_by_side("started_on", "ordering", "supervising"),
        side_by_side("diagnoses", "last_visit_on"),
        "necessity",
        side_by_side("consent_on", "consent_method", "consent_wording", "consent_taken_by"),
        side_by_side("order_on", "order_by"),
        "order_text",
        HTML("<h3>Goals</h3><p class='quiet'>mmHg, mg/dL, kg and %. Leave empty what is not measured.</p>"),
        side_by_side("bp_high", "bp_second_high", "spo2_low"),
        side_by_side("glucose_low", "glucose_high", "weight_low", "weight_high"),
        side_by_side("plan_goals", "plan_actions"),
        css_class="panel",
    )
    device_group = Fieldset(
        "Device",
        side_by_side("kind", "serial", "model_name", "basis"),
        side_by_side("device_on", "setup_on", "setup_by"),
        css_class="panel",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._offer_sites()
        self.helper.layout = Layout(*self.site_group(), self.program_group, self.device_group)

    def _offer_sites(self) -> None:
        """Where one site is open, or none, nobody is asked."""
        sites = SiteBook(self.practice).open_on(self.today)
        if len(sites) > 1:
            self.fields["site"].offer(sites)
        else:
            del self.fields["site"]

    def site_group(self) -> list[Fieldset]:
        return [Fieldset("Site", side_by_side("site"), css_class="panel")] if "site" in self.fields else []

    def clean(self):
        """Tell every group's problems at once, in the words that the services would use."""
        values = super().clean()
        self._need_with(
            "consent_on",
            consent_method="Select how consent was given",
            consent_wording="Enter the version of the wording that was read or signed",
            consent_taken_by="Select who took the consent",
        )
        self._need_with("order_on", order_by="Select who signed the order")
        self._need_with("order_text", order_by="Select who signs the order")
        if values.get("serial") or values.get("kind"):
            self._need(serial="Enter the device's serial number", kind="Select the kind of device")
        self._need_with("setup_on", setup_by="Select who did the set-up and teaching")
        if bool(values.get("plan_goals")) != bool(values.get("plan_actions")):
            self._need(
                plan_goals="Enter the goals of the care plan",
                plan_actions="Enter the actions of the care plan",
            )
        for goal in self.goals():
            if message := policies.why_not_range(goal):
                self.add_error(next(iter(GOALS[goal.measure].values())), message)
        if values.get("plan_goals"):
            self._need_possible_targets()
        return values

    def _need_possible_targets(self) -> None:
        names = {target: name for name, target in TARGETS.items()}
        for vital in VITALS:
            for name in filter(None, (names.get(vital.low), names.get(vital.high))):
                if message := policies.why_not_target(vital, self.cleaned_data.get(name), None):
                    self.add_error(name, message)

    def _need_with(self, key: str, **missing: str) -> None:
        """Where `key` is given, these are needed too; each with what to say."""
        if self.cleaned_data.get(key):
            self._need(**missing)

    def _need(self, **missing: str) -> None:
        for name, message in missing.items():
            if name in self.cleaned_data and not self.cleaned_data[name]:
                self.add_error(name, message)

    def goals(self) -> list[GoalGiven]:
        """A range for each measure that has a bound."""
        found = []
        for measure, names in GOALS.items():
            bounds = {bound: self.cleaned_data.get(name) for bound, name in names.items()}
            if any(value is not None for value in bounds.values()):
                found.append(GoalGiven(measure=measure, **bounds))
        return found

    def program(self) -> Program:
        v = self.cleaned_data
        return Program(
            started_on=v["started_on"],
            ordering=v["ordering"],
            supervising=v["supervising"],
            necessity=v["necessity"],
            last_visit_on=v["last_visit_on"],
            site=v.get("site"),
            diagnoses=v["diagnoses"],
            goals=self.goals(),
            consent=self._consent(),
            order=self._order(),
            plan=self._plan(),
        )

    def _consent(self) -> ConsentGiven | None:
        v = self.cleaned_data
        if not v["consent_on"]:
            return None
        return ConsentGiven(
            given_on=v["consent_on"],
            method=v["consent_method"],
            wording=v["consent_wording"],
            taken_by=v["consent_taken_by"],
        )

    def _order(self) -> OrderGiven | None:
        v = self.cleaned_data
        if not v["order_on"] and not v["order_text"]:
            return None
        words = v["order_text"] or "Remote monitoring ordered."
        return OrderGiven(text=words, signed_on=v["order_on"], signed_by=v["order_by"])

    def _plan(self) -> PlanGiven | None:
        v = self.cleaned_data
        if not v["plan_goals"]:
            return None
        return PlanGiven(
            goals=v["plan_goals"],
            actions=v["plan_actions"],
            targets={target: v[name] for name, target in TARGETS.items()},
            effective_on=v["started_on"],
            signed_by=v["supervising"] or v["ordering"],
        )

    def device(self) -> DeviceGiven | None:
        v = self.cleaned_data
        if not v["serial"]:
            return None
        return DeviceGiven(
            serial=v["serial"].strip(),
            kind=v["kind"],
            model_name=v["model_name"],
            basis=v["basis"],
            starts_on=v["device_on"] or v["started_on"],
            setup_on=v["setup_on"],
            setup_by=v["setup_by"],
        )


class EnrollForm(ProgramFields):
    """A new patient."""

    family_name = f.text("Family name", required=True, missing="Enter the family name", max_length=60)
    given_name = f.text("Given name", required=True, missing="Enter the given name", max_length=60)
    born_on = f.day("Date of birth", required=True, missing="Enter the date of birth")
    sex = forms.ChoiceField(
        label="Sex",
        choices=[("", "Choose"), *Sex.choices],
        error_messages={"required": "Select the sex, or Unknown"},
    )
    mrn = f.text("MRN", required=True, missing="Enter the MRN", max_length=20)
    phone = f.text("Phone", max_length=20)
    language = f.text("Language", max_length=30)
    time_zone = forms.ChoiceField(label="Time zone", required=False)
    another_person = forms.BooleanField(label="This is another person", required=False)
    payer = forms.ChoiceField(
        label="Payer",
        required=False,
        error_messages={"invalid_choice": "Select one of the practice’s payers, or Not known yet"},
    )
    plan_name = f.text("Plan")
    member_id = MemberIdField(help_text="For Medicare the number on the card, 11 characters.")
    coverage_on = f.day("Covered since")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = f.zone_choices(self.practice)
        self._payers = payers_of(self.practice)
        self.fields["payer"].choices = [("", "Not known yet"), *choices(self._payers)]
        self._who_group = Fieldset(
            "Who",
            side_by_side("family_name", "given_name", "born_on", "sex"),
            side_by_side("mrn", "phone", "language", "time_zone"),
            css_class="panel",
        )
        self.helper.layout = Layout(
            self._who_group, *self.site_group(), self._payer_group(), self.program_group, self.device_group
        )
        if self.data.get("another_person"):
            self.ask_whether_another_person()

    def ask_whether_another_person(self) -> None:
        """Show the box for a namesake, which is there only once one was found."""
        if "another_person" not in self._who_group.fields:
            self._who_group.fields.append("another_person")

    @staticmethod
    def _payer_group() -> Fieldset:
        return Fieldset(
            "Payer", side_by_side("payer", "plan_name", "member_id", "coverage_on"), css_class="panel"
        )

    def clean_born_on(self):
        born_on = self.cleaned_data["born_on"]
        if born_on > self.today:
            raise forms.ValidationError("Date of birth must be in the past")
        return born_on

    def clean(self):
        values = super().clean()
        if not values.get("payer") and (values.get("plan_name") or values.get("member_id")):
            self.add_error("payer", "Select the payer")
        if values.get("payer") and "member_id" in values:
            payer = next(each for each in self._payers if each.slug == values["payer"])
            if message := policies.why_not_member(payer, values["member_id"]):
                self.add_error("member_id", message)
        return values

    def who(self) -> Who:
        return Who(**{name: self.cleaned_data[name] for name in Who.__slots__})

    def payer_given(self) -> PayerGiven | None:
        v = self.cleaned_data
        if not v["payer"]:
            return None
        starts_on = v["coverage_on"] or v["started_on"]
        return PayerGiven(
            payer=v["payer"], plan_name=v["plan_name"], member_id=v["member_id"], starts_on=starts_on
        )
