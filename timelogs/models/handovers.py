"""Whose the drafts are that somebody who left did not sign."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, PracticeModel
from foundation.lengths import REASON
from timelogs.models.entries import TimeEntry


class Handover(PracticeModel):
    """A draft of somebody who logs no time here any more, given to a colleague to look after.

    She cannot sign it: nobody vouches for another's minutes. She reads it, does what is still to be done in a session
    of her own, and closes it. Ended when it is closed or given to somebody else.
    """

    entry = models.ForeignKey(TimeEntry, models.PROTECT, related_name="handovers")
    given_to = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    given_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    why = models.TextField("what is to be done", max_length=REASON)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(why__regex=r"\S"), name="handover_says_why"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("given_at")),
                name="handover_ends_after_it_began",
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(ended_at=None), name="one_open_handover_of_a_draft"
            ),
        ]
