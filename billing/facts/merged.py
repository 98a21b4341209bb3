"""What the records that were merged into one tell its months: one person is billed once for a month, on whichever."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, Subquery, UUIDField

from billing.models import ClaimLine, Release
from patients.models import Enrollment, Merge

REMAINING = "remaining_id"
"""On the lines of a merged record: whose months they concern."""


def sent_lines(practice):
    """Released lines of exported claims of records that were merged into others, by the record that remains.

    Those that were never exported are billed no more. `episode_ended_on`: of the enrollment on the day of service.
    """
    standing = Merge.objects.for_practice(practice).standing()
    into = standing.filter(duplicate=OuterRef("claim__patient")).values("remaining")[:1]
    rows = ClaimLine.objects.for_practice(practice).filter(
        Exists(Release.objects.filter(claim=OuterRef("claim"))),
        claim__patient__in=standing.values("duplicate"),
        standing=True,
        released=True,
    )
    return rows.select_related("claim__period").annotate(
        remaining_id=Subquery(into, output_field=UUIDField()), episode_ended_on=Subquery(_ended_on())
    )


def _ended_on():
    rows = Enrollment.objects.filter(
        Q(ended_on=None) | Q(ended_on__gt=OuterRef("service_on")),
        patient=OuterRef("claim__patient"),
        started_on__lte=OuterRef("service_on"),
    )
    return rows.order_by("-started_on").values("ended_on")[:1]


def closed_records(practice, month: date):
    """Merges of records whose claim of the month was not exported, so that nothing of it may be billed any more."""
    exported = Release.objects.filter(claim__patient=OuterRef("duplicate"), claim__period__month=month)
    return Merge.objects.for_practice(practice).standing().filter(~Exists(exported))
