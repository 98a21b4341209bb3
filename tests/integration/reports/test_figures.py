"""Each figure of the reports against a month made by hand, at its edges."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.practice_policies import set_policy
from reports import further, not_counted, program, reaching, unusual
from reports.habits import habits, noted
from reports.tables import Cell, Column, Kind, bars, words
from tests import factories
from tests.integration.billing.months import close_march, guides_example
from tests.integration.timelogs.notes import CALL, NO_ANSWER, REVIEW, signed_session
from timelogs.note import drafts

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
APRIL_2 = datetime(2026, 4, 2, 15, 0, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
TRIED = NO_ANSWER | {"follow_up_on": date(2026, 4, 10)}


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """In March, by the practice's clocks."""
    return datetime(2026, 3, day, hour, minute, second, tzinfo=NEW_YORK).astimezone(UTC)


def worked(patient, by, starts_at, seconds: int, note=REVIEW, **more):
    return signed_session(patient, by=by, starts_at=starts_at, seconds=seconds, **note, **more)


def values(table) -> list[list]:
    return [[cell.value for cell in row] for row in table.rows]


def patients(cast, count: int) -> list:
    """More patients, enrolled."""
    found = []
    for number in range(count):
        who = factories.patient(
            cast.practice, f"Many{number}", "Mia", mrn=f"T-3{number:03}", born_on=date(1950, 1, 1)
        )
        factories.enrollment(who, clinician=cast.ana, taken_by=cast.rosa)
        found.append(who)
    return found


# Minutes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "band", "short", "between"),
    [(599, 0, 0, 0), (600, 10, 0, 0), (1199, 10, 0, 0), (1200, 20, 0, 1), (2099, 30, 0, 1), (2100, 35, 1, 1),
     (2399, 35, 1, 1), (2400, 40, 0, 0), (4800, 80, 0, 0)],
)  # fmt: skip
def test_bands_begin_at_their_minute(cast, seconds, band, short, between):
    worked(cast.jane, cast.rosa, at(3, 9), seconds)
    found = further.bands(cast.practice, MARCH)
    assert [minutes for minutes, each in found.items() if each.months] == [band]
    assert found[band].seconds == seconds
    _, table = further.tables(cast.practice, MARCH, closed=False, may_open=True)
    assert [row[1].value for row in table.rows] == [between, short]
    ids, count = further.behind(cast.practice, MARCH, {"band": band}, offset=0, limit=9)
    assert (ids, count) == ([(cast.jane.pk, seconds)], 1)


@pytest.mark.parametrize(
    ("seconds", "line", "past"),
    [(599, "None: under 10 min", 599), (600, "10 min", 0), (1500, "20 min", 300), (5000, "80 min", 200)],
)
def test_time_past_the_last_line(cast, seconds, line, past):
    worked(cast.jane, cast.rosa, at(3, 9), seconds)
    table = further.beyond(cast.practice, MARCH, may_open=True)
    assert values(table) == [[line, 1, past]]
    assert further.beyond(cast.practice, date(2018, 3, 1), may_open=True) is None


def test_forty_minutes_without_the_further_unit(cast):
    """Max talked, Jane did not: hers is held for want of live contact."""
    for patient, note in ((cast.max, CALL), (cast.jane, REVIEW)):
        factories.readings(patient, date(2026, 2, 10), 40)
        worked(patient, cast.rosa, at(3 + (patient == cast.jane), 9), 2400, note)
    close_march(cast)
    _, table = further.tables(cast.practice, MARCH, closed=True, may_open=True)
    assert [row[1].value for row in table.rows] == [0, 0, 1]
    ids, _ = further.behind(cast.practice, MARCH, {"without": True}, offset=0, limit=9)
    assert ids == [(cast.jane.pk, 2400)]
    held = further.held(cast.practice, MARCH, may_open=True)
    assert ["No live contact with the patient or caregiver in the month", 1, 2400] in values(held)
    assert further.held(cast.practice, APRIL, may_open=True) is None


def test_time_that_does_not_count_is_said_by_reason_and_person(cast):
    worked(cast.jane, cast.rosa, at(3, 9), 600)
    worked(cast.jane, cast.luis, at(3, 9), 900)
    drafts.log_past(cast.max, starts_at=at(3, 11), seconds=60, reason="r", by=cast.luis, at=at(3, 12))
    reasons, people = not_counted.tables(cast.practice, MARCH)
    assert values(reasons) == [
        ["Another person's signed time for the same minutes counts", 600],
        ["Not signed", 60],
    ]
    assert reasons.total[1].value == 660
    assert values(people) == [["Luis Ortiz", 900, 600, 67, 60], ["Rosa Nguyen", 600, 0, 0, 0]]


