"""What is in range: for one patient from a day on, and a practice's templates by condition."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from accounts.models import PracticeModel, during
from patients.models.dates import ends_after_start
from patients.models.devices import Measure
from patients.models.patients import Patient

# Each critical bound with the bound outside of which it lies.
CRITICAL = {
    "critical_low": "low",
    "critical_high": "high",
    "second_critical_low": "second_low",
    "second_critical_high": "second_high",
}
BOUNDS = ("low", "high", "second_low", "second_high", *CRITICAL)
FEWEST_DAYS, MOST_DAYS = 1, 366


def _bound() -> models.DecimalField:
    return models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)


def _outside(critical: str, bound: str) -> Q:
    """A critical bound needs the other on its side, and lies on it or outside."""
    further = Q(**{f"{critical}__lte" if bound.endswith("low") else f"{critical}__gte": F(bound)})
    return Q(**{critical: None}) | (Q(**{f"{bound}__isnull": False}) & further)


def _below(low: str, high: str) -> Q:
    return Q(**{low: None}) | Q(**{high: None}) | Q(**{f"{low}__lt": F(high)})


def _all(conditions) -> Q:
    found = Q()
    for condition in conditions:
        found &= condition
    return found


class Bounds(models.Model):
    """In range is `[low, high]`; past a critical bound it is more urgent. For blood pressure `second` is diastolic."""

    measure = models.CharField(max_length=16, choices=Measure)
    low = _bound()
    high = _bound()
    second_low = _bound()
    second_high = _bound()
    critical_low = _bound()
    critical_high = _bound()
    second_critical_low = _bound()
    second_critical_high = _bound()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=~Q(low=None, high=None), name="%(class)s_has_a_bound"),
            models.CheckConstraint(
                condition=_below("low", "high") & _below("second_low", "second_high"),
                name="%(class)s_low_is_below_high",
            ),
            models.CheckConstraint(
                condition=_all(_outside(*pair) for pair in CRITICAL.items()),
                name="%(class)s_critical_is_outside",
            ),
            models.CheckConstraint(
                condition=Q(measure=Measure.BLOOD_PRESSURE) | Q(second_low=None, second_high=None),
                name="%(class)s_only_pressure_has_two",
            ),
            models.CheckConstraint(
                condition=_all(Q(**{name: None}) | Q(**{f"{name}__gte": 0}) for name in BOUNDS),
                name="%(class)s_is_not_negative",
            ),
        ]


class TargetRange(PracticeModel, Bounds):
    """What is in range for this patient from when on, and by when somebody looks whether it still is."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="target_ranges")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    review_by = models.DateField()

    class Meta:
        constraints = [
            *Bounds.Meta.constraints,
            ends_after_start("range_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(review_by__gt=F("starts_on")), name="range_is_reviewed_after_it_starts"
            ),
            ExclusionConstraint(
                name="one_range_at_a_time",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("measure", RangeOperators.EQUAL),
                    (during(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class RangeTemplate(PracticeModel, Bounds):
    """Bounds that a practice begins with for a condition. A patient's range is a copy, and hers to change."""

    name = models.CharField(max_length=60)
    # An ICD-10-CM code or the beginning of one, of the patients to whom it is offered first; empty for all.
    diagnosis = models.CharField("diagnoses that begin with", max_length=8, blank=True)
    review_days = models.PositiveSmallIntegerField("review after, in days")
    retired = models.BooleanField(default=False)

    class Meta:
        constraints = [
            *Bounds.Meta.constraints,
            models.UniqueConstraint(
                fields=["practice", "name", "measure"],
                condition=Q(retired=False),
                name="one_range_template_of_a_name",
            ),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="rangetemplate_has_a_name"),
            models.CheckConstraint(
                condition=Q(diagnosis__regex=r"^([A-Z][0-9]([0-9A-Z](\.[0-9A-Z]{0,4})?)?)?$"),
                name="rangetemplate_diagnosis_shape",
            ),
            models.CheckConstraint(
                condition=Q(review_days__range=(FEWEST_DAYS, MOST_DAYS)),
                name="rangetemplate_review_within_a_year",
            ),
        ]

    def __str__(self):
        return f"{self.name}: {self.get_measure_display()}"
