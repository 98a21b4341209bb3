"""Taking in readings from a CSV: looked through whole, then all or nothing, and a second time without effect."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Membership
from foundation.context import because
from foundation.refusals import Refused
from foundation.tracked import bulk_create_tracked
from monitoring.columns import Row, RowError, read
from monitoring.models import ImportBatch, Reading, Source
from patients.merges import by_mrn, standing
from patients.models import MEASURES, Device, DeviceAssignment, Enrollment, Merge, Patient

AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a file holds: readings that are new, how many we have already, and every line that is wrong."""

    digest: str
    rows: int
    new: tuple[Reading, ...]
    repeated: int
    errors: tuple[RowError, ...]

    @property
    def patients(self) -> int:
        return len({reading.patient_id for reading in self.new})

    @property
    def span(self) -> tuple[date, date] | None:
        """First and last reading day of what is new."""
        days = [reading.day for reading in self.new]
        return (min(days), max(days)) if days else None


def look_through(content: bytes, *, practice, at: datetime) -> Sorted:
    """A dry run: nothing is written. Raises `Refused` if it is not such a file."""
    rows, errors = [], []
    for found in read(content):
        (rows if isinstance(found, Row) else errors).append(found)
    known = _Known.of(practice, rows)
    sorting = _Sorting(known, at)
    for row in rows:
        sorting.take(row)
    return Sorted(
        digest=hashlib.sha256(content).hexdigest(),
        rows=len(rows) + len(errors),
        new=tuple(sorting.new),
        repeated=sorting.repeated,
        errors=tuple(sorted([*errors, *sorting.errors], key=lambda error: error.line)),
    )


@transaction.atomic
def take_in(content: bytes, *, practice, file_name: str, by: Membership | None, at: datetime) -> ImportBatch:
    """All readings of the file, or none: raises `Refused` naming the first wrong line. Again adds nothing."""
    _one_import_at_a_time(practice)
    found = look_through(content, practice=practice, at=at)
    if found.errors:
        more = f" ({len(found.errors) - 1} more)" if len(found.errors) > 1 else ""
        raise Refused(f"{found.errors[0]}{more}. Nothing was taken in")
    with because(f"Readings imported from {file_name[:120]}"):
        batch = ImportBatch(
            practice=practice,
            file_name=file_name[:120],
            digest=found.digest,
            rows=found.rows,
            added=len(found.new),
            repeated=found.repeated,
            imported_by=by,
            imported_at=at,
        )
        batch.save()
        for reading in found.new:
            reading.batch = batch
        bulk_create_tracked(found.new)
    return batch


