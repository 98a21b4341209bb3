"""What lies on the time axis of the readings besides them. A floor above knows it and says so here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from patients.models import Patient


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a moment: a session, or a contact in it. `address` leads to its page."""

    at: datetime
    kind: str
    words: str
    address: str


SESSION, CONTACT = "session", "contact"
Source = Callable[[Patient, datetime, datetime], Iterable[Event]]
_sources: list[Source] = []


def tell(source: Source) -> None:
    """Whom to ask for the events of a patient in `[start, end)`. Called once, when the apps are ready."""
    _sources.append(source)


def events(patient: Patient, start: datetime, end: datetime) -> list[Event]:
    """First first."""
    return sorted((e for source in _sources for e in source(patient, start, end)), key=lambda e: e.at)
