"""What becomes of each value: new, repeated, a correction, parked or refused. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP
from enum import StrEnum
from uuid import UUID

from foundation.plain_text import why_not_readable
from monitoring.models import (
    IDENTIFIER,
    MRN,
    ORIGINAL,
    SERIAL,
    Parking,
    Reading,
    Source,
)
from monitoring.readings.incoming import Incoming, Status
from monitoring.readings.known import Known, Meter, Person, Standing, day_of, held, key_of, was_enrolled
from monitoring.readings.units import HUNDREDTH, impossible
from patients.models import MEASURES, Measure

AHEAD = timedelta(minutes=5)
# Wide enough for any reading, and far from where a clock's arithmetic ends.
FIRST_YEAR, LAST_YEAR = 2000, 2100


class Outcome(StrEnum):
    ADDED = "added"
    REPEATED = "repeated"
    CORRECTED = "corrected"
    PARKED = "parked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one value. `field` and `problem` say what is wrong with one that was parked or refused.

    `reading_id` is the reading that it became, repeats, corrects or withdraws, or that it contradicts.
    """

    outcome: Outcome
    reading_id: UUID | None = None
    field: str = ""
    problem: str = ""
    patient_id: UUID | None = None
    day: date | None = None
    parking: str = ""

    @classmethod
    def of(cls, outcome: Outcome, reading: Reading) -> "Taken":
        return cls(outcome, reading.pk, patient_id=reading.patient_id, day=reading.day)

    @property
    def is_here(self) -> bool:
        """Whether the value is one of our readings now."""
        return self.outcome not in {Outcome.PARKED, Outcome.REFUSED}


@dataclass(frozen=True, slots=True)
class Change:
    """A reading that gets a new version: the value in place of what stood, or withdrawn by its sender."""

    reading: Reading
    value: Incoming


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A value that is nobody's yet, and why."""

    value: Incoming
    reason: Parking
    field: str
    problem: str


class _Park(Exception):
    def __init__(self, reason: Parking, field: str, problem: str):
        super().__init__(problem)
        self.reason, self.field, self.problem = reason, field, problem


class _Refuse(Exception):
    def __init__(self, field: str, problem: str, reading_id: UUID | None = None):
        super().__init__(problem)
        self.field, self.problem, self.reading_id = field, problem, reading_id


