"""Finds the patients and devices that Observations name, all with three queries."""

from collections.abc import Collection

from django.db.models import Q

from foundation.refusals import Refused
from interchange.fhir.observation_in import Whose
from interchange.fhir.outcome import Invalid, Issue
from interchange.fhir.references import SUBJECT, Named, id_in, ids_in
from monitoring.models import MRN, SERIAL
from patients.merges import by_mrn
from patients.models import Device, Patient


class Known:
    """Who and what is here, of all that is named."""

    def __init__(self, practice, everything: Collection[Named]):
        patients = Patient.objects.for_practice(practice).filter(pk__in=ids_in(n.patient for n in everything))
        self.mrns = dict(patients.values_list("pk", "mrn"))
        # A merged record is led to the one that remains, by either number.
        self.people = by_mrn(practice, {*self.mrns.values(), *(n.mrn for n in everything if n.mrn)})
        devices = Device.objects.for_practice(practice).filter(
            Q(pk__in=ids_in(n.device for n in everything)) | Q(serial__in={n.serial for n in everything})
        )
        rows = list(devices.only("pk", "serial", "automatic"))
        self.devices = {row.pk: row for row in rows}
        self.by_serial = {row.serial: row for row in rows}

    def whose(self, named: Named) -> Whose:
        """An id that is none here becomes a number that nobody has, so that the value is parked with it."""
        mrn, device = self._mrn(named), self.devices.get(id_in(named.device))
        serial = device.serial if device else named.serial or named.device[:SERIAL]
        if device and named.serial not in {"", device.serial}:
            raise _contradicts("The device has another serial number here.", "Observation.device")
        found = self.by_serial.get(serial)
        return Whose(serial, mrn, sends=found.automatic if found else True)

    def _mrn(self, named: Named) -> str:
        by_id = self.mrns.get(id_in(named.patient))
        if by_id is None:
            return named.mrn or named.patient[:MRN]
        if named.mrn and self.people.get(named.mrn) != self.people.get(by_id):
            raise _contradicts("The patient has another medical record number here.", SUBJECT)
        return by_id


def _contradicts(text: str, where: str) -> Refused:
    return Invalid(Issue("conflict", text, where))
