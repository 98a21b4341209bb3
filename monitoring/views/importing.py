"""Taking in a file of readings: upload, look at what it would do, confirm."""

from uuid import uuid4

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.bodies import takes_files
from foundation.htmx import see_other
from foundation.refusals import Refused, refuse_if
from monitoring import services
from monitoring.columns import COLUMNS
from monitoring.forms import ConfirmForm, UploadForm
from monitoring.intake import look_through
from monitoring.models import ImportBatch, WaitingUpload
from monitoring.readings import parked

SHOWN = 100
# What a request can take in within its time; larger files are for the command.
PAGE_ROWS = 10_000


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.READINGS_IMPORT)
@once
def readings_import(request):
    """Choose the file. It is looked through on the next page; nothing is taken in yet."""
    form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_bound and form.is_valid():
        upload, at = form.cleaned_data["file"], timezone.now()
        content = upload.read()
        try:
            found = look_through(content, practice=request.practice, at=at)
            refuse_if(_too_many(found.rows))
            waiting = services.keep_waiting(content, file_name=upload.name, by=request.membership, at=at)
        except Refused as refusal:
            form.refuse(Refused(refusal.message, field="file"))
        else:
            return see_other(reverse("monitoring:readings_import_check", args=[waiting.pk]))
    waiting = services.waiting_of(request.membership, at=timezone.now())
    context = {"form": form, "columns": COLUMNS, "batches": _latest(request), "waiting": waiting}
    context["parked"] = parked.waiting(request.practice).count()
    return render(request, "monitoring/import.html", context, status=422 if form.is_bound else 200)


def _too_many(rows: int) -> str | None:
    if rows <= PAGE_ROWS:
        return None
    return f"The file has {rows:,} readings; this page takes {PAGE_ROWS:,} at a time. Split it"


def _latest(request):
    rows = ImportBatch.objects.for_practice(request.practice).select_related("imported_by__user")
    return rows.order_by("-imported_at")[:10]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.READINGS_IMPORT)
@once
def readings_import_check(request, upload_id):
    """What the file would do; confirming does it, wholly or not at all."""
    waiting = WaitingUpload.objects.filter(practice=request.practice, uploaded_by=request.membership)
    upload = get_object_or_404(waiting.exclude(content=b""), pk=upload_id)
    if "discard" in request.POST:
        services.discard(upload)
        messages.success(request, f"{upload.file_name} is discarded. Nothing of it was taken in.")
        return see_other(reverse("monitoring:readings_import"))
    at = timezone.now()
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            batch = services.confirm(upload, by=request.membership, at=at)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"{batch.added} readings added, {batch.repeated} were already here.")
            return see_other(reverse("monitoring:readings_import"))
    found = look_through(bytes(upload.content), practice=request.practice, at=at)
    context = {"form": form, "upload": upload, "found": found, "errors": found.errors[:SHOWN]}
    context["discard_id"] = uuid4()
    return render(request, "monitoring/import_check.html", context, status=422 if form.is_bound else 200)
