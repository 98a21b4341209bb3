"""Opening charts in an emergency, and ending that."""

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Permission, requires
from authentication.recent import recently_signed_in
from dispatch.operations import once
from foundation.forms import FreeText, ReasonForm
from foundation.htmx import see_other
from foundation.refusals import Refused
from staff import emergencies


class EmergencyForm(ReasonForm):
    reason = FreeText(
        label="What the emergency is",
        max_length=500,
        rows=3,
        help_text="Every administrator reads it, and the month’s report of duties keeps it. Name no patient.",
        error_messages={"required": "Say what the emergency is. It stays in the record."},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CHART_EMERGENCY)
@recently_signed_in
@once
def emergency(request):
    form, status = EmergencyForm(request.POST or None), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                given = form.cleaned_data["reason"]
                emergencies.open_emergency(request.membership, reason=given, at=timezone.now())
            except Refused as refusal:
                form.refuse(refusal)
            else:
                messages.success(
                    request, "Charts are open to you for four hours. Every administrator was told."
                )
                return see_other(reverse("caseload"))
    context = {"form": form, "title": "Open charts in an emergency", "submit": "Open charts for four hours"}
    context["note"] = (
        "Your role sees no chart. For four hours you can read them and change nothing. Each one that you "
        "open is marked in the access log."
    )
    return render(request, "staff/act.html", context, status=status)


@require_POST
@requires(Permission.CHART_EMERGENCY)
@once
def emergency_end(request):
    emergencies.end_emergency(request.membership, at=timezone.now())
    messages.success(request, "Charts are closed to you again.")
    return see_other(reverse("staff:people"))
