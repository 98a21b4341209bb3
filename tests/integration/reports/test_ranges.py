"""Sums over months: those of each month together, in the address, in the file and behind every number."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.practice_policies import set_policy
from reports.tables import Kind
from reports.timing import asked, cells, sessions, spans
from reports.views.frame import MOST_MONTHS
from tests.integration.reports.test_figures import TRIED, at, worked
from tests.integration.reports.test_timing import busy, saved  # noqa: F401
from tests.integration.timelogs.notes import CALL

FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
RANGED = ("time", "not_counted", "reaching")


@pytest.fixture
def ask(client, cast):
    def ask(name: str, who: str = "cora", **given):
        client.force_login(getattr(cast, who).user)
        return client.get(reverse(f"reports:{name}", args=[MARCH]), given)

    return ask


def summed(found) -> dict:
    sums: dict = {}
    for each in found:
        key = (each.staff_id, each.role, each.activity, each.evidence, each.why)
        sums[key] = sums.get(key, 0) + each.seconds
    return sums


@pytest.mark.parametrize("changed", [False, True])
def test_three_months_are_the_sum_of_each(busy, changed):  # noqa: F811
    practice = busy.practice
    if changed:
        set_policy(practice, key="same_day_visit", value="count", starts_on=APRIL, why="The payers say so.")
    months = [cell for month in (FEBRUARY, MARCH, APRIL) for cell in cells(practice, month)]
    assert summed(cells(practice, APRIL, FEBRUARY)) == summed(months)
    assert spans(practice, FEBRUARY, APRIL) == (
        [(APRIL, APRIL), (FEBRUARY, MARCH)] if changed else [(FEBRUARY, APRIL)]
    )


def test_the_sessions_behind_a_sum_page_over_a_change_of_policies(busy):  # noqa: F811
    set_policy(busy.practice, key="same_day_visit", value="count", starts_on=APRIL, why="The payers say so.")
    chosen = {"why": "counted"}
    every, whole = sessions(busy.practice, APRIL, chosen, since=FEBRUARY, offset=0, limit=9999)
    assert whole == len(every) > 25
    assert [row.began for row in every] == sorted((row.began for row in every), reverse=True)
    paged = [
        row
        for offset in range(0, whole, 25)
        for row in sessions(busy.practice, APRIL, chosen, since=FEBRUARY, offset=offset, limit=25)[0]
    ]
    assert paged == every
    (exact,) = asked(busy.practice, APRIL, "SELECT count(*) FROM shares", since=FEBRUARY)
    assert exact[0]


def test_a_page_past_the_last_is_the_first_where_policies_changed_on_the_way(ask, cast):
    set_policy(cast.practice, key="same_day_visit", value="count", starts_on=MARCH, why="The payers say so.")
    worked(cast.jane, cast.rosa, at(3, 9), 600, CALL)
    worked(cast.jane, cast.rosa, at(3, 9).replace(month=2), 900, CALL, at=at(3, 12).replace(month=2))
    for number in ("1", "2", "999999"):
        page = ask("sessions", **{"from": "2026-02", "page": number}).context["page"]
        assert (page.number, page.paginator.count, len(page.object_list)) == (1, 2, 2)


def test_addresses_files_and_rows_are_of_all_months(ask, cast, client):
    worked(cast.jane, cast.rosa, at(3, 9), 600, CALL)
    worked(cast.jane, cast.rosa, at(4, 9), 300, TRIED)
    worked(cast.jane, cast.rosa, at(3, 9).replace(month=2), 900, CALL, at=at(3, 12).replace(month=2))
    found = {}
    for name in RANGED:
        answer = ask(name, **{"from": "2026-02"})
        html = answer.content.decode()
        assert "February 2026 to March 2026" in html
        assert '<option value="2026-02" selected>' in html
        for table in answer.context["tables"]:
            for line in table.lines:
                for column, cell, _ in line:
                    if cell.url and column.kind is Kind.COUNT:
                        assert client.get(cell.url).context["page"].paginator.count == cell.value
                    assert not cell.url or "from=2026-02" in cell.url
            if table.rows:
                assert f"?from=2026-02&amp;file={table.slug}" in html
                file = ask(name, **{"from": "2026-02", "file": table.slug})
                assert f"{table.slug}-v1_2026-02_2026-03.csv" in file["Content-Disposition"]
                found[name, table.slug] = list(csv.reader(io.StringIO(file.content.decode())))[1:]
    assert [row[1:3] for row in found["reaching", "hours"]] == [["2", "1"]]
    rows = client.get(f"{reverse('reports:sessions', args=[MARCH])}?from=2026-02").context["page"]
    assert rows.paginator.count == 3
    assert ask("sessions").context["page"].paginator.count == 2


@pytest.mark.parametrize(
    ("begins", "status"),
    [
        ("2024-04", 200),
        ("2024-03", 404),
        ("2026-03", 200),
        ("2026-04", 404),
        ("x", 404),
        ("", 200),
        ("2026-2", 404),
    ],
)
def test_from_one_to_twenty_four_months(ask, begins, status):
    for name in (*RANGED, "sessions"):
        assert ask(name, **{"from": begins}).status_code == status
    assert ask("calls", **{"from": begins, "answered": "1"}).status_code == status
    assert MOST_MONTHS == 24


def test_a_range_in_one_month_is_that_month(ask):
    html = ask("time", **{"from": "2026-03"}).content.decode()
    assert "March 2026 to" not in html
    assert html == html.replace("from=2026-03&amp;", "")


def test_two_years_ask_little_more_than_a_month(ask, cast):
    worked(cast.jane, cast.rosa, at(3, 9), 600, CALL)
    ask("time")
    counts = []
    for given in ({}, {"from": "2024-04"}):
        with CaptureQueriesContext(connection) as queries:
            ask("time", **given)
        counts.append(len(queries))
    assert counts[1] - counts[0] <= MOST_MONTHS * 3
    assert ask("program", **{"from": "2024-04"}).status_code == 200
