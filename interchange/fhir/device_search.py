"""Finding devices by what FHIR clients ask, a page at a time, and who has them today."""

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

from interchange.codes import MDC_DEVICES
from interchange.fhir.device_out import MDC
from interchange.fhir.paging import Asked, chosen, ids_among
from interchange.fhir.resources import serial_system
from patients.models import Device, DeviceAssignment

MOST = 100


def holders(practice, today: date) -> QuerySet[DeviceAssignment]:
    rows = DeviceAssignment.objects.for_practice(practice).filter(starts_on__lte=today)
    return rows.filter(Q(ends_on=None) | Q(ends_on__gt=today))


def _by_identifier(value: str) -> Q:
    """A serial number, in our system or in none."""
    tokens = [text.rpartition("|") for text in chosen(value)]
    return Q(serial__in=[serial for system, bar, serial in tokens if system in {"", serial_system()}])


def _by_type(value: str) -> Q:
    codes = {code for system, _, code in (t.rpartition("|") for t in chosen(value)) if system in {"", MDC}}
    return Q(kind__in=[kind for kind, code in MDC_DEVICES.items() if code in codes])


class Page:
    """Some of the devices found, with the patient who has each, and where the next ones are."""

    def __init__(self, practice, asked: QueryDict, *, today: date, lenient: bool = False):
        self.practice, self.today = practice, today
        filters = {
            "_id": lambda value: Q(pk__in=ids_among(value, "Device")),
            "identifier": _by_identifier,
            "patient": self._by_patient,
            "type": _by_type,
        }
        self.asked = Asked("Device", asked, filters, most=MOST, lenient=lenient)
        rows = Device.objects.for_practice(practice).order_by("pk")
        for name, value in self.asked.pairs:
            if name in filters:
                rows = rows.filter(filters[name](value))
        self._cut(rows)

    def _by_patient(self, value: str) -> Q:
        theirs = holders(self.practice, self.today).filter(patient__in=ids_among(value, "Patient"))
        return Q(pk__in=theirs.values("device"))

    def _cut(self, rows: QuerySet[Device]) -> None:
        self.total, most = rows.count(), self.asked.count
        if self.asked.after:
            rows = rows.filter(pk__gt=UUID(self.asked.after[-1]))
        some = list(rows[: most + 1]) if most else []
        self.more = len(some) > most
        held = holders(self.practice, self.today).filter(device__in=some[:most])
        by_device = dict(held.values_list("device", "patient"))
        self.rows = [(device, by_device.get(device.pk)) for device in some[:most]]

    def next_address(self, base: str) -> str | None:
        return self.asked.next_address(base, str(self.rows[-1][0].pk)) if self.more else None
