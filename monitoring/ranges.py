"""Whether a reading lies in the patient's range of its day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from patients.models import TargetRange


class Standing(StrEnum):
    """How a reading lies to the range of its day. Both at once (high over low) is called above."""

    IN = "in range"
    ABOVE = "above range"
    BELOW = "below range"
    NO_RANGE = "no range set"


class Measured(Protocol):
    """What is judged: a Reading, or a row of its columns."""

    measure: str
    value: Decimal
    second_value: Decimal | None
    day: date


def judge(reading: Measured, range_: TargetRange | None) -> Standing:
    """The bounds themselves are in range."""
    if range_ is None:
        return Standing.NO_RANGE
    if _over(reading.value, range_.high) or _over(reading.second_value, range_.second_high):
        return Standing.ABOVE
    if _under(reading.value, range_.low) or _under(reading.second_value, range_.second_low):
        return Standing.BELOW
    return Standing.IN


def _over(value, bound) -> bool:
    return value is not None and bound is not None and value > bound


def _under(value, bound) -> bool:
    return value is not None and bound is not None and value < bound


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

    def standing(self, reading) -> Standing:
        return judge(reading, self.on(reading.patient_id, reading.measure, reading.day))


def _in_force(row: TargetRange, day: date) -> bool:
    return row.starts_on <= day and (row.ends_on is None or day < row.ends_on)
