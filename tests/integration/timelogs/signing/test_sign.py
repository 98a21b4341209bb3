"""Signing and what follows it, on the real database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from dispatch.models import OutboxMessage
from foundation.refusals import Refused, StaleRow
from tests import factories
from tests.integration.timelogs.notes import CALL, REVIEW, signed_session
from timelogs.counting.overlaps import Overlap
from timelogs.counting.segments import standing
from timelogs.counting.totals import month_total
from timelogs.models import CountedInterval, Period, Status, TimeEntry
from timelogs.note import drafts
from timelogs.signing.amend import amend, amend_effect
from timelogs.signing.approve import approve
from timelogs.signing.sign import NotReady, sign
from timelogs.signing.void import void

MARCH = date(2026, 3, 1)
NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.fixture
def march(cast):
    factories.readings(cast.jane, date(2026, 3, 1), 20)
    return cast


def test_the_guides_example_adds_up_to_22_minutes(march):
    weeks = [
        (NINE, 6, REVIEW),
        (NINE + minutes(10), 4, CALL),
        (NINE + timedelta(days=14), 5, REVIEW),
        (NINE + timedelta(days=14, minutes=10), 7, CALL),
    ]
    entries = [
        signed_session(march.jane, by=march.rosa, starts_at=at, seconds=m * 60, **note)
        for at, m, note in weeks
    ]
    assert [e.cumulative_seconds for e in entries] == [360, 600, 900, 1320]
    total = month_total(march.jane, MARCH)
    assert (total.seconds, total.staff_seconds, total.qhp_seconds, total.live_contacts) == (1320, 1320, 0, 2)
    assert total.live_contact_on == date(2026, 3, 17)
    assert OutboxMessage.objects.filter(topic="timelogs.time_changed").count() == 4


def test_a_label_with_minutes_cannot_be_signed(march):
    entry = drafts.log_past(
        march.jane,
        starts_at=NINE,
        seconds=1200,
        reason="Logged at the end of the day.",
        by=march.rosa,
        at=NINE + minutes(60),
    )
    note = {
        "data_reviewed": True,
        "party": "none",
        "action": "no_change",
        "action_detail": "RPM management - 20 min",
    }
    entry = drafts.save_draft(entry, note=note, version=entry.version, by=march.rosa, at=NINE + minutes(60))
    with pytest.raises(NotReady) as refusal:
        sign(entry, version=entry.version, by=march.rosa, at=NINE + minutes(61))
    assert [p.field for p in refusal.value.problems] == ["action_detail"]
    assert "is no description" in refusal.value.message


def test_two_nurses_on_one_patient_count_shared_seconds_once(march):
    first = signed_session(march.jane, by=march.rosa, starts_at=NINE, seconds=600, **REVIEW)
    second = signed_session(march.jane, by=march.luis, starts_at=NINE + minutes(5), seconds=600, **CALL)
    total = month_total(march.jane, MARCH)
    assert total.seconds == 900
    by_entry = {share.entry_id: share for share in total.by_entry}
    assert by_entry[first.pk].counted_seconds == 600
    assert by_entry[second.pk].counted_seconds == 300
    assert [(s, slug) for s, slug, _ in by_entry[second.pk].not_counted] == [(300, "concurrent")]


def test_seconds_freed_by_a_void_go_to_whoever_else_worked_them(march):
    first = signed_session(march.jane, by=march.rosa, starts_at=NINE, seconds=600, **REVIEW)
    signed_session(march.jane, by=march.luis, starts_at=NINE + minutes(5), seconds=600, **CALL)
    void(first, reason="Wrong patient.", by=march.rosa, at=NINE + minutes(30))
    assert month_total(march.jane, MARCH).seconds == 600
    assert CountedInterval.objects.filter(entry=first, standing=True).count() == 0


def test_one_nurse_cannot_work_twice_at_once(march):
    signed_session(march.jane, by=march.rosa, starts_at=NINE, seconds=600, **REVIEW)
    with pytest.raises(Overlap, match="This overlaps your session with DOE, Jane, 09:00–09:10"):
        drafts.log_past(
            march.max,
            starts_at=NINE + minutes(9),
            seconds=600,
            reason="Late",
            by=march.rosa,
            at=NINE + minutes(60),
        )
    moved = drafts.log_past(
        march.max,
        starts_at=NINE + minutes(9),
        seconds=600,
        reason="Late",
        by=march.rosa,
        at=NINE + minutes(60),
        fix="start_after",
    )
    assert moved.started_at == NINE + minutes(10)
    trimmed = drafts.log_past(
        march.max,
        starts_at=NINE - minutes(5),
        seconds=600,
        reason="Late",
        by=march.rosa,
        at=NINE + minutes(60),
        fix="trim",
    )
    assert drafts.spans_of(trimmed) == [(NINE - minutes(5), NINE)]


def test_a_signed_entry_never_changes_even_by_sql(march):
    entry = signed_session(march.jane, by=march.rosa, starts_at=NINE, seconds=600, **REVIEW)
    entry.said = "something else"
    with pytest.raises(DatabaseError, match="is signed"), transaction.atomic():
        entry.save()
    segment = standing(TimeEntry.objects.get(pk=entry.pk))[0]
    segment.during = (NINE, NINE + minutes(20))
    with pytest.raises(DatabaseError, match="is signed"), transaction.atomic():
        segment.save()


def test_an_amendment_is_a_new_row_that_points_at_the_old(march):
    entry = signed_session(march.jane, by=march.rosa, starts_at=NINE, seconds=828, **CALL)
    assert amend_effect(entry, seconds=708, at=NINE + minutes(60)) == (828, 708)
    new = amend(entry, note={}, seconds=708, reason="Wrong end time", by=march.rosa, at=NINE + minutes(60))
    old = TimeEntry.objects.get(pk=entry.pk)
    assert (old.status, new.status, new.supersedes_id) == (Status.AMENDED, Status.SIGNED, old.pk)
    assert (old.seconds_signed, new.seconds_signed, month_total(march.jane, MARCH).seconds) == (828, 708, 708)
    assert old.history.first().history_change_reason == "Wrong end time"


@pytest.mark.parametrize(
    ("days", "late", "approval"), [(3, False, False), (4, True, False), (14, True, False), (15, True, True)]
)
def test_late_entries_are_marked_by_the_calendar(march, days, late, approval):
    at = NINE + timedelta(days=days)
    entry = signed_session(march.jane, by=march.rosa, starts_at=NINE, seconds=600, at=at, **REVIEW)
    assert (entry.late, entry.needs_approval) == (late, approval)
    assert month_total(march.jane, MARCH).seconds == (0 if approval else 600)
    if approval:
        with pytest.raises(Refused, match="Nobody approves"):
            approve(entry, by=factories_as_lead(march), at=at)
        approve(entry, by=march.lena, at=at)
        assert month_total(march.jane, MARCH).seconds == 600


@pytest.mark.parametrize(("seconds", "approval"), [(300, False), (600, False), (660, True)])
def test_an_amendment_weeks_later_waits_for_approval_only_if_it_adds_time(march, seconds, approval):
    entry = signed_session(march.jane, by=march.rosa, starts_at=NINE, seconds=600, **REVIEW)
    new = amend(
        entry, note={}, seconds=seconds, reason="Wrong end time", by=march.rosa, at=NINE + timedelta(days=20)
    )
    assert (new.late, new.needs_approval) == (approval, approval)
    assert month_total(march.jane, MARCH).seconds == (0 if approval else seconds)


def factories_as_lead(cast):
    """The author herself, in a role that may approve."""
    from accounts.models import Membership

    me = Membership.objects.get(pk=cast.rosa.pk)
    me.role = "lead_nurse"
    return me


def test_a_session_over_midnight_of_the_months_end_gives_each_month_its_seconds(cast):
    midnight = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
    signed_session(cast.jane, by=cast.rosa, starts_at=midnight - minutes(7), seconds=720, **CALL)
    assert month_total(cast.jane, MARCH).seconds == 420
    assert month_total(cast.jane, date(2026, 4, 1)).seconds == 300
    assert month_total(cast.jane, MARCH).live_contacts == 1
    assert month_total(cast.jane, date(2026, 4, 1)).live_contacts == 0


def test_nothing_is_signed_into_a_closed_month(march):
    entry = drafts.log_past(
        march.jane, starts_at=NINE, seconds=600, reason="Logged later.", by=march.rosa, at=NINE + minutes(30)
    )
    entry = drafts.save_draft(entry, note=REVIEW, version=entry.version, by=march.rosa, at=NINE)
    period = Period(practice=march.practice, month=MARCH, state="closed", cut_off_at=NINE)
    period.save()
    with pytest.raises(Refused, match="March 2026 is closed"):
        sign(entry, version=entry.version, by=march.rosa, at=NINE + minutes(31))


def test_a_stale_draft_is_not_signed(march):
    entry = drafts.log_past(
        march.jane, starts_at=NINE, seconds=600, reason="Logged later.", by=march.rosa, at=NINE + minutes(30)
    )
    newer = drafts.save_draft(entry, note=REVIEW, version=entry.version, by=march.rosa, at=NINE)
    with pytest.raises(StaleRow):
        sign(entry, version=newer.version - 1, by=march.rosa, at=NINE + minutes(31))


def test_nobody_signs_for_another(march):
    entry = drafts.log_past(
        march.jane, starts_at=NINE, seconds=600, reason="Logged later.", by=march.rosa, at=NINE + minutes(30)
    )
    with pytest.raises(Refused, match="Only its author"):
        sign(entry, version=entry.version, by=march.luis, at=NINE + minutes(31))


def test_recording_more_than_measured_needs_a_reason_and_adds_a_manual_segment(march):
    entry = drafts.log_past(
        march.jane, starts_at=NINE, seconds=708, reason="Logged later.", by=march.rosa, at=NINE + minutes(30)
    )
    with pytest.raises(Refused, match="Give a reason for recording 14 min when 11 min 48 s was measured"):
        drafts.set_seconds(entry, seconds=840, raise_reason="", by=march.rosa, at=NINE + minutes(30))
    drafts.set_seconds(
        entry, seconds=840, raise_reason="Read the chart first.", by=march.rosa, at=NINE + minutes(30)
    )
    assert [(e - s).total_seconds() for s, e in drafts.spans_of(entry)] == [708, 132]


def test_an_office_visit_takes_its_day_out(march):
    factories.saved(
        __import__("patients.models", fromlist=["OfficeVisit"]).OfficeVisit(
            practice=march.practice, patient=march.jane, visited_on=date(2026, 3, 3)
        )
    )
    signed_session(march.jane, by=march.rosa, starts_at=NINE, seconds=300, **CALL)
    signed_session(march.jane, by=march.rosa, starts_at=NINE + timedelta(days=1), seconds=420, **REVIEW)
    total = month_total(march.jane, MARCH)
    assert (total.seconds, total.live_contacts) == (420, 0)
    assert total.by_entry[0].not_counted[0][1] == "same-day-visit"
