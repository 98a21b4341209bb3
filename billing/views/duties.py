"""The report of duties: who did more than one of them for one patient's month."""

import csv
import io

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, may, requires
from accounts.policy_specs import POLICIES, Group
from accounts.practice_policies import policies_for
from audit.access import record_access
from audit.models import Action
from billing.claims.duties import DUTIES, Exceptions, emergencies_of
from billing.exports.csv import inert
from foundation.months import next_month, previous_month
from patients.chart_access import show_list

PAGE = 25


@require_safe
@requires(Permission.DUTIES_VIEW)
def duties(request, month):
    """Whom it concerns by name is shown to who may see charts; an administrator sees the number of the claim.

    `?file=duties`: as a file, in which no patient is named.
    """
    if request.GET.get("file") == "duties":
        return _file(request, month)
    practice, by = request.practice, request.membership
    page = Paginator(Exceptions(practice, month), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    may_see_names = may(by, Permission.CHART_VIEW)
    if may_see_names:
        show_list(request, [row.claim.patient for row in rows])
    values = policies_for(practice, on=practice.today())
    context = {
        "month": month,
        "previous": previous_month(month),
        "next": next_month(month) if month < practice.today().replace(day=1) else None,
        "page": page,
        "rows": rows,
        "may_see_names": may_see_names,
        "may_open": may(by, Permission.MONTH_VIEW),
        "may_reopen": may(by, Permission.MONTH_REOPEN),
        "may_see_policies": may(by, Permission.SETTINGS_VIEW),
        "may_edit_policies": may(by, Permission.SETTINGS_EDIT),
        "emergencies": emergencies_of(practice, month),
        "policies": [
            (key, spec.question, spec.words(values[key]))
            for key, spec in POLICIES.items()
            if spec.group is Group.DUTIES
        ],
    }
    return render(request, "billing/duties.html", context)


def _file(request, month) -> HttpResponse:
    """UTF-8, comma, CRLF, a header. Whose claims it lists is written down."""
    lines = Exceptions(request.practice, month).lines()
    people = sorted({line.patient_id for line in lines})
    record_access(request, people, action=Action.EXPORT)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["month", "claim_number", "person", *DUTIES])
    for line in lines:
        did = ["yes" if duty in line.duties else "" for duty in DUTIES]
        writer.writerow([f"{month:%Y-%m}", inert(line.number), inert(line.who), *did])
    headers = {"Content-Disposition": f'attachment; filename="rpm-duties-v1_{month:%Y-%m}.csv"'}
    return HttpResponse(out.getvalue().encode(), content_type="text/csv; charset=utf-8", headers=headers)
