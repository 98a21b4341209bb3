"""What care took how long, and until when time may be written."""

from timelogs.models.additions import ADDITION_LENGTH, Addition, AdditionKind
from timelogs.models.clocks import Clock, ClockState, Gap, GapAnswer, Question
from timelogs.models.concurrences import Concurrence
from timelogs.models.entries import (
    COUNTABLE,
    LIVE_METHODS,
    NOT_CARE,
    Activity,
    ClinicalAction,
    Method,
    Party,
    Status,
    TimeEntry,
    Topic,
)
from timelogs.models.escalation_work import EscalationWork
from timelogs.models.handovers import Handover
from timelogs.models.months import PatientMonth, Period, PeriodState
from timelogs.models.reviewed import ReviewedReadings
from timelogs.models.segments import CountedInterval, Evidence, SegmentSource, TimeSegment

__all__ = [
    "ADDITION_LENGTH",
    "COUNTABLE",
    "LIVE_METHODS",
    "NOT_CARE",
    "Activity",
    "Addition",
    "AdditionKind",
    "ClinicalAction",
    "Clock",
    "ClockState",
    "Concurrence",
    "CountedInterval",
    "EscalationWork",
    "Evidence",
    "Gap",
    "GapAnswer",
    "Handover",
    "Method",
    "Party",
    "PatientMonth",
    "Period",
    "PeriodState",
    "Question",
    "ReviewedReadings",
    "SegmentSource",
    "Status",
    "TimeEntry",
    "TimeSegment",
    "Topic",
]
