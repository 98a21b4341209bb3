"""The chart's panel: a month's sessions, what counts of each, and why the rest does not."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, may, requires
from foundation.months import month_of, next_month, parse_month, previous_month
from foundation.refusals import Refused
from patients.chart_access import open_chart
from timelogs.counting.plans import worked_under
from timelogs.counting.totals import month_total
from timelogs.models import Status


@require_safe
@requires(Permission.CHART_VIEW)
def month_panel(request, patient_id):
    """`?month=2026-01`; without it, or with nonsense, the month we are in."""
    patient = open_chart(request, patient_id)
    now = month_of(timezone.now(), tz=request.practice.tz)
    month = _asked(request, now)
    total = month_total(patient, month)
    shares = total.by_entry
    context = {
        "patient": patient,
        "month": month,
        "is_now": month == now,
        "earlier": previous_month(month),
        "later": next_month(month) if month < now else None,
        "total": total,
        "shares": [share for share in shares if share.entry.status != Status.DRAFT],
        "drafts": [share for share in shares if share.entry.status == Status.DRAFT],
        "under_plans": worked_under(request.practice, total),
        "left_out": sum(seconds for share in shares for seconds, _, _ in share.not_counted),
        "logs_time": may(request.membership, Permission.TIME_LOG),
    }
    return render(request, "timelogs/_month_panel.html", context)


def _asked(request, now):
    try:
        return min(parse_month(request.GET.get("month", "")), now)
    except Refused:
        return now
