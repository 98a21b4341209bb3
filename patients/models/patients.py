"""A person under care, and who pays."""

from zoneinfo import ZoneInfo

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Upper

from accounts.models import PracticeModel, during
from foundation.tracked import TrackedQuerySet
from patients.models.dates import ends_after_start
from payers.models import Payer


class Sex(models.TextChoices):
    FEMALE = "F", "Female"
    MALE = "M", "Male"
    OTHER = "O", "Other"
    UNKNOWN = "U", "Unknown"


class Patient(PracticeModel):
    """A person under care. The zone is where the patient lives; empty means the practice's."""

    family_name = models.CharField(max_length=60)
    given_name = models.CharField(max_length=60)
    born_on = models.DateField("date of birth")
    sex = models.CharField(max_length=1, choices=Sex)
    mrn = models.CharField("MRN", max_length=20)
    phone = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=30, blank=True)
    time_zone = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "mrn"], name="one_patient_per_mrn")]
        indexes = [
            models.Index(fields=["practice", "family_name", "given_name"]),
            GinIndex(OpClass(Upper("family_name"), name="gin_trgm_ops"), name="patient_family_trgm"),
        ]

    def __str__(self):
        return f"{self.family_name.upper()}, {self.given_name}"

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone) if self.time_zone else self.practice.tz

    def age(self, on) -> int:
        return on.year - self.born_on.year - ((on.month, on.day) < (self.born_on.month, self.born_on.day))


class CoverageQuerySet(TrackedQuerySet):
    def with_payer(self):
        """Each with its payer's name and kind of plan."""
        payer = Payer.objects.filter(practice=OuterRef("practice"), slug=OuterRef("payer"))
        return self.annotate(
            payer_name=Subquery(payer.values("name")), payer_kind=Subquery(payer.values("kind"))
        )


class Coverage(PracticeModel):
    """Who pays, from when until when. The payer is one of the practice, named by its slug."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="coverages")
    payer = models.SlugField()
    plan_name = models.CharField(max_length=80)
    member_id = models.CharField(max_length=30)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = CoverageQuerySet.as_manager()

    class Meta:
        constraints = [
            ends_after_start("coverage_ends_after_it_starts"),
            ExclusionConstraint(
                name="one_coverage_at_a_time",
                expressions=[("patient", RangeOperators.EQUAL), (during(), RangeOperators.OVERLAPS)],
            ),
        ]
