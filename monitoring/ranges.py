"""Whether a reading lies in the patient's range of its day, and how far out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from monitoring.findings import Severity
from patients.labels import number, value_in_words
from patients.models import Measure, TargetRange


class Standing(StrEnum):
    """How a reading lies to the range of its day. Both at once (high over low) is called above."""

    IN = "in range"
    ABOVE = "above range"
    BELOW = "below range"
    NO_RANGE = "no range set"


@dataclass(frozen=True, slots=True)
class Judged:
    """A reading's standing; `severity` is None unless it is out of range."""

    standing: Standing
    severity: Severity | None = None

    @property
    def words(self) -> str:
        """`Above range`, `Critical, above range`."""
        if self.severity is Severity.CRITICAL:
            return f"Critical, {self.standing}"
        return self.standing.capitalize()


class Measured(Protocol):
    """What is judged: a Reading, or a row of its columns."""

    measure: str
    value: Decimal
    second_value: Decimal | None
    day: date


@dataclass(frozen=True, slots=True)
class Broken:
    """A limit that a reading went past: the outermost on its side. `part` is empty but for blood pressure."""

    part: str
    side: Standing
    limit: Decimal
    severity: Severity

    @property
    def words(self) -> str:
        side = "above" if self.side is Standing.ABOVE else "below"
        critical = " critical" if self.severity is Severity.CRITICAL else ""
        return f"{self.part} {side}{critical} {number(self.limit)}".strip()


def broken_limits(reading: Measured, range_: TargetRange | None) -> list[Broken]:
    """What it went past. The bounds themselves are in range, and the critical ones are not yet critical."""
    if range_ is None:
        return []
    pressure = reading.measure == Measure.BLOOD_PRESSURE
    parts = (
        ("systolic" if pressure else "", "", reading.value),
        ("diastolic", "second_", reading.second_value),
    )
    return [broken for part in parts for broken in _past(range_, *part)]


def _past(range_: TargetRange, part: str, prefix: str, value: Decimal | None) -> Iterator[Broken]:
    if value is None:
        return
    for name, side in (("high", Standing.ABOVE), ("low", Standing.BELOW)):
        limits = (
            (getattr(range_, f"{prefix}critical_{name}"), Severity.CRITICAL),
            (getattr(range_, f"{prefix}{name}"), Severity.WARNING),
        )
        for limit, severity in limits:
            if limit is not None and (value > limit if side is Standing.ABOVE else value < limit):
                yield Broken(part, side, limit, severity)
                break


def judge(reading: Measured, range_: TargetRange | None) -> Judged:
    """How it lies to the range, and how urgent that is."""
    if range_ is None:
        return Judged(Standing.NO_RANGE)
    broken = broken_limits(reading, range_)
    if not broken:
        return Judged(Standing.IN)
    above = any(each.side is Standing.ABOVE for each in broken)
    critical = any(each.severity is Severity.CRITICAL for each in broken)
    return Judged(
        Standing.ABOVE if above else Standing.BELOW, Severity.CRITICAL if critical else Severity.WARNING
    )


def says_what_broke(reading: Measured, range_: TargetRange | None) -> str:
    """`Blood pressure 158/96 mmHg: systolic above 130, diastolic above 80`; it names each limit."""
    value = value_in_words(reading.measure, reading.value, reading.second_value)
    limits = ", ".join(broken.words for broken in broken_limits(reading, range_))
    return f"{Measure(reading.measure).label} {value}: {limits}"


@dataclass(frozen=True, slots=True)
class Ranges:
    """Target ranges of one or many patients, read once; answers for any day."""

    rows: tuple[TargetRange, ...]

    @classmethod
    def of(cls, practice, patient_ids) -> "Ranges":
        rows = TargetRange.objects.for_practice(practice).filter(patient_id__in=patient_ids)
        return cls(tuple(rows.order_by("starts_on")))

    def on(self, patient_id, measure: str, day: date) -> TargetRange | None:
        for row in self.rows:
            if (row.patient_id, row.measure) == (patient_id, measure) and _in_force(row, day):
                return row
        return None

    def by_patient(self) -> dict:
        """One `Ranges` a patient, so that judging a long list does not search everybody's rows."""
        rows: dict = {}
        for row in self.rows:
            rows.setdefault(row.patient_id, []).append(row)
        return {patient_id: Ranges(tuple(own)) for patient_id, own in rows.items()}

    def judged(self, reading) -> Judged:
        return judge(reading, self.on(reading.patient_id, reading.measure, reading.day))

    def standing(self, reading) -> Standing:
        return self.judged(reading).standing


def _in_force(row: TargetRange, day: date) -> bool:
    return row.starts_on <= day and (row.ends_on is None or day < row.ends_on)