class Sorting:
    """Puts each value where it belongs; what the same call said before counts as known."""

    def __init__(self, known: Known, *, entrance: str, at: datetime):
        self.known, self.entrance, self.at = known, entrance, at
        self.new: list[Reading] = []
        self.changes: list[Change] = []
        self.unplaced: list[Unplaced] = []

    def take(self, values: Sequence[Incoming]) -> list[Taken]:
        return [self._one(value) for value in values]

    def _one(self, value: Incoming) -> Taken:
        try:
            return self._place(_to_the_hundredth(value))
        except _Refuse as no:
            return Taken(Outcome.REFUSED, no.reading_id, no.field, no.problem)
        except _Park as nobody:
            self.unplaced.append(Unplaced(value, nobody.reason, nobody.field, nobody.problem))
            return Taken(Outcome.PARKED, None, nobody.field, nobody.problem, parking=nobody.reason)

    def _place(self, value: Incoming) -> Taken:
        withdraws = value.status == Status.ERROR
        if not withdraws:
            self._check_possible(value)
        if before := self.known.by_identifier.get(value.identifier):
            return self._again(value, before)
        try:
            device, patient = self._owner(value)
        except _Park:
            if withdraws:
                raise _nothing() from None
            raise
        key = key_of(device.pk if device else None, patient.pk, value.measure, value.taken_at)
        if before := self.known.by_key.get(key):
            return self._again(value, before)
        if withdraws:
            raise _nothing()
        self._check_open(patient)
        return self._add(value, device, patient)

    def _check_possible(self, value: Incoming) -> None:
        if problem := impossible(value.measure, value.value, value.second_value):
            raise _Refuse(*problem)
        if value.taken_at > self.at + AHEAD:
            raise _Refuse("taken_at", "Lies in the future. Check the device's clock and the offset")

    def _check_open(self, patient: Person) -> None:
        """What a device said that day belongs to the record that had it, which takes nothing new."""
        if merge := self.known.merged.get(patient.pk):
            raise _Park(
                Parking.MERGED,
                "serial",
                f"Was on the record with MRN {merge.mrn} that day, which was merged into "
                f"MRN {merge.remaining.mrn} and takes no readings. Leave it out, or have the merge undone first",
            )

    # Whose it is --------------------------------------------------------------------------------------------

    def _owner(self, value: Incoming) -> tuple[Meter | None, Person]:
        if not value.serial:
            return None, self._of_mrn(value)
        device = self.known.devices.get(value.serial)
        if device is None:
            raise _Park(
                Parking.NO_DEVICE,
                "serial",
                f"Is “{value.serial}”, which no device here has. Give the device to a patient first",
            )
        self._check_device(value, device)
        return device, self._holder(value, device)

    def _check_device(self, value: Incoming, device: Meter) -> None:
        if value.measure not in MEASURES[device.kind]:
            kind = device.kind.label.lower()
            raise _Refuse("measure", f"Is {value.measure}, which a {kind} does not measure")
        if value.source == Source.AUTOMATIC and not device.automatic:
            raise _Refuse("source", "Is automatic, but this device does not send by itself. Write typed")

    def _holder(self, value: Incoming, device: Meter) -> Person:
        """The patient who had the device on the day of the reading."""
        for given in self.known.holders[device.pk]:
            patient = given.person
            if not held(given, day_of(value, patient)):
                continue
            allowed = {patient, self.known.remaining(patient)}
            if value.mrn and self.known.patients.get(value.mrn) not in allowed:
                raise _Refuse("mrn", "Is not that of the patient who had the device that day")
            return patient
        raise _Park(Parking.NO_HOLDER, "serial", "Was with nobody that day. Record when the device was given")

    def _of_mrn(self, value: Incoming) -> Person:
        patient = self.known.patients.get(value.mrn)
        if patient is None:
            raise _Park(Parking.NO_PATIENT, "mrn", f"Is “{value.mrn}”, which no patient here has")
        if not was_enrolled(self.known.episodes[patient.pk], day_of(value, patient)):
            raise _Park(Parking.NOT_ENROLLED, "taken_at", "Is a day on which the patient was not enrolled")
        return patient

    # What becomes of it -------------------------------------------------------------------------------------

    def _add(self, value: Incoming, device: Meter | None, patient: Person) -> Taken:
        reading = Reading(
            practice_id=self.known.practice.pk,
            patient_id=patient.pk,
            device_id=device.pk if device else None,
            entrance=self.entrance,
            sender=self.known.sender,
            identifier=value.identifier,
            measure=value.measure,
            value=value.value,
            second_value=value.second_value,
            original=value.original,
            source=value.source,
            taken_at=value.taken_at,
            received_at=self.at,
            day=day_of(value, patient),
        )
        self.known.remember(reading)
        self.new.append(reading)
        return Taken.of(Outcome.ADDED, reading)

    def _again(self, value: Incoming, before: Standing) -> Taken:
        """A value of which we have one by the same identifier, or of the same device and moment."""
        reading = before.reading
        if value.status == Status.ERROR:
            if before.withdrawn:
                return Taken.of(Outcome.REPEATED, reading)
            before.withdrawn = True
            return self._change(value, reading)
        if not self._is_of(value, reading):
            raise _Refuse(
                "identifier",
                "Was used for a value of another device, measure or moment. Send this one under its own",
                reading.pk,
            )
        if (before.value, before.second_value) == (value.value, value.second_value):
            return Taken.of(Outcome.REPEATED, reading)
        if value.status != Status.CORRECTED:
            raise _Refuse(
                "value",
                "Differs from the value recorded for this moment. Correct it, or leave it out",
                reading.pk,
            )
        before.value, before.second_value = value.value, value.second_value
        return self._change(value, reading)

    def _is_of(self, value: Incoming, reading: Reading) -> bool:
        device = self.known.devices.get(value.serial)
        same = (reading.measure, reading.taken_at) == (value.measure, value.taken_at)
        if device is None:
            return same and reading.device_id is None and self._is_same_person(value, reading)
        return same and reading.device_id == device.pk

    def _is_same_person(self, value: Incoming, reading: Reading) -> bool:
        """Without a device the number says whose it is; that of a merged record leads to the one that remains."""
        patient = self.known.patients.get(value.mrn)
        merge = self.known.merged.get(reading.patient_id)
        return patient is not None and patient.pk == (merge.remaining.pk if merge else reading.patient_id)

    def _change(self, value: Incoming, reading: Reading) -> Taken:
        if reading.patient_id in self.known.merged:
            raise _Refuse(
                "identifier",
                "Is of a record that was merged and is read only. Undo the merge first",
                reading.pk,
            )
        self.changes.append(Change(reading, value))
        return Taken.of(Outcome.CORRECTED, reading)


def _nothing() -> _Refuse:
    return _Refuse("identifier", "Is of no value that was taken in. There is nothing to withdraw")


# What no practice could take in -----------------------------------------------------------------------------


def malformed(value: Incoming, sender: str) -> Taken | None:
    """Why a value cannot even be looked up. Whoever made it from a message should not have let it through."""
    problem = _text_problem(value) or _shape_problem(value)
    if not problem and value.identifier and not sender:
        problem = "identifier", "Is there, but who sent it is not said"
    return Taken(Outcome.REFUSED, None, *problem) if problem else None


def _text_problem(value: Incoming) -> tuple[str, str] | None:
    texts = {"serial": SERIAL, "mrn": MRN, "identifier": IDENTIFIER, "original": ORIGINAL}
    for field, most in texts.items():
        text = getattr(value, field)
        if len(text) > most:
            return field, f"Is longer than {most} characters"
        if why := why_not_readable(text, called="This", words=False):
            return field, why
    return None


def _shape_problem(value: Incoming) -> tuple[str, str] | None:
    numbers = [number for number in (value.value, value.second_value) if number is not None]
    if value.measure not in Measure.values:
        return "measure", f"Is none of {', '.join(Measure.values)}"
    if value.source not in Source.values:
        return "source", f"Is none of {', '.join(Source.values)}"
    if not all(number.is_finite() and number.adjusted() < 7 for number in numbers):
        return "value", "Is no number that a device can show"
    if value.taken_at.tzinfo is None:
        return "taken_at", "Has no offset"
    if not FIRST_YEAR <= value.taken_at.year <= LAST_YEAR:
        return "taken_at", f"Is in the year {value.taken_at.year}. Check the date"
    if value.source == Source.AUTOMATIC and not value.serial:
        return "serial", "Is empty. An automatic reading names its device"
    if not value.serial and not value.mrn:
        return "serial", "Is empty, and so is mrn. One of them says whose reading this is"
    return None


def _to_the_hundredth(value: Incoming) -> Incoming:
    first, second = (
        number if number is None else number.quantize(HUNDREDTH, ROUND_HALF_UP)
        for number in (value.value, value.second_value)
    )
    return replace(value, value=first, second_value=second)
