"""Findings made by hand, and readings to find them in."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from escalations.acts import open_or_merge
from escalations.models import Escalation
from monitoring.findings import Cause, Finding, Severity
from monitoring.models import Reading, Source
from patients.models import Device, Measure, Patient
from tests.factories import saved

NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)


def pressure(patient: Patient, at: datetime = NOON, value: int = 182, below: int = 96) -> Reading:
    """One of her cuff, at that moment."""
    device = Device.objects.filter(assignments__patient=patient).first()
    return saved(
        Reading(
            practice=patient.practice,
            patient=patient,
            device=device,
            measure=Measure.BLOOD_PRESSURE,
            value=Decimal(value),
            second_value=Decimal(below),
            source=Source.AUTOMATIC,
            taken_at=at,
            received_at=at,
            day=at.astimezone(patient.tz).date(),
        )
    )


def finding(
    patient: Patient, *readings: Reading, cause=Cause.READING, severity=Severity.WARNING, at=NOON, **more
) -> Finding:
    ids: tuple[UUID, ...] = tuple(reading.pk for reading in readings)
    more = {"measure": Measure.BLOOD_PRESSURE, "says": "Blood pressure 182/96 mmHg, above 130/80.", **more}
    return Finding(patient.pk, cause, severity, at=at, reading_ids=ids, **more)


def opened(patient: Patient, at: datetime = NOON, **more) -> Escalation:
    """From one reading."""
    row = open_or_merge(
        finding(patient, pressure(patient, at), at=at, **more), practice=patient.practice, at=at
    )
    assert row is not None
    return row


def later(minutes: float = 0, *, hours: float = 0) -> datetime:
    return NOON + timedelta(minutes=minutes, hours=hours)


def trail(row: Escalation) -> list[str]:
    return [step.kind for step in row.steps.all()]
