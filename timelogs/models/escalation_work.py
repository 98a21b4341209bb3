"""Which escalation was worked on in a session."""

from django.db import models

from accounts.models import PracticeModel
from escalations.models import Escalation
from timelogs.models.entries import TimeEntry


class EscalationWork(PracticeModel):
    """A session in which an escalation of the same patient was worked on. An amended version has its own row."""

    entry = models.ForeignKey(TimeEntry, models.PROTECT, related_name="escalation_work")
    escalation = models.ForeignKey(Escalation, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "escalation"], name="an_escalation_once_in_a_session")
        ]
