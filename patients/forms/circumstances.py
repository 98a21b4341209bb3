"""Forms for what else goes on with a patient."""

from crispy_forms.layout import HTML, Layout
from django import forms
from django.core.validators import RegexValidator

from patients.forms import fields as f
from patients.forms.fields import PracticeForm, side_by_side
from patients.models import BilledBy, StayKind
from patients.other_codes import THAT_MATTER


class CodeField(forms.CharField):
    """A HCPCS code. Without a `maxlength`: a pasted code with its modifier is shown as wrong, not cut in silence."""

    def __init__(self, label: str, *, missing: str, like: str):
        shape = RegexValidator(
            r"^[0-9A-Z][0-9]{3}[0-9A-Z]\Z", f"{label} must be 5 characters without modifier, like {like}"
        )
        super().__init__(label=label, validators=[shape], error_messages={"required": missing})
        self.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def to_python(self, value):
        return super().to_python(value).upper()


class ServiceForm(PracticeForm):
    code = CodeField("Code", missing="Enter the code of the service", like="98976 or G0556")
    service_on = f.day("Date of service", required=True, missing="Enter the date of the service")
    billed_by = forms.ChoiceField(
        label="Billed by",
        choices=BilledBy.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select who billed the service"},
    )
    note = f.lines("Note")

    that_matter = THAT_MATTER

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout(
            side_by_side("code", "service_on"),
            HTML('{% include "patients/_codes_that_matter.html" %}'),
            "billed_by",
            "note",
        )


class SurgeryForm(PracticeForm):
    procedure_code = CodeField(
        "Code of the operation", missing="Enter the code of the operation", like="27447"
    )
    starts_on = f.day("First day", required=True, missing="Enter the first day that the payment covers")
    ends_on = f.day("Last day", required=True, missing="Enter the last day that the payment covers")
    ours = forms.TypedChoiceField(
        label="Who is paid for the operation",
        choices=[("yes", "The practitioner who bills monitoring"), ("no", "Another practitioner")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Select who is paid for the operation"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ends_on"].help_text = "Included. After a major operation usually the 90th day."
        self.helper.layout = Layout(side_by_side("procedure_code", "starts_on", "ends_on"), "ours")


class AttestForm(PracticeForm):
    attestation = f.lines(
        "Why the monitoring is for something else",
        required=True,
        rows=4,
        missing="Write why the monitoring has nothing to do with the operation",
    )


class StayForm(PracticeForm):
    stay_kind = forms.ChoiceField(
        label="Where",
        choices=[("", "Choose"), *StayKind.choices],
        error_messages={"required": "Select where the patient stayed"},
    )
    admitted_on = f.day("Admitted on", required=True, missing="Enter the day of admission")
    discharged_on = f.day("Discharged on", help_text="Leave empty while the stay lasts.")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout(side_by_side("stay_kind", "admitted_on", "discharged_on"))

    def stay(self) -> dict:
        values = self.given()
        return {"kind": values.pop("stay_kind"), **values}


class DischargeForm(PracticeForm):
    discharged_on = f.day("Discharged on", required=True, missing="Enter the day of discharge")
