"""How the histories of sessions, their time and the months are shown."""

from django.utils import timezone

from accounts.permissions import Permission
from audit.registry import Names, present
from timelogs.models import (
    Addition,
    Concurrence,
    EscalationWork,
    Gap,
    Handover,
    PatientMonth,
    Period,
    ReviewedReadings,
    TimeEntry,
    TimeSegment,
)

CHART = Permission.CHART_VIEW


def _started(row, names: Names) -> str:
    return f"{timezone.localtime(row.started_at):%d-%b-%Y %H:%M}"


def _segment(row, names: Names) -> str:
    return f"from {timezone.localtime(row.during.lower):%d-%b-%Y %H:%M}"


def _added(row, names: Names) -> str:
    return f"{row.get_kind_display()} of {timezone.localtime(row.signed_at):%d-%b-%Y %H:%M}"


present(Period, label="Month", needs=Permission.MONTH_VIEW, name=lambda row, names: f"{row.month:%B %Y}")
present(PatientMonth, label="Patient's month", needs=CHART, name=lambda row, names: f"{row.month:%B %Y}")
present(
    TimeEntry,
    label="Session",
    needs=CHART,
    name=_started,
    hide={"signature", "enrollment"},
    labels={
        "seconds_signed": "time signed",
        "cumulative_seconds": "month's total as shown at signing",
        "contact_seconds": "length of the contact",
        "contact_started_at": "contact began at",
        "signed_label": "signed as",
        "supersedes": "amends the session",
        "data_facts": "readings as they were shown",
        "data_reviewed": "readings reviewed",
        "data_seen_at": "readings shown at",
        "ended_reason": "why it was amended, voided or discarded",
    },
)
present(
    TimeSegment,
    label="Session's time",
    needs=CHART,
    name=_segment,
    labels={"during": "time", "standing": "stands", "entry": "session"},
)
present(
    Gap,
    label="Time left out of a session",
    needs=CHART,
    name=_segment,
    labels={"during": "time", "entry": "session", "answer": "what became of it"},
)
present(
    Addition,
    label="Added to a session",
    needs=CHART,
    name=_added,
    hide={"signature"},
    labels={
        "entry": "session",
        "kind": "what was added",
        "wording": "version of the wording",
        "signed_label": "signed as",
    },
)
present(
    Concurrence,
    label="Minutes of two that both count",
    needs=CHART,
    name=lambda row, names: f"decided {timezone.localtime(row.decided_at):%d-%b-%Y %H:%M}",
    labels={"entry": "session", "other": "and session", "reason": "why both count"},
)
present(
    Handover,
    label="Draft handed over",
    needs=CHART,
    name=lambda row, names: f"handed over {timezone.localtime(row.given_at):%d-%b-%Y %H:%M}",
    labels={"entry": "session", "why": "what is to be done"},
)
present(
    ReviewedReadings,
    label="Readings reviewed",
    needs=CHART,
    name=lambda row, names: f"{row.since:%d-%b-%Y} to {row.until:%d-%b-%Y}",
    hide={"digest"},
    labels={
        "entry": "session",
        "seen_at": "shown at",
        "readings": "number of readings",
        "days": "days with readings",
        "out_of_range": "readings out of range",
        "days_out_of_range": "days with a reading out of range",
        "days_above": "days with a reading above range",
        "low": "lowest",
        "high": "highest",
        "second_low": "lowest diastolic",
        "second_high": "highest diastolic",
    },
)
present(
    EscalationWork,
    label="Session about an escalation",
    needs=CHART,
    name=lambda row, names: "linked",
    labels={"entry": "session"},
)
