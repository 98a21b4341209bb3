"""What the practice knows of whom a file names: its devices, its patients, and where each lives."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from monitoring.files import meanings as m
from monitoring.files.mapping import Known, Mapping
from monitoring.files.sheet import Sheet
from monitoring.models import Source
from patients.merges import by_mrn
from patients.models import Device, DeviceAssignment, Patient

# A column that names devices or patients names few of them; one of values need not be looked up whole.
LOOKED_UP, LONGEST = 3000, 40


def known_in(sheet: Sheet, practice) -> Known:
    """Which cells of the file are serial numbers or MRNs of this practice."""
    said: set[str] = set()
    for _, row in sheet.rows:
        said.update(cell for cell in row[: sheet.width] if cell and len(cell) <= LONGEST)
        if len(said) > LOOKED_UP:
            break
    devices = Device.objects.for_practice(practice).filter(serial__in=said)
    patients = Patient.objects.for_practice(practice).filter(mrn__in=said)
    return Known(
        frozenset(devices.values_list("serial", flat=True)), frozenset(patients.values_list("mrn", flat=True))
    )


class PracticePeople:
    """Where whoever had a device, or has an MRN, lives; elsewhere the practice's zone. Three queries for a file."""

    def __init__(self, practice, serials: Iterable[str], mrns: Iterable[str]):
        self._tz = practice.tz
        devices = Device.objects.for_practice(practice).filter(serial__in=set(serials))
        self._sources = {
            device.serial: Source.AUTOMATIC if device.automatic else Source.TYPED for device in devices
        }
        held = DeviceAssignment.objects.for_practice(practice).filter(device__serial__in=self._sources)
        self._holders: dict[str, list[tuple[date, date | None, ZoneInfo]]] = defaultdict(list)
        for given in held.select_related("patient", "device"):
            given.patient.practice = practice
            self._holders[given.device.serial].append((given.starts_on, given.ends_on, given.patient.tz))
        self._patients: dict[str, ZoneInfo] = {}
        for mrn, patient in by_mrn(practice, mrns).items():
            patient.practice = practice
            self._patients[mrn] = patient.tz

    @classmethod
    def of(cls, practice, sheet: Sheet, mapping: Mapping) -> "PracticePeople":
        named = {meaning: mapping.place(meaning) for meaning in (m.SERIAL, m.MRN)}
        said = {
            meaning: set() if place is None else {cell for _, cell in sheet.column(place) if cell}
            for meaning, place in named.items()
        }
        return cls(practice, {*said[m.SERIAL], mapping.serial} - {""}, {*said[m.MRN], mapping.mrn} - {""})

    def zone(self, serial: str, mrn: str, day: date) -> ZoneInfo:
        for starts_on, ends_on, tz in self._holders.get(serial, ()):
            if starts_on <= day and (ends_on is None or day < ends_on):
                return tz
        return self._patients.get(mrn, self._tz)

    def source(self, serial: str) -> Source:
        return self._sources.get(serial, Source.AUTOMATIC)
