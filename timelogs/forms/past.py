"""The form of a session that was not clocked."""

from datetime import datetime

from crispy_forms.layout import HTML, Div, Layout
from django import forms

from foundation.forms import ActForm, DateInput
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
    minutes = DurationField(
        label="Minutes",
        help_text="Like 12, 12:30 or 1h 5m",
        error_messages={"required": "Enter how long the session took."},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label="Why is this entered later?",
        help_text="It stays in the record.",
        widget=forms.Textarea(attrs={"rows": 2}),
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
            "reason",
        )

    def clean_day(self):
        if (day := self.cleaned_data["day"]) > self.practice.today(self.now):
            raise forms.ValidationError("Session date must be today or in the past.")
        return day

    @property
    def span(self) -> dict:
        """Start, seconds and reason as `log_past` takes them."""
        starts_at = datetime.combine(
            self.cleaned_data["day"], self.cleaned_data["starts"], tzinfo=self.practice.tz
        )
        return {
            "starts_at": starts_at,
            "seconds": self.cleaned_data["minutes"],
            "reason": self.cleaned_data["reason"],
        }
