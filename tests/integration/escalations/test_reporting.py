"""What a month's escalations led to: its edges, its page and its file."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from escalations import acts
from escalations.climbing import pass_on
from escalations.reporting import COLUMNS, at_share, report
from foundation.context import acting
from tests.integration.escalations.found import NOON, finding, later, opened, pressure

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture(autouse=True)
def signed_by_the_system():
    with acting("system: tests"):
        yield


@pytest.mark.parametrize(
    ("minutes", "per_cent", "expected"),
    [
        ((), 50, None),
        ((7,), 90, 7),
        ((1, 2), 50, 1),
        ((1, 2, 3), 50, 2),
        (range(1, 11), 90, 9),
        (range(1, 12), 90, 10),
    ],
)
def test_shares_of_waits(minutes, per_cent, expected):
    waits = tuple(timedelta(minutes=n) for n in minutes)
    assert at_share(waits, per_cent) == (None if expected is None else expected * 60)


def test_one_life_as_one_line(cast):
    row = opened(cast.jane, severity="critical")
    acts.open_or_merge(
        finding(cast.jane, pressure(cast.jane, later(5)), at=later(5)), practice=cast.practice, at=later(5)
    )
    row = acts.acknowledge(row, by=cast.rosa, at=later(20))
    acts.resolve(row, outcome="advised", by=cast.rosa, at=later(30))
    (line,) = report(cast.practice, MARCH, at=later(hours=99))
    assert (line.opened, line.resolved, line.acted, line.past_due, line.merged) == (1, 1, 1, 0, 1)
    assert (line.median, line.share, line.what) == (1200, "100 %", "Reading out of range, Blood pressure")


def test_who_asks_is_not_the_first_who_looks(cast):
    asked = {"ask": "Evening dose?", "severity": "warning", "to": cast.ana, "by": cast.rosa}
    row = acts.escalate(cast.jane, at=NOON, **asked)
    assert report(cast.practice, MARCH, at=NOON)[0].median is None
    acts.acknowledge(row, by=cast.ana, at=later(7))
    assert report(cast.practice, MARCH, at=later(9))[0].median == 7 * 60


@pytest.mark.parametrize(("minutes", "late"), [(59.9, 0), (60, 1)])
def test_past_due_is_from_the_due_time_on(cast, minutes, late):
    row = opened(cast.jane, severity="critical")
    acts.resolve(row, outcome="advised", by=cast.rosa, at=later(minutes))
    assert report(cast.practice, MARCH, at=later(hours=99))[0].past_due == late


def test_what_climbed_was_past_due_also_where_it_is_not_any_more(cast):
    row = opened(cast.jane, severity="critical")
    pass_on(row.pk, at=later(60))
    assert report(cast.practice, MARCH, at=later(61))[0].past_due == 1


@pytest.mark.parametrize(
    ("at", "month"),
    [(datetime(2026, 4, 1, 3, 59, 59, tzinfo=UTC), MARCH), (datetime(2026, 4, 1, 4, tzinfo=UTC), APRIL)],
)
def test_a_month_is_the_practices(cast, at, month):
    opened(cast.jane, at)
    for asked in (MARCH, APRIL):
        assert len(report(cast.practice, asked, at=at)) == (asked == month)


def test_page_and_file_name_no_patient(cast, client):
    opened(cast.jane, NOON)
    client.force_login(cast.ade.user)
    page = client.get(reverse("escalations:report", args=[MARCH])).content.decode()
    assert "Reading out of range, Blood pressure" in page
    answer = client.get(reverse("escalations:report_csv", args=[MARCH]))
    first, second, end = answer.content.decode().split("\r\n")
    assert (first, end) == (",".join(COLUMNS), "")
    assert second == "2026-03,reading,blood_pressure,,warning,1,0,0,1,1,0,0,,"
    assert "DOE" not in page


def test_another_practice_sees_none_of_it(cast, client):
    opened(cast.jane, NOON)
    assert report(cast.elsewhere, MARCH, at=NOON) == []
