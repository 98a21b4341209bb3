"""How these views reach a session: within the practice, through chart_access, and to write only one's own."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from patients.chart_access import open_chart
from timelogs.models import TimeEntry


def entry_of(request, entry_id: UUID) -> TimeEntry:
    """A session of this practice, else 404. For polls of a page whose opening was already written down."""
    rows = TimeEntry.objects.for_practice(request.practice).select_related(
        "patient", "enrollment", "author__user"
    )
    entry = get_object_or_404(rows, pk=entry_id)
    entry.practice = entry.patient.practice = request.practice
    return entry


def open_entry(request, entry_id: UUID) -> TimeEntry:
    """The same, with a row in the access log."""
    entry = entry_of(request, entry_id)
    entry.patient = open_chart(request, entry.patient_id)
    return entry


def is_own(request, entry: TimeEntry) -> bool:
    return entry.author.user_id == request.user.pk


def own(request, entry: TimeEntry) -> TimeEntry:
    """The entry, if this person wrote it. Somebody else's is a 403: nobody writes for another."""
    if not is_own(request, entry):
        raise PermissionDenied("This session is somebody else's. Only its author can change it.")
    return entry
