"""Who pays the practice's claims, and how each payer wants them."""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import PracticeModel
from payers.codes import FILED_UNDER, FILING_CODES, PLACES_OF_SERVICE, DeviceDates, PlanKind, Usage

# The payer of somebody without coverage on the month's last day, whose claim is held as a whole. No payer may be
# known by it.
NO_PAYER = "none"


def filed_under_its_kind() -> Q:
    return reduce(or_, (Q(kind=kind, filing_code__in=codes) for kind, codes in FILED_UNDER.items()))


class Payer(PracticeModel):
    """One kind of plan of one payer: what is filed, paid or decided in another way is a payer of its own here.

    Coverages, policies and claims name it by its slug, which never changes. Retired, never deleted.
    """

    name = models.CharField(max_length=80)
    slug = models.SlugField()
    kind = models.CharField("kind of plan", max_length=20, choices=PlanKind)
    filing_code = models.CharField(
        "claim filing code", max_length=2, blank=True, choices=list(FILING_CODES.items())
    )
    payer_id = models.CharField("payer id", max_length=20, blank=True)
    accepts_replacement = models.BooleanField("accepts replacement and void claims", default=False)
    device_dates = models.CharField(
        "date of device lines", max_length=10, choices=DeviceDates, default=DeviceDates.RANGE
    )
    # Empty: the place of service of the practice's site.
    place_of_service = models.CharField(
        "place of service", max_length=2, blank=True, choices=list(PLACES_OF_SERVICE.items())
    )
    usage = models.CharField("claims are sent as", max_length=10, choices=Usage, default=Usage.TEST)
    retired = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "slug"], name="one_payer_per_slug"),
            models.UniqueConstraint("practice", Lower("name"), name="one_payer_per_name"),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="payer_has_a_name"),
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z0-9][a-z0-9-]*$") & ~Q(slug=NO_PAYER),
                name="payer_slug_has_its_shape",
            ),
            models.CheckConstraint(
                condition=Q(payer_id="") | Q(payer_id__regex=r"^[0-9A-Z]{2,20}$"),
                name="payer_id_has_its_shape",
            ),
            models.CheckConstraint(condition=filed_under_its_kind(), name="payer_is_filed_under_its_kind"),
            models.CheckConstraint(
                condition=Q(place_of_service__in=["", *PLACES_OF_SERVICE]), name="payer_place_is_known"
            ),
            models.CheckConstraint(
                condition=Q(device_dates__in=DeviceDates.values, usage__in=Usage.values),
                name="payer_settings_are_known",
            ),
            # A claim in earnest needs the id by which the clearinghouse finds the payer.
            models.CheckConstraint(
                condition=~Q(usage=Usage.PRODUCTION) | ~Q(payer_id=""), name="production_has_a_payer_id"
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_medicare(self) -> bool:
        """Whether its members' numbers are Medicare's own."""
        return self.kind == PlanKind.MEDICARE
