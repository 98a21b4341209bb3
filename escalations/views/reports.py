"""What a month's escalations led to: the page and its file. No patient is named."""

import csv
import io

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, may, requires
from escalations.reporting import COLUMNS, cells, report, together
from foundation.months import next_month, previous_month


@require_safe
@requires(Permission.ESCALATION_REPORT)
def month(request, month):
    found = report(request.practice, month, at=timezone.now())
    context = {
        "month": month,
        "found": found,
        "all": together(found),
        "previous": previous_month(month),
        "next": next_month(month) if month < request.practice.today().replace(day=1) else None,
        "may_open": may(request.membership, Permission.CHART_VIEW),
    }
    return render(request, "escalations/report.html", context)


@require_safe
@requires(Permission.ESCALATION_REPORT)
def month_csv(request, month):
    """UTF-8, comma, CRLF, a header; words of our own alone, so that no cell begins a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(cells(month, report(request.practice, month, at=timezone.now())))
    name = f"rpm-escalations-v1_{month:%Y-%m}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(out.getvalue().encode(), content_type="text/csv; charset=utf-8", headers=headers)
