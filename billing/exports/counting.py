"""How much an export would hold, for the pages that offer it: counted in SQL. The export itself decides anew."""

from datetime import date

from django.db.models import Count

from billing.claims.queue import claims_of
from billing.claims.told_above import outdated
from billing.models import ClaimLine, ClaimState
from patients.models import Site


def to_export(practice, month: date, site: Site | None = None) -> dict[str, int]:
    """Approved claims with released lines, those lines, and how many approved claims the record no longer bears out."""
    claims = claims_of(practice, month, site).filter(state=ClaimState.APPROVED)
    stale = outdated(practice, month)
    lines = ClaimLine.objects.for_practice(practice).filter(claim__in=claims, standing=True, released=True)
    counted = lines.exclude(claim__in=stale).aggregate(
        lines=Count("pk"), approved=Count("claim", distinct=True)
    )
    return counted | {"left_out": claims.filter(pk__in=stale).count()}
