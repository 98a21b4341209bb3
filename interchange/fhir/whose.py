"""Finds the patients and devices that Observations name, with two queries; four where a patient is named twice."""

from collections.abc import Collection
from functools import cached_property

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
        self.practice, self.everything = practice, everything
        ids = ids_in(n.patient for n in everything)
        patients = (
            Patient.objects.for_practice(practice).filter(pk__in=ids) if ids else Patient.objects.none()
        )
        self.mrns = dict(patients.values_list("pk", "mrn"))
        devices = Device.objects.for_practice(practice).filter(
            Q(pk__in=ids_in(n.device for n in everything)) | Q(serial__in={n.serial for n in everything})
        )
        rows = list(devices.values_list("pk", "serial", "automatic"))
        self.serials = {pk: serial for pk, serial, _ in rows}
        self.automatic = {serial: automatic for _, serial, automatic in rows}

    def whose(self, named: Named) -> Whose:
        """An id that is none here becomes a number that nobody has, so that the value is parked with it."""
        mrn, here = self._mrn(named), self.serials.get(id_in(named.device))
        serial = here or named.serial or named.device[:SERIAL]
        if here and named.serial not in {"", here}:
            raise _contradicts("The device has another serial number here.", "Observation.device")
        return Whose(serial, mrn, sends=self.automatic.get(serial, True))

    @cached_property
    def people(self) -> dict[str, Patient]:
        """By either number: a merged record is led to the one that remains. Asked for only where both are said."""
        return by_mrn(self.practice, {*self.mrns.values(), *(n.mrn for n in self.everything if n.mrn)})

    def _mrn(self, named: Named) -> str:
        by_id = self.mrns.get(id_in(named.patient))
        if by_id is None:
            return named.mrn or named.patient[:MRN]
        if named.mrn and self.people.get(named.mrn) != self.people.get(by_id):
            raise _contradicts("The patient has another medical record number here.", SUBJECT)
        return by_id


def _contradicts(text: str, where: str) -> Refused:
    return Invalid(Issue("conflict", text, where))
