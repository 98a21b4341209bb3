"""Where the practice works, and at which of its sites a patient is cared for since when."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import PracticeModel, has_nine_digits, has_two_letters
from foundation.lengths import REASON
from patients.models.dates import ends_after_start
from patients.models.patients import Patient
from payers.codes import PLACES_OF_SERVICE


class Site(PracticeModel):
    """A place of the practice, `[starts_on, ends_on)`, with its place of service. Ended, never deleted.

    Patients of whom nothing else is said are at the `main` one, which is the first that a practice has.
    """

    name = models.CharField(max_length=80)
    address = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=2, blank=True)
    zip_code = models.CharField("ZIP", max_length=10, blank=True)
    place_of_service = models.CharField(
        "place of service", max_length=2, choices=list(PLACES_OF_SERVICE.items())
    )
    main = models.BooleanField("main site", default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    why = models.TextField(max_length=REASON)

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", Lower("name"), name="one_site_per_name"),
            models.UniqueConstraint(fields=["practice"], condition=Q(main=True), name="one_main_site"),
            ends_after_start("site_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="site_has_a_name"),
            models.CheckConstraint(condition=Q(why__regex=r"\S"), name="site_says_why"),
            models.CheckConstraint(
                condition=Q(place_of_service__in=list(PLACES_OF_SERVICE)),
                name="site_has_a_known_place_of_service",
            ),
            has_two_letters("site_state_has_two_letters"),
            has_nine_digits("site_zip_code_has_nine_digits"),
        ]

    def __str__(self):
        return self.name

    def is_open_on(self, day) -> bool:
        return self.starts_on <= day and (self.ends_on is None or self.ends_on > day)


class PatientSite(PracticeModel):
    """A patient is cared for at a site from a day on, until her next row's."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="sites")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    starts_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "starts_on"], name="one_site_per_patient_and_start")
        ]