# Unusual time -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("last", "named"), [(3600, 0), (3601, 1)])
def test_a_day_is_named_above_the_limit_of_its_month(cast, last, named):
    set_policy(
        cast.practice, key="staff_daily_ceiling_minutes", value=120, starts_on=date(2026, 3, 31), why="w"
    )
    worked(cast.jane, cast.rosa, at(3, 9), 3600)
    worked(cast.max, cast.rosa, at(3, 11), last)
    worked(cast.max, cast.luis, at(4, 11), 3600)
    days, weeks, *_ = unusual.tables(cast.practice, MARCH)
    assert len(days.rows) == named
    assert not weeks.rows
    if named:
        assert values(days) == [["Rosa Nguyen", "Tue 3 Mar", 7201]]


@pytest.mark.parametrize(("last", "named"), [(3600, 0), (3601, 1)])
def test_a_week_is_named_above_its_limit(cast, last, named):
    set_policy(
        cast.practice, key="staff_weekly_ceiling_minutes", value=300, starts_on=date(2026, 1, 1), why="w"
    )
    for day in range(2, 6):
        worked(cast.jane, cast.rosa, at(day, 9), 3600)
    worked(cast.jane, cast.rosa, at(8, 21), last)
    worked(cast.jane, cast.rosa, at(9, 9), 3600)
    _, weeks, *_ = unusual.tables(cast.practice, MARCH)
    assert values(weeks) == [["Rosa Nguyen", "2 Mar – 8 Mar", 18001]] * named


@pytest.mark.parametrize(
    ("begins", "seconds", "night"),
    [(at(3, 21, 50), 600, 0), (at(3, 21, 50), 601, 1), (at(3, 5, 59, 59), 60, 1), (at(3, 6), 60, 0),
     (at(3, 23, 50), 1200, 1200), (at(1, 0), 60, 60), (at(31, 23, 50), 1200, 600), (at(8, 1, 50), 1200, 1200)],
)  # fmt: skip
def test_nights_are_from_ten_to_six(cast, begins, seconds, night):
    worked(cast.jane, cast.rosa, begins, seconds)
    table = unusual.tables(cast.practice, MARCH)[2]
    assert [row[1].value for row in table.rows] == [night] * bool(night)


@pytest.mark.parametrize(
    ("seconds", "crossed", "just"), [(1199, 0, 0), (1200, 1, 1), (1259, 1, 1), (1260, 1, 0)]
)
def test_just_past_a_line_is_less_than_a_minute(cast, seconds, crossed, just):
    worked(cast.jane, cast.luis, at(2, 9), 700)
    worked(cast.jane, cast.rosa, at(3, 9), seconds - 700)
    mine = {each.name: each for each in habits(cast.practice, MARCH)}
    assert (mine["Luis Ortiz"].crossed, mine["Luis Ortiz"].just) == (1, 0)
    assert (mine["Rosa Nguyen"].crossed, mine["Rosa Nguyen"].just) == (crossed, just)
    ids, count = noted(cast.practice, MARCH, cast.rosa.user_id, "just", length=None, offset=0, limit=9)
    assert len(ids) == count == just


@pytest.mark.parametrize(("sessions", "named"), [(2, 0), (3, 1)])
def test_equal_lengths_are_named_from_three_on(cast, sessions, named):
    for day in range(2, 2 + sessions):
        worked(cast.jane, cast.rosa, at(day, 9), 720)
    worked(cast.jane, cast.rosa, at(9, 9), 721)
    table = unusual.tables(cast.practice, MARCH)[4]
    assert values(table) == [["Rosa Nguyen", 4, 720, 3, 75]] * named


@pytest.mark.parametrize(("days", "late"), [(3, 0), (4, 1)])
def test_entered_by_hand_and_late(cast, days, late):
    worked(cast.jane, cast.rosa, at(3, 9), 600, at=at(3 + days, 12))
    assert values(unusual.tables(cast.practice, MARCH)[5]) == [["Rosa Nguyen", 1, 1, 100, late, 100 * late]]


# Calls ------------------------------------------------------------------------------------------------------


def test_calls_by_hour_and_tries_until_an_answer(cast):
    for day, note in ((2, TRIED), (3, TRIED), (4, CALL), (5, CALL), (6, TRIED)):
        worked(cast.jane, cast.rosa, at(day, 9 if note is TRIED else 17), 300, note)
    worked(cast.max, cast.rosa, at(7, 12), 300, CALL | {"method": "in_person"})
    hours, tries = reaching.tables(cast.practice, MARCH)
    assert values(hours) == [["09:00–09:59", 0, 3, 0], ["17:00–17:59", 2, 0, 100]]
    assert values(tries) == [["None", 1], ["2", 1]]
    (row,), count = reaching.unreached(cast.practice, MARCH, offset=0, limit=9)
    assert (row.patient_id, row.called, row.answered, row.tries, count) == (cast.jane.pk, 5, 2, 1, 1)
    ids, count = reaching.sessions(
        cast.practice, MARCH, hour=9, tries=None, answered=False, offset=0, limit=2
    )
    assert (len(ids), count) == (2, 3)


