"""The form of a session that was not clocked."""

from datetime import datetime

from crispy_forms.layout import HTML, Div, Layout
from django import forms

from foundation.forms import ActForm, DateInput, FreeText
from foundation.local_time import moment_of, which_choices
from foundation.refusals import Refused
from timelogs.forms.fields import NOT_A_DATE, DurationField, time_field


class PastForm(ActForm):
    """A session that was not clocked: when it began, how long it took, why it is entered later."""

    day = forms.DateField(
        label="Date",
        widget=DateInput(),
        error_messages={
            "required": "Enter the date of the session.",
            "invalid": f"Session date {NOT_A_DATE}",
        },
    )
    starts = time_field("Started at", called="The start of the session", required=True)
    starts_which = forms.ChoiceField(label="Which of the two?", required=False, widget=forms.RadioSelect)
    minutes = DurationField(
        label="Minutes",
        help_text="Like 12, 12:30 or 1h 5m",
        error_messages={"required": "Enter how long the session took."},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    reason = FreeText(
        label="Why is this entered later?",
        max_length=500,
        help_text="It stays in the record.",
        rows=2,
        error_messages={"required": "Say why this session is entered later."},
    )

    def __init__(self, *args, practice, now: datetime, **kwargs):
        self.practice, self.now = practice, now
        kwargs.setdefault("initial", {})["day"] = practice.today(now)
        super().__init__(*args, **kwargs)
        self.fields["day"].widget.attrs["max"] = f"{practice.today(now):%Y-%m-%d}"
        self.helper.layout = Layout(
            Div("day", HTML('{% include "timelogs/_days.html" %}'), css_class="day-row"),
            Div("starts", "minutes", css_class="side-by-side"),
            "starts_which",
            "reason",
        )
        self._ask_which()

    def _ask_which(self) -> None:
        """Only of a time that the clocks showed twice on that day."""
        day, clock = (self._read(name) for name in ("day", "starts"))
        choices = which_choices(day, clock, tz=self.practice.tz) if day and clock else []
        if choices:
            self.fields["starts_which"].choices = choices
        else:
            del self.fields["starts_which"]
            self.helper.layout.fields.remove("starts_which")

    def _read(self, name: str):
        """The typed value before the form is cleaned; None where it cannot be read."""
        try:
            return self.fields[name].clean(self.data.get(name))
        except forms.ValidationError:
            return None

    def clean_day(self):
        if (day := self.cleaned_data["day"]) > self.practice.today(self.now):
            raise forms.ValidationError("Session date must be today or in the past.")
        return day

    def clean(self):
        cleaned = super().clean()
        if {"day", "starts"} <= cleaned.keys():
            which = cleaned.get("starts_which", "")
            field = "starts_which" if "starts_which" in self.fields else "starts"
            try:
                cleaned["starts_at"] = moment_of(
                    cleaned["day"], cleaned["starts"], tz=self.practice.tz, which=which, field=field
                )
            except Refused as refusal:
                self.refuse(refusal)
        return cleaned

    @property
    def span(self) -> dict:
        """Start, seconds and reason as `log_past` takes them."""
        given = self.cleaned_data
        return {"starts_at": given["starts_at"], "seconds": given["minutes"], "reason": given["reason"]}
