"""The upload of a file of readings, its confirmation, and the filter of the readings table."""

from django import forms

from foundation.forms import ActForm, DateInput, ReasonForm
from monitoring.columns import MAX_BYTES
from monitoring.readings.units import impossible
from patients.models import UNITS, Measure

NO_DEVICE = "none"


class UploadForm(ActForm):
    file = forms.FileField(
        label="CSV file",
        help_text="Up to 5 MB and 10,000 readings.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"required": "Choose a CSV file", "empty": "The file is empty"},
    )

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError("The file is larger than 5 MB. Split it")
        return upload


class ConfirmForm(ActForm):
    """Nothing but the act itself."""


class ExcludeForm(ReasonForm):
    """Why a reading does not count, or counts again."""


class CorrectForm(ReasonForm):
    """What a typed reading is, in place of what was typed."""

    value = forms.DecimalField(
        max_digits=7, decimal_places=2, error_messages={"required": "Enter the value that was measured"}
    )
    second_value = forms.DecimalField(label="Diastolic", max_digits=7, decimal_places=2)
    field_order = ("value", "second_value", "reason")

    def __init__(self, *args, measure: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.measure = measure
        self.fields["value"].label = (
            "Systolic" if measure == Measure.BLOOD_PRESSURE else Measure(measure).label
        )
        if measure != Measure.BLOOD_PRESSURE:
            del self.fields["second_value"]
        for name in ("value", "second_value"):
            if name in self.fields:
                self.fields[name].help_text = f"In {UNITS[measure]}."

    def clean(self):
        values = super().clean()
        if not self.errors and (
            problem := impossible(self.measure, values["value"], values.get("second_value"))
        ):
            self.add_error(*problem)
        return values


class DiscardParkedForm(ReasonForm):
    """Why a parked value, or all of its device, is never to be taken in."""

    which = forms.ChoiceField(label="Discard", widget=forms.RadioSelect, initial="one")
    field_order = ("which", "reason")

    def __init__(self, *args, count: int, **kwargs):
        super().__init__(*args, **kwargs)
        every = [("every", f"All {count} that wait for the same device or patient")] if count > 1 else []
        self.fields["which"].choices = [("one", "This value"), *every]
        if not every:
            self.fields["which"].widget = forms.HiddenInput()


class ReadingsFilter(forms.Form):
    """Read from the address; what is no choice or date there is ignored."""

    measure = forms.ChoiceField(required=False, choices=[("", "All measures"), *Measure.choices])
    device = forms.ChoiceField(required=False, choices=[("", "All devices")])
    against = forms.ChoiceField(
        required=False, label="Against range", choices=[("", "All"), ("out", "Out of range")]
    )
    since = forms.DateField(required=False, label="From", widget=DateInput())
    until = forms.DateField(required=False, label="To", widget=DateInput())

    def __init__(self, *args, devices, **kwargs):
        super().__init__(*args, **kwargs)
        own = [(str(device.pk), str(device)) for device in devices]
        self.fields["device"].choices = [("", "All devices"), *own, (NO_DEVICE, "Typed in, no device")]
