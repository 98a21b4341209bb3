"""Taking in a file of readings: upload, what its columns mean, look at what it would do, confirm."""

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
from monitoring import columns, services
from monitoring.files import first_rows
from monitoring.files.lines import LeftOut
from monitoring.files.understood import understand
from monitoring.forms import ColumnsForm, ConfirmForm, UploadForm
from monitoring.intake import Sorted, look_through
from monitoring.models import ImportBatch, WaitingUpload
from monitoring.readings import parked
from patients.models import Measure

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
        try:
            return see_other(_kept(request, form.cleaned_data["file"]))
        except Refused as refusal:
            form.refuse(Refused(refusal.message, field="file"))
    waiting = services.waiting_of(request.membership, at=timezone.now())
    context = {"form": form, "measures": Measure.values, "batches": _latest(request), "waiting": waiting}
    context["parked"] = parked.waiting(request.practice).count()
    return render(request, "monitoring/import.html", context, status=422 if form.is_bound else 200)


def _kept(request, file) -> str:
    """The file waits; where its next page is. Of a shape that is known here, with nothing open, no column is asked."""
    content, at, mapping = file.read(), timezone.now(), None
    if columns.is_ours(content):
        rows, settled = look_through(content, practice=request.practice, at=at).rows, True
    else:
        found = understand(content, request.practice)
        rows, settled = len(found.sheet.rows), found.kept and not found.questions
        mapping = found.mapping if settled else None
    refuse_if(_too_many(rows))
    told = {"file_name": file.name, "by": request.membership, "at": at}
    waiting = services.keep_waiting(content, **told, mapping=mapping)
    page = "readings_import_check" if settled else "readings_import_columns"
    return reverse(f"monitoring:{page}", args=[waiting.pk])


def _too_many(rows: int) -> str | None:
    if rows <= PAGE_ROWS:
        return None
    return f"The file has {rows:,} readings; this page takes {PAGE_ROWS:,} at a time. Split it"


def _latest(request):
    rows = ImportBatch.objects.for_practice(request.practice).select_related("imported_by__user")
    return rows.order_by("-imported_at")[:10]


def _waiting(request, upload_id) -> WaitingUpload:
    """A file of one's own that waits; another's is a 404."""
    waiting = WaitingUpload.objects.filter(practice=request.practice, uploaded_by=request.membership)
    return get_object_or_404(waiting.exclude(content=b""), pk=upload_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.READINGS_IMPORT)
@once
def readings_import_columns(request, upload_id):
    """What each column means: guessed, then corrected by hand."""
    upload = _waiting(request, upload_id)
    check = reverse("monitoring:readings_import_check", args=[upload.pk])
    content = bytes(upload.content)
    if columns.is_ours(content):
        return see_other(check)
    found = understand(content, request.practice, chosen=services.chosen_for(upload))
    form = ColumnsForm(
        request.POST if request.method == "POST" else None, found=found, practice=request.practice
    )
    if form.is_bound and form.is_valid():
        services.choose_columns(upload, form.mapping())
        return see_other(check)
    context = {"form": form, "upload": upload, "found": found, "discard_id": uuid4()}
    context["first"] = first_rows.of_file(found, request.practice)
    return render(request, "monitoring/import_columns.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.READINGS_IMPORT)
@once
def readings_import_check(request, upload_id):
    """What the file would do; confirming does it, with all of its lines or the good ones."""
    upload = _waiting(request, upload_id)
    if "discard" in request.POST:
        services.discard(upload)
        messages.success(request, f"{upload.file_name} is discarded. Nothing of it was taken in.")
        return see_other(reverse("monitoring:readings_import"))
    if not upload.mapping and not columns.is_ours(bytes(upload.content)):
        return see_other(reverse("monitoring:readings_import_columns", args=[upload.pk]))
    at = timezone.now()
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            good = "good" in request.POST
            batch = services.confirm(upload, by=request.membership, at=at, good_lines=good)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _done(batch))
            return see_other(reverse("monitoring:readings_import"))
    context = {"form": form, "upload": upload, "discard_id": uuid4(), **_looked(request, upload, at)}
    return render(request, "monitoring/import_check.html", context, status=422 if form.is_bound else 200)


def _done(batch: ImportBatch) -> str:
    left = f" {batch.left_out} left out." if batch.left_out else ""
    return f"{batch.added} readings added, {batch.repeated} were already here.{left}"


def _looked(request, upload: WaitingUpload, at) -> dict:
    mapping = services.chosen_for(upload)
    found = look_through(bytes(upload.content), practice=request.practice, at=at, mapping=mapping)
    values = [(line, value) for line, value, _ in found.first]
    return {
        "found": found,
        "errors": found.errors[:SHOWN],
        "first": first_rows.of_values(values, request.practice),
        "left_out": _by_reason(found),
        "understood": found.understood,
    }


def _by_reason(found: Sorted) -> list[tuple[str, str]]:
    """(what lines hold instead of a reading, which lines), the first of many."""
    reasons: dict[str, list[LeftOut]] = {}
    for each in found.left_out:
        reasons.setdefault(each.why, []).append(each)
    return [(why, _numbers(rows)) for why, rows in list(reasons.items())[:SHOWN]]


def _numbers(rows: list[LeftOut]) -> str:
    shown = ", ".join(str(row.line) for row in rows[:10])
    more = f" and {len(rows) - 10} more" if len(rows) > 10 else ""
    return f"{'Line' if len(rows) == 1 else 'Lines'} {shown}{more}"
