"""The reports: each is its tables, with the sentence that says what they show."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, may, requires
from boards.refresh import fresh
from foundation.months import previous_month
from reports import further as minutes
from reports import not_counted as left_out
from reports import program as months
from reports import reaching as calls
from reports import staff_time as worked
from reports import unusual as seen
from reports.forecast import tables as outlook
from reports.views.frame import beginnings, show, since_of
from timelogs.models import Period, PeriodState

P = Permission

# (route, name, what it answers, who may). The last two months matter: the one that runs and the one to close.
REPORTS = (
    (
        "reports:program",
        "Program",
        "Patients enrolled, active and billable, and released codes, over twelve months.",
        P.PROGRAM_REPORTS,
    ),
    (
        "reports:time",
        "Staff time",
        "Minutes by person, role, activity, class of evidence and week.",
        P.TIME_REPORTS,
    ),
    ("reports:not_counted", "Time that does not count", "How much, why, and whose.", P.TIME_REPORTS),
    (
        "reports:further",
        "Patients by minutes",
        "How the counted time of the month lies; what stopped short of a further unit.",
        P.PROGRAM_REPORTS,
    ),
    (
        "reports:unusual",
        "Unusual time",
        "Long days and weeks, nights, equal lengths, time entered later.",
        P.TIME_REPORTS,
    ),
    (
        "reports:reaching",
        "Reaching patients",
        "Calls answered and not, by hour, and tries until an answer.",
        P.TIME_REPORTS,
    ),
    ("escalations:report", "Escalations", "How many were opened, and what they led to.", P.ESCALATION_REPORT),
)


@require_safe
@requires(Permission.TIME_REPORTS)
def index(request):
    """Every report that this person may see, of this month and the last."""
    this = request.practice.today().replace(day=1)
    months = (this, previous_month(this))
    found = [
        {"name": name, "about": about, "months": [(month, reverse(route, args=[month])) for month in months]}
        for route, name, about, permission in REPORTS
        if may(request.membership, permission)
    ]
    running = {
        "name": "Forecast",
        "about": "How many patients will probably get where, in minutes and days.",
    }
    found.insert(0, running | {"months": [(this, reverse("reports:forecast"))]})
    return render(request, "reports/index.html", {"reports": found})


@require_safe
@requires(Permission.TIME_REPORTS)
def forecast(request):
    """Of this month. In minutes and days; the codes they reach for who may see codes. Nobody's patients by name."""
    now = timezone.now()
    month = request.practice.today(now).replace(day=1)
    freshness = fresh(request.practice, month, at=now)
    tables = outlook.tables(request.practice, at=now, codes=may(request.membership, P.PROGRAM_REPORTS))
    about = "What is likely, from what past months went on to do. It plans the practice’s work; it is nobody’s target."
    return show(request, month, tables, title="Forecast", about=about, freshness=freshness)


@require_safe
@requires(Permission.PROGRAM_REPORTS)
def program(request, month):
    tables = months.tables(request.practice, month, at=timezone.now(), may_open=_may_open(request))
    about = f"Twelve months until {month:%B %Y}. Amounts are not shown: there is no fee schedule yet."
    return show(request, month, tables, title="Program", about=about)


@require_safe
@requires(Permission.TIME_REPORTS)
def staff_time(request, month):
    about = "Time of sessions, each second once. Of one over midnight of the first or last day, what lies between."
    since = since_of(request, month)
    tables = worked.tables(request.practice, month, since)
    return show(
        request, month, tables, title="Staff time", about=about, since=since, beginnings=beginnings(month)
    )


@require_safe
@requires(Permission.TIME_REPORTS)
def not_counted(request, month):
    """What it comes to in codes is shown to who may see codes."""
    since, practice = since_of(request, month), request.practice
    tables = left_out.tables(practice, month, since)
    about = "Each second under the first reason that applies."
    if may(request.membership, P.PROGRAM_REPORTS):
        about += " Amounts are not shown: there is no fee schedule yet."
    if may(request.membership, P.PROGRAM_REPORTS) and not since:
        beyond = minutes.beyond(practice, month, may_open=_may_open(request))
        held = minutes.held(practice, month, may_open=_may_open(request))
        tables += [table for table in (beyond, held) if table]
    return show(
        request,
        month,
        tables,
        title="Time that does not count",
        about=about,
        since=since,
        beginnings=beginnings(month),
    )


@require_safe
@requires(Permission.PROGRAM_REPORTS)
def further(request, month):
    practice = request.practice
    closed = Period.objects.for_practice(practice).filter(month=month, state=PeriodState.CLOSED).exists()
    tables = minutes.tables(practice, month, closed=closed, may_open=_may_open(request))
    about = (
        "Patients with counted time in the month. It shows where months lie, and asks nobody to add to them."
    )
    return show(request, month, tables, title="Patients by minutes", about=about)


@require_safe
@requires(Permission.TIME_REPORTS)
def unusual(request, month):
    about = "What the month’s sessions show, by person. Each has its ordinary reasons: ask before concluding."
    return show(request, month, seen.tables(request.practice, month), title="Unusual time", about=about)


@require_safe
@requires(Permission.TIME_REPORTS)
def reaching(request, month):
    about = "Calls and video calls with patients and caregivers, as signed sessions have them."
    since, names = since_of(request, month), may(request.membership, P.CHART_VIEW)
    return show(
        request,
        month,
        calls.tables(request.practice, month, since),
        title="Reaching patients",
        about=about,
        unreached=reverse("reports:unreached", args=[month]) if names and not since else "",
        since=since,
        beginnings=beginnings(month),
    )


def _may_open(request) -> bool:
    """Whether the patients behind a number may be listed: codes and names together."""
    return may(request.membership, P.MONTH_VIEW)
