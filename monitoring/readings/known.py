"""What a practice has on everything that some values name: nine queries at most, however many values there are.

Rows are read as plain values: of a bundle's hundred patients and devices a few columns count, and as objects of the
ORM they take longer than the readings themselves.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from accounts.models import Practice
from monitoring.models import Reading
from monitoring.readings.incoming import Incoming
from patients.models import Device, DeviceAssignment, DeviceKind, Enrollment, Merge, Patient


@dataclass(frozen=True, slots=True)
class Person:
    pk: UUID
    mrn: str
    tz: ZoneInfo


@dataclass(frozen=True, slots=True)
class Meter:
    """A device; `automatic`: it sends by itself."""

    pk: UUID
    serial: str
    kind: DeviceKind
    automatic: bool


@dataclass(frozen=True, slots=True)
class Given:
    """Who had a device, and from when until before when."""

    person: Person
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Merged:
    """The record with this MRN was merged into that of `remaining`."""

    mrn: str
    remaining: Person


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
    practice: Practice
    sender: str
    devices: dict[str, Meter] = field(default_factory=dict)
    holders: dict[UUID, list[Given]] = field(default_factory=lambda: defaultdict(list))
    patients: dict[str, Person] = field(default_factory=dict)
    merged: dict[UUID, Merged] = field(default_factory=dict)
    episodes: dict[UUID, list[tuple[date, date | None]]] = field(default_factory=lambda: defaultdict(list))
    by_key: dict[tuple, Standing] = field(default_factory=dict)
    by_identifier: dict[str, Standing] = field(default_factory=dict)

    @classmethod
    def of(
        cls, practice, values: Sequence[Incoming], sender: str, *, hold: Callable | None = None
    ) -> "Known":
        """`hold` keeps the records of these people from being merged before the transaction ends."""
        known = cls(practice, sender)
        known._read_devices({value.serial for value in values if value.serial})
        known._read_patients({value.mrn for value in values if value.mrn})
        # Without a device, the number says whose it is.
        typed_for = {known.patients[v.mrn].pk for v in values if not v.serial and v.mrn in known.patients}
        known._read_readings(values, typed_for)
        if hold:
            hold(known.people())
        known.merged = known._merges(Q(duplicate__in=known.people()) | Q(remaining__in=typed_for))
        known._read_typed_before_merges(values, typed_for)
        known._read_episodes(typed_for)
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
        held_by = {given.person.pk for given in chain.from_iterable(self.holders.values())}
        had_before = {found.reading.patient_id for found in self.by_identifier.values()}
        return held_by | had_before | {person.pk for person in self.patients.values()}

    def remaining(self, person: Person) -> Person:
        merge = self.merged.get(person.pk)
        return merge.remaining if merge else person

    # Reading ------------------------------------------------------------------------------------------------

    def _person(self, pk: UUID, mrn: str, time_zone: str) -> Person:
        return Person(pk, mrn, ZoneInfo(time_zone or self.practice.time_zone))

    def _read_devices(self, serials: set[str]) -> None:
        if not serials:
            return
        devices = Device.objects.for_practice(self.practice).filter(serial__in=serials)
        for pk, serial, kind, automatic in devices.values_list("pk", "serial", "kind", "automatic"):
            self.devices[serial] = Meter(pk, serial, DeviceKind(kind), automatic)
        ids = [device.pk for device in self.devices.values()]
        held = DeviceAssignment.objects.for_practice(self.practice).filter(device_id__in=ids)
        whose = ("patient_id", "patient__mrn", "patient__time_zone")
        for device, starts_on, ends_on, *person in held.values_list(
            "device_id", "starts_on", "ends_on", *whose
        ):
            self.holders[device].append(Given(self._person(*person), starts_on, ends_on))

    def _read_patients(self, mrns: set[str]) -> None:
        """By their MRN, or by that of a record that was merged into theirs."""
        if not mrns:
            return
        rows = Patient.objects.for_practice(self.practice).filter(mrn__in=mrns)
        for pk, mrn, time_zone in rows.values_list("pk", "mrn", "time_zone"):
            self.patients[mrn] = self._person(pk, mrn, time_zone)
        found = {person.pk for person in self.patients.values()}
        for merge in self._merges(Q(duplicate__in=found)).values():
            self.patients[merge.mrn] = merge.remaining

    def _merges(self, which: Q) -> dict[UUID, Merged]:
        """{the duplicate: where it was merged into}"""
        rows = Merge.objects.for_practice(self.practice).standing().filter(which)
        into = ("remaining_id", "remaining__mrn", "remaining__time_zone")
        told = rows.values_list("duplicate_id", "duplicate__mrn", *into)
        return {duplicate: Merged(mrn, self._person(*person)) for duplicate, mrn, *person in told}

    def _read_readings(self, values: Sequence[Incoming], typed_for: set[UUID]) -> None:
        """Those of the same moments and of the same identifiers."""
        rows, moments = Reading.objects.for_practice(self.practice), {value.taken_at for value in values}
        if self.devices:
            ids = [device.pk for device in self.devices.values()]
            self._remember_all(rows.filter(device_id__in=ids, taken_at__in=moments))
        if typed_for:
            self._remember_all(rows.filter(device=None, patient_id__in=typed_for, taken_at__in=moments))
        if identifiers := {value.identifier for value in values if value.identifier}:
            sent = rows.filter(sender=self.sender, identifier__in=identifiers)
            # As the index is made, so that it is used.
            self._remember_all(sent.exclude(identifier=""))

    def _remember_all(self, rows: QuerySet[Reading]) -> None:
        for reading in rows:
            self.remember(reading)

    def _read_typed_before_merges(self, values: Sequence[Incoming], typed_for: set[UUID]) -> None:
        """What was typed into a record before its merge stays there, and is of whom its number leads to now."""
        before = {one: merge for one, merge in self.merged.items() if merge.remaining.pk in typed_for}
        if not before:
            return
        rows = Reading.objects.for_practice(self.practice).filter(
            device=None, patient_id__in=before, taken_at__in={value.taken_at for value in values}
        )
        for reading in rows:
            person = before[reading.patient_id].remaining.pk
            key = key_of(None, person, reading.measure, reading.taken_at)
            self.by_key.setdefault(key, Standing.of(reading))

    def _read_episodes(self, people: set[UUID]) -> None:
        if not people:
            return
        rows = Enrollment.objects.for_practice(self.practice).filter(patient_id__in=people)
        for person, started_on, ended_on in rows.values_list("patient_id", "started_on", "ended_on"):
            self.episodes[person].append((started_on, ended_on))


def key_of(device_id, patient_id, measure, taken_at) -> tuple:
    """One device shows one value of a measure at one moment; without a device, one patient does."""
    return (device_id or patient_id, str(measure), taken_at)


def day_of(value: Incoming, person: Person) -> date:
    """The reading day, where the patient lives."""
    return value.taken_at.astimezone(person.tz).date()


def held(given: Given, day: date) -> bool:
    return given.starts_on <= day and (given.ends_on is None or day < given.ends_on)


def was_enrolled(episodes: Iterable[tuple[date, date | None]], day: date) -> bool:
    return any(started <= day and (not ended or day < ended) for started, ended in episodes)