def test_tries_of_the_month_before_belong_to_the_contact(cast):
    worked(cast.jane, cast.rosa, at(30, 9), 300, TRIED)
    worked(cast.jane, cast.rosa, at(31, 9) + timedelta(days=1), 300, CALL)
    assert values(reaching.tables(cast.practice, APRIL)[1]) == [["1", 1]]


@pytest.mark.parametrize(("days", "tries"), [(90, "1"), (91, "None")])
def test_tries_are_looked_for_ninety_days_back_in_a_range_as_in_a_month(cast, days, tries):
    """Of two clock readings that many days apart, the first a second later, or the second."""
    answered = datetime(2026, 4, 28, 14, tzinfo=UTC)
    tried = answered - timedelta(days=days)
    for when, note in ((tried, TRIED), (answered, CALL)):
        worked(cast.jane, cast.rosa, when, 300, note, at=when + timedelta(hours=1))
    for since in (None, date(2025, 6, 1)):
        assert values(reaching.tables(cast.practice, APRIL, since)[1]) == [[tries, 1]]


@pytest.mark.parametrize(
    ("called", "says"), [(9, "too few"), (10, "Most often answered from 17:00 to 17:59: 90 % of 10")]
)
def test_the_best_hour_has_enough_calls(called, says):
    assert says in reaching.best_hour([(9, 20, 10), (17, called, 9)] if called == 10 else [(17, called, 9)])


# The program ------------------------------------------------------------------------------------------------


def test_twelve_months_of_the_program(cast):
    guides_example(cast)
    before = program.figures(cast.practice, MARCH, at=APRIL_2)[-1]
    assert (before.enrolled, before.active, before.billable, before.reached) == (2, 1, None, 1)
    close_march(cast)
    figures = program.figures(cast.practice, MARCH, at=APRIL_2)
    assert [each.month for each in figures][:2] == [date(2025, 4, 1), date(2025, 5, 1)]
    assert [each.enrolled for each in figures] == [0] * 7 + [2] * 5
    march = figures[-1]
    assert (march.enrolled, march.active, march.billable, march.attention) == (2, 1, 1, 1)
    assert march.codes == {"99453": (1, 1), "99454": (1, 1), "99457": (1, 1)}
    for what, count in (("enrolled", 2), ("active", 1), ("billable", 1), ("attention", 1), ("code", 1)):
        rows, found = program.behind(cast.practice, MARCH, what, code="99457", offset=0, limit=9)
        assert len(rows) == found == count
        assert all(claim for _, claim in rows)


@pytest.mark.parametrize(("ended_on", "enrolled"), [(date(2026, 3, 1), 1), (date(2026, 3, 2), 2)])
def test_who_left_on_the_first_was_not_enrolled_that_month(cast, ended_on, enrolled):
    cast.jane_enrolled.ended_on, cast.jane_enrolled.end_reason = ended_on, "Moved."
    cast.jane_enrolled.save()
    assert program.figures(cast.practice, MARCH, at=APRIL_2)[-1].enrolled == enrolled


def test_typed_and_excluded_readings_make_nobody_active(cast):
    factories.readings(cast.jane, date(2026, 3, 5), 1)
    reading = cast.jane.readings.get()
    assert program.figures(cast.practice, MARCH, at=APRIL_2)[-1].active == 1
    reading.excluded_reason = "Her husband's."
    reading.save()
    assert program.figures(cast.practice, MARCH, at=APRIL_2)[-1].active == 0


# Words and bars ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [(Kind.COUNT, 1234, "1,234"), (Kind.COUNT, None, "–"), (Kind.TIME, 1553, "25 min 53 s"), (Kind.TIME, 0, "0 min"),
     (Kind.TIME, 10_799, "179 min 59 s"), (Kind.TIME, 10_800, "3 h"), (Kind.TIME, 11_159, "3 h 05 min"),
     (Kind.SHARE, 67, "67 %"), (Kind.SHARE, None, "–"), (Kind.TEXT, "Rosa", "Rosa")],
)  # fmt: skip
def test_values_in_words(kind, value, said):
    assert words(Column("n", "N", kind), Cell(value)) == said


def test_the_longest_bar_fills_the_width():
    columns = (Column("who", "Who", Kind.TEXT), Column("a", "A"), Column("b", "B"))
    drawn = bars([(Cell("x"), Cell(30), Cell(10)), (Cell("y"), Cell(10), Cell(0))], columns, 1, 2)
    assert [(bar.filled, bar.hollow) for bar in drawn] == [(75, 25), (25, 0)]
    assert [(bar.text_at, bar.bar_at) for bar in drawn] == [(14, 20), (54, 60)]
    assert bars([(Cell("x"), Cell(0), Cell(0))], columns, 1)[0].filled == 0
