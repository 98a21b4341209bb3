"""The upload of a file of readings, its confirmation, and the filter of the readings table."""

from django import forms

from foundation.forms import ActForm, DateInput, ReasonForm
from monitoring.columns import MAX_BYTES
from patients.models import Measure


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


class ReadingsFilter(forms.Form):
    """Read from the address; what is no date or measure there is ignored."""

    measure = forms.ChoiceField(required=False, choices=[("", "All measures"), *Measure.choices])
    since = forms.DateField(required=False, label="From", widget=DateInput())
    until = forms.DateField(required=False, label="To", widget=DateInput())
