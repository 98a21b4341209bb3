"""Closing a month, watching it close, and re-opening it."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission, may, requires
from billing.claims import queue
from billing.close import acts as close
from billing.close import runs
from billing.close.policies import why_not_reopen
from billing.close.preflight import preflight
from billing.forms import ReopenForm, TypedMonthForm
from billing.models import CloseRun, RunState
from dispatch.operations import once
from foundation.htmx import leave_for, page_or_partial
from foundation.refusals import Refused
from timelogs.models import Period, PeriodState

STOP_POLLING = 286
# Polled every second at first, then more slowly: a close that takes longer is not hurried by questions.
EAGER_SECONDS = 15
MONTHS_PER_PAGE = 24


@require_http_methods(["GET", "POST"])
@requires(Permission.MONTH_CLOSE)
@once
def close_month(request, month):
    form = TypedMonthForm(request.POST or None, month=month)
    if request.method == "POST" and form.is_valid():
        try:
            run = close.start_close(request.practice, month, by=request.membership, at=timezone.now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return leave_for(request, reverse("billing:run", args=[run.pk]))
    return _close_page(request, month, form)


def _close_page(request, month, form):
    period = queue.period_of(request.practice, month)
    context = {
        "month": month,
        "period": period,
        "form": form,
        "flight": preflight(request.practice, month, at=timezone.now()) if period.is_open else None,
        "run": None if period._state.adding else runs.latest_run(period),
    }
    return render(request, "billing/close.html", context, status=422 if form.is_bound else 200)


@require_safe
@requires(Permission.MONTH_VIEW)
def run(request, run_id):
    """How far a close is. Polled by htmx until it is done."""
    rows = CloseRun.objects.for_practice(request.practice).select_related("period")
    found = get_object_or_404(rows, pk=run_id)
    context = _progress(found, timezone.now(), by=request.membership)
    status = STOP_POLLING if request.htmx and found.state != RunState.RUNNING else 200
    return page_or_partial(request, "billing/run.html", "billing/_run.html", context, status=status)


def _progress(found: CloseRun, now, *, by) -> dict:
    elapsed = ((found.finished_at or now) - found.started_at).total_seconds()
    left = found.total - found.done
    running = found.state == RunState.RUNNING
    return {
        "run": found,
        "month": found.period.month,
        "running": running,
        "failed": found.state == RunState.FAILED,
        "stalled": runs.stalled(found),
        "may_reopen": may(by, Permission.MONTH_REOPEN),
        "every": "1s" if elapsed < EAGER_SECONDS else "3s",
        "quarter": found.done * 4 // found.total * 25 if found.total else 100,
        "seconds_left": int(elapsed / found.done * left) + 1 if running and found.done and left > 0 else None,
        "result": close.result_in_words(found) if found.state == RunState.DONE else "",
    }


@require_safe
@requires(Permission.MONTH_REOPEN)
def closed_months(request):
    """The months that can be re-opened, newest first; one whose close stalled too."""
    shut = [PeriodState.CLOSED, PeriodState.CLOSING]
    rows = Period.objects.for_practice(request.practice).filter(state__in=shut).order_by("-month")
    page = Paginator(rows, MONTHS_PER_PAGE).get_page(request.GET.get("page"))
    periods = [period for period in page.object_list if why_not_reopen(period) is None]
    return render(request, "billing/closed_months.html", {"periods": periods, "page": page})


@require_http_methods(["GET", "POST"])
@requires(Permission.MONTH_REOPEN)
@once
def reopen_month(request, month):
    period = queue.period_of(request.practice, month)
    if period._state.adding:
        raise Http404
    form = ReopenForm(request.POST or None, month=month)
    if request.method == "POST" and form.is_valid():
        try:
            close.reopen(period, reason=form.cleaned_data["reason"], by=request.membership, at=timezone.now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return leave_for(request, reverse("billing:closed_months"))
    context = {"month": month, "period": period, "form": form, "refused": why_not_reopen(period)}
    return render(request, "billing/reopen.html", context, status=422 if form.is_bound else 200)
