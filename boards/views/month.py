"""The month board: where the month stands, what is clean, what needs a person; and the patients behind each number."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, may, requires
from billing.claims import queue
from billing.close.runs import latest_run
from billing.exports.counting import to_export
from billing.rules import NoRuleSet, ruleset_for
from boards.month import Source, month_board
from boards.month_list import PER_PAGE, Asked, People, rows_of
from boards.refresh import fresh
from foundation.months import last_day, next_month, previous_month
from patients.chart_access import show_list
from timelogs.models import PeriodState


@require_safe
@requires(Permission.MONTH_VIEW)
def month(request, month):
    """Of an open month what a close would come to now; of a closed one its claims; of one opened again both."""
    practice, at = request.practice, timezone.now()
    period, today = queue.period_of(practice, month), practice.today(at)
    following = next_month(month)
    closed = not period.is_open
    freshness = None if closed else fresh(practice, month, at=at)
    splits = queue.splits(practice, month)
    may_export = may(request.membership, Permission.CLAIM_EXPORT) and period.state == PeriodState.CLOSED
    context = {
        "month": month,
        "previous": previous_month(month),
        "next": following if following <= today else None,
        "days_left": (last_day(month) - today).days if month <= today <= last_day(month) else None,
        "period": period,
        "is_open": period.is_open,
        "run": latest_run(period) if not period._state.adding else None,
        "reopenings": queue.reopenings(period),
        "splits": splits,
        "reasons": queue.hold_reasons(practice, month),
        "has_claims": any(split.count for split in splits),
        **(to_export(practice, month) if may_export else {}),
        "may_close": may(request.membership, Permission.MONTH_CLOSE),
        "may_export": may_export,
        "freshness": freshness,
        "board": month_board(practice, month, closed=closed, on=today),
        "has_rules": _has_rules(month),
    }
    return render(request, "boards/month.html", context)


def _has_rules(month) -> bool:
    try:
        ruleset_for(month)
    except NoRuleSet:
        return False
    return True


@require_safe
@requires(Permission.MONTH_VIEW)
def month_patients(request, month):
    """The patients behind a number of the board: `?state=`, `?reason=`, `?near=`, `?nurse=`, `?payer=`…, `?page=`."""
    practice, at = request.practice, timezone.now()
    closed = not queue.period_of(practice, month).is_open
    freshness = None if closed else fresh(practice, month, at=at)
    source = Source.of(practice, month, closed=closed, on=practice.today(at))
    asked = Asked.of(request.GET, lead=source.given["lead"] // 60)
    page = Paginator(People(source, asked), PER_PAGE).get_page(request.GET.get("page"))
    rows = rows_of(practice, month, list(page.object_list), closed=closed)
    show_list(request, [row.patient for row in rows])
    context = {"month": month, "page": page, "rows": rows, "told": asked.words, "closed": closed}
    context["freshness"] = freshness
    return render(request, "boards/month_patients.html", context)
