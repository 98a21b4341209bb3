"""The month's seconds in SQL are those of the month's totals, reason by reason, whatever nurses do."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.practice_policies import set_policy
from patients.models import OfficeVisit
from reports.staff_time import tables
from reports.timing import LEFT_OUT, asked, cells, sessions
from tests import factories
from tests.cast import make_cast
from tests.integration.billing.decisions.test_second_count import make_busy
from tests.integration.timelogs.notes import CALL, NO_ANSWER, REVIEW, signed_session
from tests.saved_rows import saved_or_made
from timelogs.clock import acts as clock
from timelogs.counting.totals import month_totals
from timelogs.models import TimeSegment
from timelogs.note import drafts

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
MONTHS = [date(2026, 2, 1), MARCH, APRIL]
TRIED = NO_ANSWER | {"follow_up_on": date(2026, 3, 27)}
BY_ENTRY = "SELECT entry_id, why, extract(epoch FROM sum(took)) FROM shares GROUP BY 1, 2"
BY_EVIDENCE = """SELECT patient_id, evidence, extract(epoch FROM sum(took)) FROM shares
    WHERE why = 'counted' GROUP BY 1, 2"""


@pytest.fixture(scope="module")
def saved(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return saved_or_made()


@pytest.fixture
def busy(db, saved):
    return saved.made_by(lambda: make_busy(make_cast()))


@pytest.mark.parametrize("month", MONTHS)
def test_each_session_has_the_same_seconds_for_the_same_reasons(busy, month):
    expected = {}
    for total in month_totals(busy.practice, month).values():
        for each in total.by_entry:
            found = {slug: seconds for seconds, slug, _ in each.not_counted}
            expected[each.entry_id] = found | ({"counted": each.counted_seconds} if each.microseconds else {})
    counted = {}
    for entry_id, why, seconds in asked(busy.practice, month, BY_ENTRY):
        counted.setdefault(entry_id, {})[why] = int(seconds)
    assert counted == {pk: found for pk, found in expected.items() if found}
    if month == MARCH:
        assert {
            "counted",
            "not-signed",
            "concurrent",
            "before-consent",
            "not-enrolled",
            "same-day-visit",
        } <= {why for found in counted.values() for why in found}


@pytest.mark.parametrize("month", MONTHS)
def test_totals_and_classes_of_evidence_are_the_months(busy, month):
    totals = month_totals(busy.practice, month)
    exact = Counter()
    for patient_id, _, seconds in asked(busy.practice, month, BY_EVIDENCE):
        exact[patient_id] += seconds
    assert {pk: int(n) for pk, n in exact.items()} == {pk: t.seconds for pk, t in totals.items() if t.seconds}


@pytest.mark.parametrize("month", MONTHS)
def test_the_rows_behind_a_number_come_to_it(busy, month):
    for table in tables(busy.practice, month):
        sums = [sum(row[column].value for row in table.rows) for column in (-3, -2, -1)]
        whole = [sum(c.seconds for c in cells(busy.practice, month) if kind(c.why) == n) for n in range(3)]
        # Each cell is cut by itself.
        assert all(0 <= total - part <= len(table.rows) for total, part in zip(whole, sums, strict=True))
    for why in ("counted", LEFT_OUT, "not-signed"):
        rows, found = sessions(
            busy.practice, month, {"why": why, "staff": busy.rosa.user_id}, offset=0, limit=999
        )
        assert len(rows) == found
        mine = sum(
            c.seconds for c in cells(busy.practice, month)
            if c.staff_id == busy.rosa.user_id and kind(c.why) == kind(why)
        )  # fmt: skip
        assert 0 <= mine - sum(row.seconds for row in rows) <= found


def kind(why: str) -> int:
    return {"counted": 0, "not-signed": 2}.get(why, 1)


def figures(cast, month=MARCH) -> dict[str, int]:
    return {why: int(n) for _, why, n in asked(cast.practice, month, BY_ENTRY)}


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    """By the practice's clocks."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)


@pytest.mark.parametrize(("seconds_before", "inside"), [(600, 0), (599, 1), (1, 599), (0, 600)])
def test_a_session_over_the_months_midnight_is_cut_there(cast, seconds_before, inside):
    starts_at = at(1, 0) - timedelta(seconds=seconds_before)
    signed_session(cast.jane, by=cast.rosa, starts_at=starts_at, seconds=600, **REVIEW)
    assert sum(figures(cast).values()) == inside
    assert sum(figures(cast, date(2026, 2, 1)).values()) == 600 - inside


@pytest.mark.parametrize(("day", "why"), [(16, "counted"), (17, "same-day-visit"), (18, "counted")])
def test_the_day_of_a_visit_is_left_out(cast, day, why):
    factories.saved(OfficeVisit(practice=cast.practice, patient=cast.jane, visited_on=date(2026, 3, 17)))
    signed_session(cast.jane, by=cast.rosa, starts_at=at(day, 12), seconds=600, **REVIEW)
    assert figures(cast) == {why: 600}


def test_a_call_that_nobody_answered_counts_where_the_policy_says_so(cast):
    signed_session(cast.jane, by=cast.rosa, starts_at=at(3, 12), seconds=300, **TRIED)
    assert figures(cast) == {"not-countable": 300}
    set_policy(cast.practice, key="attempts_counted", value=True, starts_on=date(2026, 1, 1), why="So.")
    assert "not-countable" not in figures(cast)


def test_a_running_clock_is_no_finished_time_and_nobody_elses_practice_is_looked_at(cast):
    clock.start_session(cast.jane, by=cast.rosa, at=at(3, 12))
    signed_session(cast.nora, by=cast.dan, starts_at=at(3, 12), seconds=600, **CALL)
    assert figures(cast) == {}
    assert TimeSegment.objects.filter(practice=cast.practice).exists()


def test_people_roles_activities_evidence_and_weeks(cast):
    signed_session(cast.jane, by=cast.rosa, starts_at=at(3, 12), seconds=601, **CALL)
    signed_session(cast.max, by=cast.lena, starts_at=at(9, 0), seconds=299, **REVIEW)
    drafts.log_past(cast.max, starts_at=at(8, 23), seconds=60, reason="r", by=cast.ana, at=at(9, 12))
    person, role, _, evidence, week, every = tables(cast.practice, MARCH)
    assert [[cell.value for cell in row] for row in person.rows] == [
        ["Ana Rivera", 0, 0, 60],
        ["Lena Lead", 299, 0, 0],
        ["Rosa Nguyen", 601, 0, 0],
    ]
    assert [cell.value for cell in person.total] == ["All", 900, 0, 60]
    assert {row[0].code: row[1].value for row in role.rows} == {"nurse": 601, "lead_nurse": 299, "qhp": 0}
    assert [row[0].code for row in evidence.rows] == ["manual"]
    # The evening of Sunday the 8th is the week of the 2nd; Monday's midnight begins the next.
    assert [[row[0].code, row[1].value, row[3].value] for row in week.rows] == [
        ["2026-03-02", 601, 60],
        ["2026-03-09", 299, 0],
    ]
    assert len(every.rows) == 3
