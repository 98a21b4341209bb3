"""What every report's page has: its month with those beside it, its tables, and each table's file."""

from collections.abc import Sequence
from datetime import date

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from foundation.months import next_month, previous_month
from reports.tables import FIRST_YEAR, Table, as_csv, span

PAGE = 25
# Rows of a table beside others.
MOST = 20
# Months that are summed up at most.
MOST_MONTHS = 24


def beginnings(month: date) -> list[date]:
    """The months from which a sum up to this one may be asked for, itself first."""
    found = [month]
    while len(found) < MOST_MONTHS and found[-1] > date(FIRST_YEAR, 1, 1):
        found.append(previous_month(found[-1]))
    return found


def since_of(request, month: date) -> date | None:
    """From which month on `?from=` asks for sums; None for the one month. What nobody can choose is no page."""
    given = request.GET.get("from") or f"{month:%Y-%m}"
    found = next((each for each in beginnings(month) if f"{each:%Y-%m}" == given), None)
    if found is None:
        raise Http404
    return found if found < month else None


def show(
    request,
    month: date,
    tables: Sequence[Table],
    *,
    title: str,
    about: str,
    since: date | None = None,
    **more,
) -> HttpResponse:
    """The page, with the first rows of each table; with `?all=` one of them whole, with `?file=` as a file.

    In a file no patient is named.
    """
    if "file" in request.GET:
        return _file(request, month, tables, since)
    match = request.resolver_match
    if "all" in request.GET:
        shown = [_named(tables, request.GET["all"])]
    else:
        shown = [table.first(MOST) for table in tables]
    context = {"tables": shown, "title": title, "about": about, **steps(request, month), **more}
    context["since"] = since
    # To be followed by what else is asked.
    asked = "".join(f"{name}={value}&" for name, value in span(since).items())
    context["here"] = f"{reverse(match.view_name, kwargs=match.kwargs)}?{asked}"
    return render(request, "reports/report.html", context)


def steps(request, month: date) -> dict:
    """The month, and those beside it with their addresses; nothing after this one, nor before the year 2000.

    A page whose address names no month is of the running one alone.
    """
    route, before, after = request.resolver_match.view_name, previous_month(month), next_month(month)
    if not request.resolver_match.kwargs:
        return {"month": month}
    return {
        "month": month,
        "previous": before,
        "previous_url": reverse(route, args=[before]) if before.year >= FIRST_YEAR else "",
        "next": after,
        "next_url": reverse(route, args=[after]) if after <= request.practice.today() else "",
    }


def _file(request, month: date, tables: Sequence[Table], since: date | None) -> HttpResponse:
    table = _named(tables, request.GET["file"])
    report = request.resolver_match.url_name.replace("_", "-")
    months = f"{since:%Y-%m}_{month:%Y-%m}" if since else f"{month:%Y-%m}"
    name = f"rpm-{report}-{table.slug}-v1_{months}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(as_csv(table), content_type="text/csv; charset=utf-8", headers=headers)


def _named(tables: Sequence[Table], slug: str) -> Table:
    found = next((table for table in tables if table.slug == slug), None)
    if found is None:
        raise Http404
    return found


class Counted(Paginator):
    """Pages of rows that one query finds together with how many there are: `find(offset, limit)`."""

    def __init__(self, find, number: str):
        super().__init__((), PAGE)
        asked = int(number) if number.isdecimal() and len(number) < 7 else 1
        self.rows, self.found = find(offset=(max(asked, 1) - 1) * PAGE, limit=PAGE)
        if not self.found and asked > 1:
            asked, (self.rows, self.found) = 1, find(offset=0, limit=PAGE)
        self.asked = max(asked, 1)

    @property
    def count(self):
        return self.found

    def here(self):
        """The page asked for, with its rows; the first where there are not so many."""
        page = self.page(self.asked)
        page.object_list = self.rows
        return page
