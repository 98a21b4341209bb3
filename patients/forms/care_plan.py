"""The form of a care plan's next version: what was said before, to be changed where it changes."""

from typing import Any

from crispy_forms.layout import HTML, Fieldset, Layout

from accounts.permissions import Permission
from patients import policies
from patients.forms import fields as f
from patients.forms.fields import PracticeForm, StaffField, side_by_side
from patients.labels import number
from patients.models import PLAN_TARGETS, PLAN_TEXTS, VITALS, CarePlan, Measure, TargetRange
from patients.services import PlanGiven

OTHER_TARGETS = "What no value says, such as “walks 20 minutes a day”."
RANGES = "<p class='quiet'>What the plan aims at. When a reading is out of range is set under <i>Target ranges</i>.</p>"
# Which bound of a target range is which target, for a plan that has none yet.
_FROM_RANGES = {
    Measure.BLOOD_PRESSURE: ("systolic", "diastolic"),
    Measure.HEART_RATE: ("heart_rate", None),
    Measure.GLUCOSE: ("glucose", None),
    Measure.WEIGHT: ("weight", None),
    Measure.SPO2: ("spo2", None),
}


class CarePlanForm(PracticeForm):
    effective_on = f.day("In effect from", required=True, missing="Enter the day from which the plan holds")
    review_by = f.day("Review by")
    goals = f.lines("Goals", required=True, rows=4, missing="Enter the goals of the care plan")
    other_targets = f.lines("Other targets", help_text=OTHER_TARGETS)
    actions = f.lines("Actions", required=True, rows=4, missing="Enter the actions of the care plan")
    medicines = f.lines("Medicines", rows=3)
    education = f.lines("Education", rows=3)
    signed_by = StaffField(
        Permission.CLINICIAN_ANSWER, label="Clinician who signs", empty_label="Any clinician", required=False
    )
    plan_signed_on = f.day("Date on the signed paper", help_text="Leave it empty without a paper.")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for vital in VITALS:
            self.fields[vital.low] = f.limit(f"{vital.label} at least, {vital.unit}")
            self.fields[vital.high] = f.limit(f"{vital.label} at most, {vital.unit}")
        self.fields["review_by"].help_text = "Left empty: as long after as your practice decided."
        bounds = [side_by_side(vital.low, vital.high) for vital in VITALS]
        self.helper.layout = Layout(
            side_by_side("effective_on", "review_by"),
            "goals",
            Fieldset("Targets", HTML(RANGES), *bounds, "other_targets", css_class="targets"),
            "actions",
            "medicines",
            "education",
            side_by_side("signed_by", "plan_signed_on"),
        )

    def clean(self):
        values = super().clean()
        for vital in VITALS:
            if message := policies.why_not_target(vital, values.get(vital.low), values.get(vital.high)):
                self.add_error(vital.low, message)
        return values

    def plan(self) -> PlanGiven:
        v = self.cleaned_data
        return PlanGiven(
            effective_on=v["effective_on"],
            review_by=v["review_by"],
            targets={name: v[name] for name in PLAN_TARGETS},
            signed_by=v["signed_by"],
            signed_on=v["plan_signed_on"],
            **{name: v[name] for name in PLAN_TEXTS},
        )


def as_before(plan: CarePlan | None, ranges: list[TargetRange]) -> dict[str, Any]:
    """What the version before says, but its day of review; the first takes its targets from the target ranges."""
    found = {name: getattr(plan, name) for name in PLAN_TEXTS} if plan else {}
    bounds = {name: getattr(plan, name) for name in PLAN_TARGETS} if plan else _bounds(ranges)
    return found | {name: number(bound) for name, bound in bounds.items() if bound is not None}


def _bounds(ranges: list[TargetRange]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in ranges:
        if row.measure not in _FROM_RANGES:
            continue
        first, second = _FROM_RANGES[Measure(row.measure)]
        found |= {f"{first}_low": row.low, f"{first}_high": row.high}
        if second:
            found |= {f"{second}_low": row.second_low, f"{second}_high": row.second_high}
    return found
