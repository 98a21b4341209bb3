"""What of a record's claims must be settled before it is merged into another, and what both were billed for."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from billing.models import Claim, ClaimState
from patients.merging import Point, to_look_at, to_settle
from patients.models import Patient


def _claims(patient: Patient):
    rows = Claim.objects.for_practice(patient.practice_id).filter(patient=patient)
    return rows.select_related("period").order_by("period__month", "number")


def _releasing(patient: Patient):
    """Claims with lines that may be, or were, billed."""
    return _claims(patient).filter(lines__standing=True, lines__released=True).distinct()


@to_settle
def open_claims(duplicate: Patient, at: datetime) -> Iterator[Point]:
    for claim in _releasing(duplicate).exclude(state=ClaimState.EXPORTED):
        yield Point(
            f"Claim {claim.number} of {claim.period.month:%B %Y} is on it and not exported: a biller exports it, or "
            "blocks its lines",
            reverse("billing:claim", args=[claim.pk]),
        )


@to_look_at
def billed_twice(duplicate: Patient, remaining: Patient) -> Iterator[Point]:
    """Before the two were known to be one person, her month may have been billed on both."""
    ours = set(_releasing(remaining).values_list("period", flat=True))
    for claim in _releasing(duplicate).filter(period__in=ours):
        yield Point(
            f"{claim.period.month:%B %Y} was billed on both records. A person is billed once for a month: tell a "
            "biller, who corrects it with the payer",
            reverse("billing:claim", args=[claim.pk]),
        )
    for claim in _claims(duplicate).filter(state__in=[ClaimState.ATTENTION, ClaimState.ON_HOLD]):
        yield Point(
            f"Claim {claim.number} of {claim.period.month:%B %Y} is held. Once merged, nobody can release it",
            reverse("billing:claim", args=[claim.pk]),
        )
