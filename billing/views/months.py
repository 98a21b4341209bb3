"""The month board: where the month stands, what is clean, what needs a person."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, may, requires
from billing.claims import queue
from billing.close.runs import latest_run
from billing.exports.batch import approved_lines
from billing.rules import NoRuleSet
from foundation.htmx import page_or_partial
from foundation.months import next_month, previous_month
from timelogs.models import PeriodState


@require_safe
@requires(Permission.MONTH_VIEW)
def month(request, month):
    """The board. `?preview=1` also calculates what a close would come to: for htmx that part alone, after the page."""
    context = _board(request, month)
    if request.GET.get("preview") and context["is_open"]:
        context["preview"] = _preview(request.practice, month)
        return page_or_partial(request, "billing/month.html", "billing/_preview.html", context)
    return render(request, "billing/month.html", context)


def _board(request, month) -> dict:
    practice = request.practice
    period = queue.period_of(practice, month)
    splits = queue.splits(practice, month)
    following = next_month(month)
    may_export = may(request.membership, Permission.CLAIM_EXPORT) and period.state == PeriodState.CLOSED
    approved = approved_lines(practice, month) if may_export else None
    return {
        "month": month,
        "previous": previous_month(month),
        "next": following if following <= practice.today() else None,
        "period": period,
        "is_open": period.is_open,
        "run": latest_run(period) if not period._state.adding else None,
        "reopenings": queue.reopenings(period),
        "splits": splits,
        "reasons": queue.hold_reasons(practice, month),
        "has_claims": any(split.count for split in splits),
        "lines": approved.lines.count() if approved else 0,
        "left_out": approved.left_out if approved else 0,
        "may_close": may(request.membership, Permission.MONTH_CLOSE),
        "may_export": may_export,
    }


def _preview(practice, month):
    """What a close would come to now; nothing for a month that no rule set covers."""
    try:
        return queue.preview(practice, month)
    except NoRuleSet:
        return None
