"""The one way to a chart: it keeps to the practice and writes the visit into the access log."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from audit.access import record_access
from audit.models import Action
from patients.merges import MergedRecord, note_merges
from patients.models import Patient

READS = {"GET", "HEAD"}


def open_chart(request, patient_id: UUID, *, action: Action = Action.VIEW) -> Patient:
    """A patient of this practice, and a row in the access log. Another practice's patient is a 404.

    A record that was merged into another is only read: whatever else was to be done in it is refused.
    """
    patient = open_record(request, patient_id, action=action)
    if patient.merged and request.method not in READS:
        raise MergedRecord(patient.merged)
    return patient


def open_record(request, patient_id: UUID, *, action: Action = Action.VIEW) -> Patient:
    """The same, for what merges records and undoes it."""
    patient = get_object_or_404(Patient.objects.for_practice(request.practice), pk=patient_id)
    patient.practice = request.practice
    note_merges(patient)
    record_access(request, [patient.pk], action=action)
    return patient


def show_list(request, patients) -> None:
    """Write down whose names a page lists."""
    record_access(request, [patient.pk for patient in patients], action=Action.LIST)
