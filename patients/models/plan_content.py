"""What a care plan says, alike in the plan itself and in the request for its signature."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F, Q

from foundation.lengths import WORDS


@dataclass(frozen=True, slots=True)
class Vital:
    """A measured value that a plan can aim at. Between `least` and `most` lies what a body can have."""

    name: str
    label: str
    unit: str
    least: int
    most: int

    @property
    def low(self) -> str:
        return f"{self.name}_low"

    @property
    def high(self) -> str:
        return f"{self.name}_high"


VITALS = (
    Vital("systolic", "Systolic", "mmHg", 50, 260),
    Vital("diastolic", "Diastolic", "mmHg", 30, 160),
    Vital("heart_rate", "Heart rate", "/min", 20, 250),
    Vital("glucose", "Glucose", "mg/dL", 20, 600),
    Vital("weight", "Weight", "kg", 1, 400),
    Vital("spo2", "SpO₂", "%", 50, 100),
)
PLAN_TEXTS = ("goals", "other_targets", "actions", "medicines", "education")
PLAN_TARGETS = tuple(name for vital in VITALS for name in (vital.low, vital.high))
PLAN_CONTENT = (*PLAN_TEXTS, *PLAN_TARGETS, "review_by")


def _possible(vital: Vital) -> models.CheckConstraint:
    """Each bound is a value that a body can have, and the lower lies below the upper."""
    low, high = vital.low, vital.high
    inside = (vital.least, vital.most)
    return models.CheckConstraint(
        condition=(Q(**{low: None}) | Q(**{f"{low}__range": inside}))
        & (Q(**{high: None}) | Q(**{f"{high}__range": inside}))
        & (Q(**{low: None}) | Q(**{high: None}) | Q(**{f"{low}__lt": F(high)})),
        name=f"%(class)s_{vital.name}_is_possible",
    )


def _bound() -> models.DecimalField:
    return models.DecimalField(max_digits=5, decimal_places=2, null=True)


class PlanContent(models.Model):
    """Goals, targets from – to in the unit of each vital, actions, medicines and education as text."""

    goals = models.TextField(max_length=WORDS, blank=True)
    actions = models.TextField(max_length=WORDS, blank=True)
    # A target that is no measured value, such as "walks 20 minutes a day".
    other_targets = models.TextField(max_length=WORDS, blank=True)
    medicines = models.TextField(max_length=WORDS, blank=True)
    education = models.TextField(max_length=WORDS, blank=True)
    systolic_low = _bound()
    systolic_high = _bound()
    diastolic_low = _bound()
    diastolic_high = _bound()
    heart_rate_low = _bound()
    heart_rate_high = _bound()
    glucose_low = _bound()
    glucose_high = _bound()
    weight_low = _bound()
    weight_high = _bound()
    spo2_low = _bound()
    spo2_high = _bound()
    review_by = models.DateField(null=True)

    class Meta:
        abstract = True
        constraints = [_possible(vital) for vital in VITALS]

    @property
    def content(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in PLAN_CONTENT}
