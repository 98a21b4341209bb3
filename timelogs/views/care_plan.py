"""A session's change of the care plan: the plan's next version, which names the session as its cause."""

from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.refusals import refuse_if
from patients.views.acts import care_plan_page
from timelogs.policies import why_no_plan
from timelogs.views.loading import open_entry, own


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PATIENT_ENROLL)
@once
def session_care_plan(request, entry_id):
    """Its author writes it, while the session is a draft or stands signed; then back to the session."""
    entry = own(request, open_entry(request, entry_id))
    refuse_if(why_no_plan(entry))
    back = reverse("timelogs:session", args=[entry.pk])
    return care_plan_page(request, entry.patient, session_id=entry.pk, back=back)
