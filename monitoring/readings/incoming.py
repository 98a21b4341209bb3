"""What a sender says was measured, in our own units, before it is matched with a device or a patient. No database."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from monitoring.models import Source


class Status(StrEnum):
    """What the sender says about the value: as measured, in place of the one it sent before, or never to be used."""

    FINAL = "final"
    CORRECTED = "corrected"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One value at one moment, in the measure's own unit (`patients.models.UNITS`).

    `original` is what was sent, with its unit, where that was another one (`187.4 [lb_av]`), else empty. `serial`
    names the device, `mrn` the patient: one of them is there. `identifier` is the sender's own key of the value,
    empty where it has none. `taken_at` knows its zone.
    """

    measure: str
    value: Decimal
    taken_at: datetime
    second_value: Decimal | None = None
    source: str = Source.AUTOMATIC
    original: str = ""
    serial: str = ""
    mrn: str = ""
    identifier: str = ""
    status: Status = Status.FINAL
