"""Fields of sessions' forms: lengths as people type them, days, times, texts, choices."""

import re

from crispy_forms.layout import Field
from django import forms

from foundation.forms import DateInput, FreeText
from foundation.lengths import WORDS
from foundation.months import parse_duration
from foundation.refusals import Refused

NOT_A_TIME = "must be a time, like 15:02 or 3:02 pm."
NOT_A_DATE = "must be a real date, like 20 Jan 2026."


def as_typed(seconds: int | None) -> str:
    """`12` or `12:30`, as a person would type it; empty for None."""
    if seconds is None:
        return ""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02d}" if rest else str(minutes)


class DurationField(forms.CharField):
    """A length as people type it (`12`, `12:30`, `1h 5m`), cleaned to seconds; None when left empty."""

    default_error_messages = {"zero": "Time must be more than 0 minutes."}

    def to_python(self, value):
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        try:
            seconds = parse_duration(text)
        except Refused as refusal:
            raise forms.ValidationError(refusal.message) from None
        if seconds == 0:
            raise forms.ValidationError(self.error_messages["zero"])
        return seconds

    def prepare_value(self, value):
        return as_typed(value) if isinstance(value, int) else value


def date_field(label: str, *, called: str) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=DateInput(), error_messages={"invalid": f"{called} {NOT_A_DATE}"}
    )


class ClockField(forms.TimeField):
    """A time of day as people type it: `15:02`, `1502`, `3:02 pm`, `3 p.m.`.

    A field for text: of a time that is none a browser's own field hands over nothing, and it could not be shown again.
    """

    widget = forms.TimeInput(format="%H:%M", attrs={"autocomplete": "off", "placeholder": "15:02"})

    def __init__(self, **kwargs):
        super().__init__(input_formats=("%H:%M", "%H:%M:%S", "%I:%M%p", "%I%p"), **kwargs)

    def to_python(self, value):
        if isinstance(value, str):
            value = re.sub(r"[\s.]", "", value)
            if bare := re.fullmatch(r"(\d\d)(\d\d)|(\d\d?)(\d\d)([ap]m)", value, re.IGNORECASE):
                value = "{}:{}{}".format(*(bare.group(1, 2) if bare[1] else bare.group(3, 4)), bare[5] or "")
        return super().to_python(value)


def time_field(label: str, *, called: str, required: bool = False) -> ClockField:
    messages = {"invalid": f"{called} {NOT_A_TIME}", "required": f"Enter {called[0].lower()}{called[1:]}."}
    return ClockField(label=label, required=required, error_messages=messages)


def text_field(label: str, *, rows: int, help_text: str = "") -> FreeText:
    return FreeText(label=label, required=False, help_text=help_text, max_length=WORDS, rows=rows)


def reason_field(label: str) -> FreeText:
    """One line, and only where there is something to explain."""
    return FreeText(label=label, required=False, max_length=500)


def choice_field(label: str, choices) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices.choices, required=False, widget=forms.RadioSelect)


def choices(name: str) -> Field:
    """Radios or boxes side by side as large targets."""
    return Field(name, template="timelogs/fields/choices.html")
