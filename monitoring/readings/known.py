"""What a practice has on everything that some values name: eight queries at most, however many values there are."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from uuid import UUID

from django.db.models import Q

from monitoring.models import Reading
from monitoring.readings.incoming import Incoming
from patients.merges import by_mrn, standing
from patients.models import Device, DeviceAssignment, Enrollment, Merge, Patient


@dataclass
class Standing:
    """A reading that we have, and what of it stands by now: this call may have changed it before it is written."""

    reading: Reading
    value: Decimal
    second_value: Decimal | None
    withdrawn: bool

    @classmethod
    def of(cls, reading: Reading) -> "Standing":
        return cls(reading, reading.value, reading.second_value, bool(reading.excluded_reason))


@dataclass
class Known:
    practice: object
    sender: str
    devices: dict[str, Device] = field(default_factory=dict)
    holders: dict[UUID, list[DeviceAssignment]] = field(default_factory=lambda: defaultdict(list))
    patients: dict[str, Patient] = field(default_factory=dict)
    merged: dict[UUID, Merge] = field(default_factory=dict)
    episodes: dict[UUID, list[Enrollment]] = field(default_factory=lambda: defaultdict(list))
    by_key: dict[tuple, Standing] = field(default_factory=dict)
    by_identifier: dict[str, Standing] = field(default_factory=dict)

    @classmethod
    def of(
        cls, practice, values: Sequence[Incoming], sender: str, *, hold: Callable | None = None
    ) -> "Known":
        """`hold` keeps the records of these people from being merged before the transaction ends."""
        known = cls(practice, sender)
        known._read_devices({value.serial for value in values if value.serial})
        known.patients = by_mrn(practice, {value.mrn for value in values if value.mrn})
        for person in known.patients.values():
            person.practice = practice
        known._read_readings(values)
        if hold:
            hold(known.people())
        known._read_merges()
        known._read_typed_before_merges([value.taken_at for value in values])
        for episode in Enrollment.objects.for_practice(practice).filter(patient__in=known.patients.values()):
            known.episodes[episode.patient_id].append(episode)
        return known

    def remember(self, reading: Reading) -> None:
        """A reading that we have, or are about to have."""
        standing_as = Standing.of(reading)
        self.by_key[key_of(reading.device_id, reading.patient_id, reading.measure, reading.taken_at)] = (
            standing_as
        )
        if reading.identifier and reading.sender == self.sender:
            self.by_identifier[reading.identifier] = standing_as

    def people(self) -> set[UUID]:
        """Whose records may be written in."""
        held_by = {given.patient_id for given in chain.from_iterable(self.holders.values())}
        had_before = {found.reading.patient_id for found in self.by_identifier.values()}
        return held_by | had_before | {person.pk for person in self.patients.values()}

    def _read_devices(self, serials: set[str]) -> None:
        devices = Device.objects.for_practice(self.practice).filter(serial__in=serials)
        self.devices = {device.serial: device for device in devices}
        held = DeviceAssignment.objects.for_practice(self.practice).filter(device__in=self.devices.values())
        for assignment in held.select_related("patient"):
            assignment.patient.practice = self.practice
            self.holders[assignment.device_id].append(assignment)

    def _read_readings(self, values: Sequence[Incoming]) -> None:
        """Those of the same moments and of the same identifiers."""
        moments = [value.taken_at for value in values]
        if not moments:
            return
        span = Q(taken_at__range=(min(moments), max(moments)))
        typed = Q(device=None, patient__in=self.patients.values())
        sent_before = Q(sender=self.sender, identifier__in={v.identifier for v in values if v.identifier})
        rows = Reading.objects.for_practice(self.practice).filter(
            span & (Q(device__in=self.devices.values()) | typed) | sent_before
        )
        for reading in rows.iterator():
            self.remember(reading)

    def _read_merges(self) -> None:
        """What was typed into a record before its merge stays there, and is of whom its number leads to now."""
        typed_for = [person.pk for person in self.patients.values()]
        found = Q(duplicate__in=self.people()) | Q(remaining__in=typed_for)
        self.merged = {merge.duplicate_id: merge for merge in standing(self.practice).filter(found)}

    def _read_typed_before_merges(self, moments: list[datetime]) -> None:
        typed_for = {person.pk for person in self.patients.values()}
        before = {one: merge for one, merge in self.merged.items() if merge.remaining_id in typed_for}
        if not before or not moments:
            return
        rows = Reading.objects.for_practice(self.practice).filter(
            device=None, patient__in=before, taken_at__range=(min(moments), max(moments))
        )
        for reading in rows.iterator():
            person = before[reading.patient_id].remaining_id
            key = key_of(None, person, reading.measure, reading.taken_at)
            self.by_key.setdefault(key, Standing.of(reading))

    def remaining(self, patient: Patient) -> Patient:
        merge = self.merged.get(patient.pk)
        return merge.remaining if merge else patient


def key_of(device_id, patient_id, measure, taken_at) -> tuple:
    """One device shows one value of a measure at one moment; without a device, one patient does."""
    return (device_id or patient_id, str(measure), taken_at)


def day_of(value: Incoming, patient: Patient) -> date:
    """The reading day, where the patient lives."""
    return value.taken_at.astimezone(patient.tz).date()


def held(assignment: DeviceAssignment, day: date) -> bool:
    return assignment.starts_on <= day and (assignment.ends_on is None or day < assignment.ends_on)


def was_enrolled(episodes: Sequence[Enrollment], day: date) -> bool:
    return any(e.started_on <= day and (not e.ended_on or day < e.ended_on) for e in episodes)
