"""Another system says that two of its numbers are one person's. It is never done by itself: somebody compares."""

from datetime import datetime

from django.db import models, transaction
from django.urls import reverse

from accounts.models import Membership, Practice
from accounts.permissions import Permission, roles_that_may
from dispatch import notices
from intake import waiting
from intake.models import AskedMerge
from intake.selectors import open_asked_merges
from patients.merges import by_mrn


class Asked(models.TextChoices):
    """What became of it, in words for the other system."""

    WAITING = "waiting", "The merge waits for a decision"
    DECIDED = "decided", "The merge was decided before"
    DONE = "done", "Already one record, nothing to do"
    NOBODY = "nobody", "Nobody has the number before, nothing to do"
    MOVED = "moved", "Nobody has the number that remains"


@transaction.atomic
def ask_merge(practice: Practice, before: str, remains: str, *, sender: str, at: datetime) -> Asked:
    """Two MRNs. Asked twice it waits once; what somebody decided about these two is not asked again."""
    waiting.hold(practice.pk)
    found = by_mrn(practice, [before, remains])
    duplicate, remaining = found.get(before), found.get(remains)
    if duplicate is None:
        return Asked.NOBODY
    if remaining is None:
        return Asked.MOVED
    if duplicate == remaining:
        return Asked.DONE
    row, fresh = AskedMerge.objects.get_or_create(
        practice=practice,
        duplicate=duplicate,
        remaining=remaining,
        defaults={"sender": sender[:120], "asked_at": at},
    )
    if not open_asked_merges(practice).filter(pk=row.pk).exists():
        return Asked.DECIDED
    if fresh:
        _tell(row, at=at)
    return Asked.WAITING


def _tell(row: AskedMerge, *, at: datetime) -> None:
    rows = Membership.objects.for_practice(row.practice).filter(
        role__in=roles_that_may(Permission.RECORDS_MERGE, Permission.INBOX), user__is_active=True
    )
    notices.notify(
        row.practice,
        [member.user for member in rows.on(row.practice.today(at)).select_related("user")],
        kind="asked-merge",
        cause=f"asked-merge:{row.pk}",
        text="Another system says that two records are one person’s. Compare them.",
        url=reverse("patients:merge", args=[row.duplicate_id, row.remaining_id]),
    )
