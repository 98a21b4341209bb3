"""The form of the practice's name in the portal and of its time zone."""

from crispy_forms.layout import Layout
from django import forms

from billing.practice_settings import fields as f
from foundation.forms import ActForm
from staff.practice_forms import ZONES, text


class NameAndZoneForm(ActForm):
    name = text(
        "Name in the portal",
        "Enter the name of the practice",
        max_length=120,
        help_text="At the head of every page. What claims and prints say is the identity.",
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        help_text="Months and days begin and end by this clock.",
        error_messages={
            "required": "Select the time zone.",
            "invalid_choice": "Select one of the time zones.",
        },
    )
    why = f.why()

    def __init__(self, *args, practice, stays: str | None, **kwargs):
        initial = {"name": practice.name, "time_zone": practice.time_zone, "version": practice.version}
        super().__init__(*args, initial=initial, **kwargs)
        zones = dict(ZONES)
        field = self.fields["time_zone"]
        field.choices = list({practice.time_zone: practice.time_zone, **zones}.items())
        if stays:
            field.choices = [(practice.time_zone, zones.get(practice.time_zone, practice.time_zone))]
            field.help_text = field.error_messages["invalid_choice"] = stays
        self.helper.layout = Layout("name", "time_zone", "why")
