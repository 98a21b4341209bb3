"""The pages that put several apps together: home by role, the chart's shell."""

from uuid import uuid4

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.identities import identity_on
from accounts.models import Membership
from accounts.permissions import ROLES, Permission, Role, may, requires
from accounts.preferences import preferences_of
from foundation.months import month_of, previous_month
from monitoring.selectors import auto_days_in_month, last_automatic_days
from monitoring.views.readings import panel_context
from patients import selectors as people
from patients.chart_access import open_chart
from patients.completeness import missing_parts
from patients.labels import range_in_words
from patients.models import DeviceAssignment
from patients.range_reviews import of_patient
from rpmportal.set_up import set_up_steps
from timelogs.clock.auto_start import GRACE_SECONDS
from timelogs.counting.sums import month_sum
from timelogs.counting.totals import unsigned_seconds
from timelogs.models import Period, PeriodState, Status, TimeEntry
from timelogs.views.auto_start import opens_clock

# Asks for a merged record itself, whose address leads to the chart that remains.
EARLIER = "earlier"
DECISIONS = 5


@require_safe
@requires(Permission.OWN_ACCOUNT)
def home(request):
    """Where this role's day begins."""
    if may(request.membership, Permission.TIME_LOG):
        return redirect("caseload")
    if may(request.membership, Permission.HISTORY_ALL):
        return redirect("audit:history")
    if may(request.membership, Permission.MONTH_VIEW):
        return redirect("month_board", month=month_at_hand(request.practice))
    context = {**_practice_facts(request.practice), "steps": set_up_steps(request.practice)}
    return render(request, "pages/practice.html", context)


def month_at_hand(practice):
    """Last month until it is closed, then this one."""
    now = month_of(timezone.now(), tz=practice.tz)
    last = Period.objects.for_practice(practice).filter(month=previous_month(now))
    return previous_month(now) if last.exclude(state=PeriodState.CLOSED).exists() else now


def _practice_facts(practice) -> dict:
    staff = Membership.objects.for_practice(practice).on(practice.today()).select_related("user")
    identity = identity_on(practice, practice.today())
    place = (identity.address, identity.city, identity.state, identity.zip_code)
    people_by_role = [(role, [m for m in staff if m.role == role]) for role in Role]
    return {
        "roles": [(role.label, ROLES[role].purpose, members) for role, members in people_by_role],
        "facts": [
            ("Name", identity.name),
            ("NPI", identity.npi),
            ("Tax id", identity.tax_id),
            ("Taxonomy code", identity.taxonomy),
            ("Address", ", ".join(filter(None, place))),
            ("Time zone", practice.time_zone),
        ],
    }


@require_safe
@requires(Permission.CHART_VIEW)
def chart(request, patient_id):
    """The shell of a chart; sessions and claims are their own apps' panels, loaded into it."""
    patient = open_chart(request, patient_id)
    if patient.merged and request.GET.get("record") != EARLIER:
        messages.info(request, f"MRN {patient.mrn} was merged into this record.")
        return redirect("chart", patient.merged.remaining_id)
    today = request.practice.today()
    month = today.replace(day=1)
    episode = people.latest_enrollment(patient)
    shown = panel_context(request, patient)
    goal = range_in_words(shown["panel"].goal)
    context = {
        **shown,
        "today": today,
        "month": month,
        "episode": episode,
        "is_enrolled": people.enrollment_on(patient, today) is not None,
        "goal": f"Goal {goal}" if goal else "",
        "missing": missing_parts(request.practice, [patient.pk], today).get(patient.pk, []),
        "total": month_sum(patient, month),
        "unsigned": unsigned_seconds(patient, month),
        "days": auto_days_in_month(request.practice, month, [patient.pk]).get(patient.pk, 0),
        "last_day": last_automatic_days(request.practice, [patient.pk]).get(patient.pk),
        "consent": people.consent_on(patient, today),
        "plan": people.care_plan_on(episode, today) if episode else None,
        "devices": _devices(patient, today),
        "range_reviews": of_patient(patient, today),
        "decisions": _decisions(patient),
        "logs_time": not patient.merged and may(request.membership, Permission.TIME_LOG),
        "bills": may(request.membership, Permission.MONTH_VIEW),
        "operation_id": uuid4(),
        **_work(request, patient),
    }
    return render(request, "pages/chart.html", context)


def _work(request, patient) -> dict:
    """What a person who logs time finds beside the chart: her room, and whether opening it starts her clock."""
    if patient.merged or not may(request.membership, Permission.TIME_LOG):
        return {}
    return {
        "contact_id": uuid4(),
        "video_room": preferences_of(request.user).video_room,
        "opens_clock": opens_clock(request, patient, at=timezone.now()),
        "grace": GRACE_SECONDS,
    }


def _devices(patient, today):
    held = DeviceAssignment.objects.for_practice(patient.practice).filter(
        people.in_force(today), patient=patient
    )
    return held.select_related("device").order_by("starts_on")


def _decisions(patient):
    """The latest signed sessions that decided something."""
    rows = TimeEntry.objects.for_practice(patient.practice).filter(patient=patient, status=Status.SIGNED)
    return rows.exclude(action="").order_by("-started_at")[:DECISIONS]
