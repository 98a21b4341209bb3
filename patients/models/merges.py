"""Two records of one person: that they were merged, and undone; or that somebody looked and they are two people."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, PracticeModel
from foundation.lengths import REASON
from foundation.tracked import TrackedQuerySet
from patients.models.patients import Patient


class MergeQuerySet(TrackedQuerySet):
    def standing(self):
        """Those that were not undone."""
        return self.filter(undone_at=None)


class Merge(PracticeModel):
    """The record `duplicate` is of the same person as `remaining`: nothing is written to it from then on, and its MRN
    leads to the other. No row of it is moved.

    `taken`: what was written into the remaining record from it, [{"name", "was", "is", "text"}]. `kept`: of these, what
    stayed when the merge was undone, because somebody had changed it since.
    """

    duplicate = models.ForeignKey(
        Patient, models.PROTECT, related_name="+", verbose_name="record that was merged"
    )
    remaining = models.ForeignKey(
        Patient, models.PROTECT, related_name="+", verbose_name="record that remains"
    )
    reason = models.TextField("why they are one person", max_length=REASON)
    merged_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    merged_at = models.DateTimeField()
    taken = models.JSONField("taken over", default=list)
    undone_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True)
    undone_at = models.DateTimeField(null=True)
    undo_reason = models.TextField("why it was undone", max_length=REASON, blank=True)
    kept = models.JSONField("not put back, changed since", default=list)

    objects = MergeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(duplicate=F("remaining")), name="merge_is_of_two_records"),
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="merge_says_why"),
            models.CheckConstraint(
                condition=Q(undone_by=None, undone_at=None, undo_reason="")
                | Q(
                    undone_by__isnull=False,
                    undone_at__isnull=False,
                    undone_at__gte=F("merged_at"),
                    undo_reason__regex=r"\S",
                ),
                name="merge_undone_by_at_and_why",
            ),
            models.UniqueConstraint(
                fields=["duplicate"], condition=Q(undone_at=None), name="one_merge_of_a_record"
            ),
        ]
        indexes = [
            models.Index(fields=["remaining"], condition=Q(undone_at=None), name="merge_standing_into"),
            models.Index(fields=["practice", "-merged_at"]),
        ]

    @property
    def merged_on(self) -> date:
        return self.practice.today(self.merged_at)

    @property
    def undone_on(self) -> date | None:
        return self.practice.today(self.undone_at) if self.undone_at else None


class TwoPeople(PracticeModel):
    """Somebody compared two records that look like one person’s, and they are not. The pair is kept in the order of its
    ids. Ended when they are merged after all."""

    one = models.ForeignKey(Patient, models.PROTECT, related_name="+", verbose_name="one record")
    other = models.ForeignKey(Patient, models.PROTECT, related_name="+", verbose_name="other record")
    reason = models.TextField("how one knows", max_length=REASON)
    decided_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="two_people_in_order"),
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="two_people_says_why"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("decided_at")),
                name="two_people_end_after_it_began",
            ),
            models.UniqueConstraint(
                fields=["one", "other"], condition=Q(ended_at=None), name="one_decision_of_two_people"
            ),
        ]
