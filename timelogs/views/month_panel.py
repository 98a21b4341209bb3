"""The chart's panel: a month's sessions, what counts of each, and why the rest does not."""

from math import ceil

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, may, requires
from foundation.months import month_of, next_month, parse_month, previous_month
from foundation.refusals import Refused
from patients.chart_access import open_chart
from timelogs.counting.eligibility import eligibility
from timelogs.counting.plans import worked_under
from timelogs.counting.sums import month_sum
from timelogs.counting.totals import drafts_in, explained, signed_in

# Sessions on one page of the panel.
EACH = 20


@require_safe
@requires(Permission.CHART_VIEW)
def month_panel(request, patient_id):
    """`?month=2026-01`; without it, or with nonsense, the month we are in."""
    patient = open_chart(request, patient_id)
    now = month_of(timezone.now(), tz=request.practice.tz)
    month = _asked(request, now)
    allowed = eligibility(patient.practice, patient.pk, month)
    total = month_sum(patient, month, allowed)
    pages = max(ceil(total.sessions / EACH), 1)
    page = min(_page(request), pages)
    latest = signed_in(patient, month).values_list("pk", flat=True)[(page - 1) * EACH : page * EACH]
    drafts = explained(patient, month, list(drafts_in(patient, month).values_list("pk", flat=True)), allowed)
    unsigned = sum(seconds for share in drafts for seconds, _, _ in share.not_counted)
    context = {
        "patient": patient,
        "month": month,
        "is_now": month == now,
        "earlier": previous_month(month),
        "later": next_month(month) if month < now else None,
        "total": total,
        "shares": explained(patient, month, list(latest), allowed),
        "newer": page - 1,
        "older": page + 1 if page < pages else 0,
        "drafts": drafts,
        "under_plans": worked_under(request.practice, total.by_plan),
        "left_out": total.left_out + unsigned,
        "logs_time": may(request.membership, Permission.TIME_LOG),
    }
    return render(request, "timelogs/_month_panel.html", context)


def _page(request) -> int:
    asked = request.GET.get("page", "")
    return max(int(asked), 1) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1


def _asked(request, now):
    try:
        return min(parse_month(request.GET.get("month", "")), now)
    except Refused:
        return now
