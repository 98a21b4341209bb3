"""The forms of target ranges: of one patient, of a template, and of a review."""

import re
from typing import Any

from crispy_forms.layout import HTML, Layout
from django import forms

from patients.forms import fields as f
from patients.forms.fields import PracticeForm, side_by_side
from patients.models import BOUNDS, Measure
from patients.models.ranges import FEWEST_DAYS, MOST_DAYS
from patients.policies import why_not_range
from patients.range_templates import TemplateGiven
from patients.services import GoalGiven

LIMITS = (
    "<p class='quiet'>In mmHg, mg/dL, kg, °C and %. For blood pressure the first limits are systolic. "
    "A critical limit is the same as the other limit on its side, or further out.</p>"
)


class LimitFields(PracticeForm):
    """The bounds of a range. The diastolic ones are left out of any other measure."""

    measure = forms.ChoiceField(
        label="Measure",
        choices=Measure.choices,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Select the measure"),
    )
    low = f.limit("At least")
    high = f.limit("At most")
    critical_low = f.limit("Critical below")
    critical_high = f.limit("Critical above")
    second_low = f.limit("Diastolic at least")
    second_high = f.limit("Diastolic at most")
    second_critical_low = f.limit("Diastolic critical below")
    second_critical_high = f.limit("Diastolic critical above")

    def limits(self) -> list:
        return [
            HTML(LIMITS),
            side_by_side("low", "high"),
            side_by_side("critical_low", "critical_high"),
            side_by_side("second_low", "second_high"),
            side_by_side("second_critical_low", "second_critical_high"),
        ]

    def bounds(self) -> dict[str, Any]:
        v = self.cleaned_data
        pressure = v["measure"] == Measure.BLOOD_PRESSURE
        return {name: v.get(name) for name in BOUNDS if pressure or not name.startswith("second_")}

    def clean(self):
        values = super().clean()
        if "measure" in values and not self.errors:
            self._check(GoalGiven(measure=values["measure"], **self.bounds()))
        return values

    def _check(self, goal: GoalGiven) -> None:
        if message := why_not_range(goal):
            self.add_error("low", message)


class RangeForm(LimitFields):
    """A patient's range from a day on, and why."""

    starts_on = f.day("In effect from", required=True, missing="Enter the day from which the range holds")
    review_by = f.day("Review by", help_text="Empty: by the practice’s policy.")
    reason = f.reason()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout(
            side_by_side("measure", "starts_on", "review_by"), *self.limits(), "reason"
        )

    def goal(self) -> GoalGiven:
        v = self.cleaned_data
        return GoalGiven(measure=v["measure"], review_by=v["review_by"], **self.bounds())


class RangeReviewForm(PracticeForm):
    """The range stays as it is, until the next look."""

    review_by = f.day("Next review by", required=True, missing="Enter the day of the next review")
    reason = f.lines(
        "What you looked at",
        required=True,
        most=500,
        missing="Say what you looked at. It stays in the record",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout("review_by", "reason")


class TemplateForm(LimitFields):
    """A template of ranges: for which condition, with which limits, reviewed after how long."""

    name = f.text(
        "Name",
        required=True,
        max_length=60,
        missing="Enter a name, like Hypertension",
        help_text="The condition it is for, as people here call it.",
    )
    diagnosis = forms.RegexField(
        r"^[A-Z][0-9]([0-9A-Z](\.[0-9A-Z]{0,4})?)?$",
        label="Diagnoses that begin with",
        required=False,
        max_length=8,
        help_text="An ICD-10-CM code or the beginning of one, like I10 or I50. Empty: it is offered for everybody.",
        error_messages={
            "invalid": "Diagnoses that begin with must be a code or the beginning of one, like I10 or I50"
        },
    )
    review_days = forms.IntegerField(
        label="Review after, in days",
        min_value=FEWEST_DAYS,
        max_value=MOST_DAYS,
        initial=90,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            f"Review after must be a whole number of days from {FEWEST_DAYS} to {MOST_DAYS}",
        ),
    )

    def __init__(self, data=None, *args, **kwargs):
        super().__init__(_tidy(data), *args, **kwargs)
        self.helper.layout = Layout(
            side_by_side("name", "diagnosis"),
            side_by_side("measure", "review_days"),
            *self.limits(),
            *(["reason"] if "reason" in self.fields else []),
        )

    def template(self) -> TemplateGiven:
        v = self.cleaned_data
        words = {name: v[name] for name in ("name", "diagnosis", "measure", "review_days")}
        return TemplateGiven(**words, **self.bounds())


class TemplateChangeForm(TemplateForm):
    """The same with the reason of the change."""

    reason = f.reason()


class RangeReviewFilter(forms.Form):
    """Which ranges of the list to review."""

    when = forms.ChoiceField(
        label="Review", required=False, choices=[("", "Over"), ("soon", "Over or within two weeks")]
    )
    measure = forms.ChoiceField(label="Measure", required=False, choices=[("", "All"), *Measure.choices])


def _tidy(data):
    """Codes are typed with small letters and spaces too."""
    if data is None:
        return None
    data = data.copy()
    data["diagnosis"] = re.sub(r"\s", "", data.get("diagnosis", "")).upper()
    return data
