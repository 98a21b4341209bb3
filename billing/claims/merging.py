"""What of a record's claims must be settled before it is merged into another, and what both were billed for."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.permissions import Permission
from billing.decisions.decide import decide
from billing.decisions.second_count import second_counts
from billing.facts.gather import gather
from billing.facts.patient_month import SETUP_CODE
from billing.models import Claim, ClaimState, Release
from foundation.months import next_month
from patients.merging import Point, to_look_at, to_settle
from patients.models import Enrollment, Patient
from timelogs.counting.merging import not_closed


def _claims(patient: Patient):
    rows = Claim.objects.for_practice(patient.practice_id).filter(patient=patient)
    return rows.select_related("period").order_by("period__month", "number")


def _releasing(patient: Patient):
    """Claims with lines that may be, or were, billed; `sent`: whether they ever were."""
    rows = _claims(patient).filter(lines__standing=True, lines__released=True).distinct()
    return rows.annotate(sent=Exists(Release.objects.filter(claim=OuterRef("pk"))))


def _to_billers(claim: Claim) -> dict[str, Any]:
    """Claims are shown to who sees months; others learn what somebody else has to settle."""
    return {
        "asks": Permission.MONTH_VIEW,
        "otherwise": f"A biller has to settle {claim.period.month:%B %Y} first",
    }


@to_settle
def open_claims(duplicate: Patient, at: datetime) -> Iterator[Point]:
    exported = Release.objects.filter(claim=OuterRef("pk"), released_at__gte=OuterRef("approved_at"))
    for claim in _releasing(duplicate).exclude(Exists(exported)):
        # The lines of one that was sent are not blocked: it would no longer say what was billed.
        todo = (
            "exported again since it changed: a biller approves and" if claim.sent else "exported: a biller"
        )
        other = "" if claim.sent else ", or blocks its lines"
        yield Point(
            f"Claim {claim.number} of {claim.period.month:%B %Y} is on it and not {todo} exports it{other}",
            reverse("billing:claim", args=[claim.pk]),
            **_to_billers(claim),
        )


@to_settle
def undecided_months(duplicate: Patient, at: datetime) -> Iterator[Point]:
    """Months that are not closed and in which something would be released on it: its readings, as a rule.

    Nothing can be added to them, so that what a close would come to is known now.
    """
    once: set[str] = set()
    for month in not_closed(duplicate, _enrolled_months(duplicate, at)):
        counts = second_counts(duplicate.practice, month, [duplicate.pk])
        gathered = gather(duplicate.practice, month, [duplicate.pk])[duplicate.pk]
        lines = decide(gathered, counts[duplicate.pk]).lines
        # The set-up is claimed in the first month alone, which each later one cannot know before that is closed.
        if codes := sorted({code for code, _, released in lines if released} - once):
            once.add(SETUP_CODE)
            yield Point(
                f"{month:%B %Y} is not closed, and would come to {', '.join(codes)} on it: merge once it is closed and "
                "exported",
                reverse("monitoring:readings", args=[duplicate.pk]),
            )


def _enrolled_months(duplicate: Patient, at: datetime) -> set[date]:
    today, months = duplicate.practice.today(at), set()
    for episode in Enrollment.objects.for_practice(duplicate.practice_id).filter(patient=duplicate):
        month = episode.started_on.replace(day=1)
        while month <= min(episode.ended_on or today, today):
            months.add(month)
            month = next_month(month)
    return months


@to_look_at
def billed_twice(duplicate: Patient, remaining: Patient) -> Iterator[Point]:
    """Before the two were known to be one person, her month may have been billed on both."""
    ours = {claim.period_id: claim for claim in _releasing(remaining)}
    for claim in _releasing(duplicate).filter(sent=True, period__in=list(ours)):
        month, other = f"{claim.period.month:%B %Y}", ours[claim.period_id]
        if other.sent:
            yield Point(
                f"{month} was billed on both records. A person is billed once for a month: tell a biller, who corrects "
                "it with the payer",
                reverse("billing:claim", args=[claim.pk]),
                **_to_billers(claim),
            )
        else:
            yield Point(
                f"{month} was billed on it. Once merged, claim {other.number} of the other record is not exported: its "
                "month is decided again, and what was billed already is held",
                reverse("billing:claim", args=[other.pk]),
                **_to_billers(claim),
            )
    for claim in _claims(duplicate).filter(state__in=[ClaimState.ATTENTION, ClaimState.ON_HOLD]):
        yield Point(
            f"Claim {claim.number} of {claim.period.month:%B %Y} is held. Once merged, nobody can release it",
            reverse("billing:claim", args=[claim.pk]),
            **_to_billers(claim),
        )
