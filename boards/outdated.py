"""Which approved claims the record no longer bears out: looked at whenever a patient's figures are."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from billing.claims.staleness import outdated
from billing.models import Claim, ClaimState, Release
from boards.locks import hold_free
from boards.models import OutdatedClaim, PatientMark
from timelogs.models import PeriodState

# A claim that went out longer ago is looked at when it is exported again.
LOOKED_AT = timedelta(days=92)
AT_ONCE = 25


def approved(practice, on: date) -> QuerySet[Claim]:
    """Claims that an export may still hold: not gone out yet, or lately."""
    rows = Claim.objects.for_practice(practice).filter(
        state=ClaimState.APPROVED, period__state=PeriodState.CLOSED
    )
    gone = Exists(Release.objects.filter(claim=OuterRef("pk")))
    return rows.filter(Q(period__month__gte=on - LOOKED_AT) | ~gone)


def look_at(practice, patient_ids: Collection[UUID], *, at: datetime) -> None:
    """Keep, of these patients' approved claims, which are outdated by now. In as many queries for one as for many.

    The caller holds the patients: who read before another changed a record must not write after who read it then.
    """
    rows = approved(practice, practice.today(at)).filter(patient__in=patient_ids)
    claims = list(rows.select_related("selection", "period", "practice").order_by("period__month"))
    found: set[UUID] = set()
    for _, of_month in groupby(claims, key=lambda claim: claim.period.month):
        found |= outdated(list(of_month)).keys()
    kept = OutdatedClaim.objects.filter(practice=practice, claim__patient__in=patient_ids)
    known = set(kept.values_list("claim_id", flat=True))
    if gone := known - found:
        kept.filter(claim__in=gone).delete()
    OutdatedClaim.objects.bulk_create(
        OutdatedClaim(practice=practice, claim_id=key, found_at=at) for key in sorted(found - known)
    )


def outdated_claims(practice, month: date) -> QuerySet[OutdatedClaim]:
    """Keys of the month's. Patients who changed and wait for their figures are looked at first, if they are few."""
    at = timezone.now()
    changed = PatientMark.objects.filter(practice=practice).values("patient_id")
    rows = approved(practice, practice.today(at)).filter(period__month=month, patient__in=changed)
    waiting = list(rows.order_by("patient").values_list("patient_id", flat=True).distinct()[: AT_ONCE + 1])
    if 0 < len(waiting) <= AT_ONCE:
        with transaction.atomic():
            look_at(practice, hold_free(waiting), at=at)
    of_month = OutdatedClaim.objects.filter(practice=practice, claim__period__month=month)
    return of_month.filter(claim__state=ClaimState.APPROVED).values("claim")
