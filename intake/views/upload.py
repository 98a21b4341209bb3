"""Choosing the file, and what its columns mean."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.bodies import takes_files
from foundation.htmx import see_other
from foundation.refusals import Refused, refuse_if
from intake import acts, policies, sheet
from intake.forms import ColumnsForm, UploadForm
from intake.models import OPEN, PatientImport, Source
from intake.selectors import known_columns, open_import, waiting_arrivals

LATEST = 10


def import_of(request, import_id) -> PatientImport:
    """An import of this practice; another's is a 404."""
    rows = PatientImport.objects.for_practice(request.practice).select_related("opened_by__user", "file")
    found = get_object_or_404(rows.defer("file__content"), pk=import_id)
    found.practice = request.practice
    return found


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PATIENT_ENROLL)
@once
def bring_in(request):
    """Choose the file. Nothing is taken in until its rows have been looked at."""
    form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_bound and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            found = acts.open_csv(
                upload.read(), file_name=upload.name, by=request.membership, at=timezone.now()
            )
        except Refused as refusal:
            form.refuse(Refused(refusal.message, field="file"))
        else:
            return see_other(reverse("intake:columns", args=[found.pk]))
    context = {
        "form": form,
        "open": open_import(request.practice),
        "ended": _ended(request.practice),
        "waiting": waiting_arrivals(request.practice).count(),
        "most_rows": f"{settings.PATIENT_IMPORT_MAX_ROWS:,}",
        "most_mb": settings.PATIENT_IMPORT_MAX_BYTES // 1024 // 1024,
        "kept_days": acts.KEPT.days,
    }
    return render(request, "intake/bring_in.html", context, status=422 if form.is_bound else 200)


def _ended(practice):
    rows = PatientImport.objects.for_practice(practice).filter(source=Source.CSV).exclude(state__in=OPEN)
    return rows.select_related("opened_by__user").order_by("-opened_at")[:LATEST]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PATIENT_ENROLL)
@once
def columns(request, import_id):
    """What each column means: guessed, then chosen; the rows are matched by it."""
    found = import_of(request, import_id)
    if not found.is_open:
        raise Http404
    refuse_if(policies.why_not_choose_columns(found))
    read = sheet.read(bytes(found.file.content))
    known = known_columns(request.practice)
    form = ColumnsForm(request.POST if request.method == "POST" else None, sheet=read, known=known)
    if form.is_bound and form.is_valid():
        try:
            acts.choose_columns(found, form.chosen(), by=request.membership, at=timezone.now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return see_other(reverse("intake:check", args=[found.pk]))
    context = {"form": form, "found": found, "sheet": read}
    return render(request, "intake/columns.html", context, status=422 if form.is_bound else 200)