def _one_import_at_a_time(practice) -> None:
    """Two imports of one practice follow one another, so that typed values, which no constraint guards, come once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"readings import {practice.pk}"]
        )


@dataclass
class _Known:
    """What the practice has on everything that the file names; seven queries for the whole file."""

    practice: object
    devices: dict[str, Device] = field(default_factory=dict)
    holders: dict[UUID, list[DeviceAssignment]] = field(default_factory=lambda: defaultdict(list))
    patients: dict[str, Patient] = field(default_factory=dict)
    merged: dict[UUID, Merge] = field(default_factory=dict)
    episodes: dict[UUID, list[Enrollment]] = field(default_factory=lambda: defaultdict(list))
    readings: dict[tuple, tuple[Decimal, Decimal | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, practice, rows: list[Row]) -> "_Known":
        known = cls(practice)
        devices = Device.objects.for_practice(practice).filter(
            serial__in={row.serial for row in rows if row.serial}
        )
        known.devices = {device.serial: device for device in devices}
        held = DeviceAssignment.objects.for_practice(practice).filter(device__in=known.devices.values())
        for assignment in held.select_related("patient"):
            assignment.patient.practice = practice
            known.holders[assignment.device_id].append(assignment)
        known.patients = by_mrn(practice, (row.mrn for row in rows if row.mrn))
        held_by = {given.patient_id for given in chain.from_iterable(known.holders.values())}
        known.merged = {
            merge.duplicate_id: merge for merge in standing(practice).filter(duplicate__in=held_by)
        }
        for person in known.patients.values():
            person.practice = practice
        for episode in Enrollment.objects.for_practice(practice).filter(patient__in=known.patients.values()):
            known.episodes[episode.patient_id].append(episode)
        known._read_readings(rows)
        return known

    def _read_readings(self, rows: list[Row]) -> None:
        if not rows:
            return
        moments = [row.taken_at for row in rows]
        there = Reading.objects.for_practice(self.practice).filter(
            taken_at__range=(min(moments), max(moments))
        )
        fields = ("device_id", "patient_id", "measure", "taken_at", "value", "second_value")
        for reading in there.values_list(*fields).iterator():
            device_id, patient_id, measure, taken_at, *values = reading
            self.readings[_key(device_id, patient_id, measure, taken_at)] = tuple(values)


def _key(device_id, patient_id, measure, taken_at) -> tuple:
    """One device shows one value of a measure at one moment; without a device, one patient does."""
    return (device_id or patient_id, str(measure), taken_at)


class _Sorting:
    """Puts each row with the new, the repeated or the wrong ones; what the file said before counts as known."""

    def __init__(self, known: _Known, at: datetime):
        self.known, self.at = known, at
        self.new: list[Reading] = []
        self.errors: list[RowError] = []
        self.repeated = 0

    def take(self, row: Row) -> None:
        problem = self._place(row)
        if problem:
            self.errors.append(RowError(row.line, *problem))

    def _place(self, row: Row) -> tuple[str, str] | None:
        if row.taken_at > self.at + AHEAD:
            return "taken_at", "Lies in the future. Check the device's clock and the offset"
        device = self.known.devices.get(row.serial)
        patient, problem = self._of_device(row, device) if row.serial else self._of_mrn(row)
        if problem:
            return problem
        key = _key(device.pk if device else None, patient.pk, row.measure, row.taken_at)
        before = self.known.readings.get(key)
        if before is None and patient.pk in self.known.merged:
            return self._of_merged(self.known.merged[patient.pk])
        if before is None:
            self.known.readings[key] = (row.value, row.second_value)
            self.new.append(self._reading(row, device, patient))
        elif before != (row.value, row.second_value):
            return (
                "value",
                "Differs from the value recorded for this moment. Correct the file, or leave the line out",
            )
        else:
            self.repeated += 1
        return None

    def _of_device(self, row: Row, device: Device | None):
        """The patient who had the device on the day of the reading, or what is wrong."""
        if device is None:
            return None, (
                "serial",
                f"Is “{row.serial[:40]}”, which no device here has. Give the device to a patient first",
            )
        if row.measure not in MEASURES[device.kind]:
            return None, (
                "measure",
                f"Is {row.measure}, which a {device.get_kind_display().lower()} does not measure",
            )
        if row.source == Source.AUTOMATIC and not device.automatic:
            return None, ("source", "Is automatic, but this device does not send by itself. Write typed")
        for assignment in self.known.holders[device.pk]:
            if _held(assignment, _day(row, assignment.patient)):
                patient = assignment.patient
                if row.mrn and self.known.patients.get(row.mrn) not in {patient, self._remaining(patient)}:
                    return None, ("mrn", "Is not that of the patient who had the device that day")
                return patient, None
        return None, ("serial", "Was with nobody that day. Record when the device was given")

    def _remaining(self, patient: Patient) -> Patient:
        merge = self.known.merged.get(patient.pk)
        return merge.remaining if merge else patient

    def _of_merged(self, merge: Merge) -> tuple[str, str]:
        """What a device said that day belongs to the record that had it, which takes nothing new."""
        return (
            "serial",
            f"Was on the record with MRN {merge.duplicate.mrn} that day, which was merged into "
            f"MRN {merge.remaining.mrn} and takes no readings. Leave the line out, or have the merge undone first",
        )

    def _of_mrn(self, row: Row):
        patient = self.known.patients.get(row.mrn)
        if patient is None:
            return None, ("mrn", f"Is “{row.mrn[:20]}”, which no patient here has")
        day = _day(row, patient)
        if not any(
            e.started_on <= day and (not e.ended_on or day < e.ended_on)
            for e in self.known.episodes[patient.pk]
        ):
            return None, ("taken_at", "Is a day on which the patient was not enrolled")
        return patient, None

    def _reading(self, row: Row, device: Device | None, patient: Patient) -> Reading:
        return Reading(
            practice=patient.practice,
            patient=patient,
            device=device,
            measure=row.measure,
            value=row.value,
            second_value=row.second_value,
            source=row.source,
            taken_at=row.taken_at,
            received_at=self.at,
            day=_day(row, patient),
        )


def _day(row: Row, patient: Patient) -> date:
    """The reading day, where the patient lives."""
    return row.taken_at.astimezone(patient.tz).date()


def _held(assignment: DeviceAssignment, day: date) -> bool:
    return assignment.starts_on <= day and (assignment.ends_on is None or day < assignment.ends_on)
