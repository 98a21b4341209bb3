"""The live part of a session: its clock, and what silence left out."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from accounts.models import PracticeModel
from foundation.lengths import REASON
from timelogs.models.entries import TimeEntry


class ClockState(models.TextChoices):
    RUNNING = "running", "Running"
    ON_CALL = "on_call", "On call"
    PAUSED = "paused", "Paused"
    ASKING = "asking", "Still there?"
    ENDED = "ended", "Ended"


class Question(models.TextChoices):
    """What made the clock ask."""

    IDLE = "idle", "No input"
    CALL = "call", "A long call"
    LONG = "long", "A long session"


class Clock(models.Model):
    """The live part of a draft's clock: heartbeat and last input. Not history: what it credited is in the segments.

    The open segment is the running time itself.
    """

    entry = models.OneToOneField(TimeEntry, models.PROTECT, related_name="clock", primary_key=True)
    practice = models.ForeignKey("accounts.Practice", models.PROTECT, related_name="+")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ClockState)
    heartbeat_at = models.DateTimeField()
    input_at = models.DateTimeField()
    # While asking: what made it ask, since when it asks, and from when on the time is in doubt. Without input that is
    # the last input; on a call and in a long session, where somebody was there until then, the question itself.
    question = models.CharField(max_length=4, choices=Question, blank=True)
    asked_at = models.DateTimeField(null=True)
    doubt_from = models.DateTimeField(null=True)
    # Worked time for which the person has answered that the session really goes on.
    vouched = models.DurationField(default=timedelta)
    pause_reason = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(state=ClockState.ASKING, asked_at__isnull=False, doubt_from__isnull=False)
                    & ~Q(question="")
                )
                | (~Q(state=ClockState.ASKING) & Q(asked_at=None, doubt_from=None, question="")),
                name="clock_asks_a_question",
            ),
        ]


class GapAnswer(models.TextChoices):
    ADDED = "added", "Added with a reason"
    LEFT_OUT = "left_out", "Left out"


class Gap(PracticeModel):
    """Time of a session that silence left out, until its author adds it with a reason or leaves it out for good.

    Open at its end until she is back. Never counted by itself: what is added becomes an attested segment.
    """

    entry = models.ForeignKey(TimeEntry, models.PROTECT, related_name="gaps")
    during = DateTimeRangeField()
    why = models.CharField("why it was left out", max_length=60)
    answer = models.CharField(max_length=8, choices=GapAnswer, blank=True)
    reason = models.TextField(max_length=REASON, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="no_minute_left_out_twice",
                expressions=[("entry", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False), name="gap_has_a_start"
            ),
            models.CheckConstraint(
                condition=Q(answer="") | Q(during__upper_inf=False), name="answered_gap_has_ended"
            ),
            models.CheckConstraint(
                condition=~Q(answer=GapAnswer.ADDED) | ~Q(reason=""), name="added_gap_says_why"
            ),
        ]
