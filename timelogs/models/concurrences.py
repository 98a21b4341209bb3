"""Where the same minutes of two people with one patient both count, because somebody wrote down why."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, PracticeModel
from foundation.lengths import REASON
from timelogs.models.entries import TimeEntry


class Concurrence(PracticeModel):
    """A reviewer's decision that the minutes which two signed sessions share both count. It is about these two alone.

    Ended once and never changed: taken back, or one of the two was amended or voided. The pair is kept in the order
    of its ids.
    """

    entry = models.ForeignKey(TimeEntry, models.PROTECT, related_name="+")
    other = models.ForeignKey(TimeEntry, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    reason = models.TextField(max_length=REASON)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField("why it ended", max_length=REASON, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(entry__lt=F("other")), name="concurrence_is_of_two"),
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="concurrence_says_why"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_reason="")
                | Q(ended_at__isnull=False, ended_reason__regex=r"\S"),
                name="concurrence_end_says_why",
            ),
            models.UniqueConstraint(
                fields=["entry", "other"], condition=Q(ended_at=None), name="one_concurrence_of_two"
            ),
        ]
