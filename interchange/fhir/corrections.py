"""PUT of an Observation that is here: its value corrected, or the whole of it withdrawn."""

from datetime import datetime

from fhir.resources.R4B.observation import Observation

from interchange.fhir.observation_in import Said, Whose, observation_said
from interchange.fhir.observations_in import Became, became_of
from interchange.fhir.outcome import Invalid, Issue
from interchange.fhir.whose import Known
from monitoring.models import Entrance, Reading
from monitoring.readings.incoming import Incoming, Status
from monitoring.readings.taking import take

_ONE = "An Observation here has one value. Send a pulse beside it as one of its own."
_SAME = (
    "Only its value can be corrected. Send one of another patient, device, measure or moment as a new one."
)
_TYPED = "This was typed by somebody of the practice, who corrects it."
_EXCLUDED = "This was withdrawn or excluded. Send a new one instead."


def correct(practice, sender: str, reading: Reading, data: Observation, *, at: datetime) -> Became:
    """A new version of the reading, or nothing where it says what is here. Raises `Invalid`."""
    said = observation_said(data)
    _check(practice, reading, said)
    value = _value(reading, said, sender)
    (taken,) = take([value], practice=practice, entrance=Entrance.FHIR, sender=sender, at=at, parks=False)
    return became_of([taken], said)


def _check(practice, reading: Reading, said: Said) -> None:
    if said.half or len(said.parts) != 1:
        raise Invalid(Issue("not-supported", _ONE, "Observation.component"))
    if reading.entrance == Entrance.TYPED:
        raise Invalid(Issue("forbidden", _TYPED, "Observation"), status=409)
    if not _is_about(practice, reading, said):
        raise Invalid(Issue("conflict", _SAME, "Observation"), status=409)
    differs = _numbers(said) != (reading.value, reading.second_value)
    if reading.excluded_reason and said.status != Status.ERROR and differs:
        raise Invalid(Issue("conflict", _EXCLUDED, "Observation.status"), status=409)


def _is_about(practice, reading: Reading, said: Said) -> bool:
    whose = Known(practice, [said.named]).whose(said.named)
    serial = reading.device.serial if reading.device else ""
    same = (said.parts[0].measure, said.taken_at) == (reading.measure, reading.taken_at)
    return same and whose.serial == serial and whose.mrn in {"", reading.patient.mrn}


def _numbers(said: Said) -> tuple:
    part = said.parts[0]
    return part.amount.value, part.second.value if part.second else None


def _value(reading: Reading, said: Said, sender: str) -> Incoming:
    """Of the device, patient and moment that are here; by the sender's own key, if it sent it."""
    serial = reading.device.serial if reading.device else ""
    (value,) = said.values(Whose(serial, reading.patient.mrn))
    status = Status.ERROR if said.status == Status.ERROR else Status.CORRECTED
    known_by = reading.identifier if reading.sender == sender else ""
    return Incoming(
        measure=value.measure,
        value=value.value,
        second_value=value.second_value,
        taken_at=value.taken_at,
        source=reading.source,
        original=value.original,
        serial=value.serial,
        mrn="" if serial else value.mrn,
        identifier=known_by,
        status=status,
    )
