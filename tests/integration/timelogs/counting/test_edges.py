"""Corners that cost somebody a minute once, or paid one too many."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts.models import Membership
from foundation.refusals import Refused
from patients.models import OfficeVisit
from tests import factories
from tests.integration.timelogs.notes import CALL, NO_ANSWER, REVIEW, signed_session
from tests.integration.timelogs.pages import form_of, text_of
from timelogs.clock import acts as clock
from timelogs.clock.status import clock_view
from timelogs.counting.segments import standing
from timelogs.counting.totals import month_total
from timelogs.models import Activity, ClockState, TimeEntry
from timelogs.note import drafts
from timelogs.signing.amend import amend, amend_effect
from timelogs.signing.sign import sign

NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
MARCH = date(2026, 3, 1)
NEW_YORK = ZoneInfo("America/New_York")


def after(**span) -> datetime:
    return NINE + timedelta(**span)


def beats(entry, person, since: datetime, until: datetime, *, had_input: bool) -> None:
    at = since
    while (at := at + timedelta(minutes=1)) <= until:
        clock.heartbeat(entry.pk, had_input=had_input, by=person, at=at)


@pytest.mark.parametrize(
    ("starts", "minutes"),
    [(datetime(2026, 11, 1, 1, 50, tzinfo=NEW_YORK), 20), (datetime(2026, 3, 8, 1, 50, tzinfo=NEW_YORK), 80)],
)
def test_minutes_over_a_clock_change_are_as_many_as_were_typed(cast, starts, minutes):
    at = starts.astimezone(UTC) + timedelta(hours=3)
    entry = drafts.log_past(
        cast.jane, starts_at=starts, seconds=minutes * 60, reason="Logged later.", by=cast.rosa, at=at
    )
    assert sum((end - start).total_seconds() for start, end in drafts.spans_of(entry)) == minutes * 60


def test_amending_a_call_to_an_attempt_takes_its_time_out_and_back_again(cast):
    entry = signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=1200, **CALL)
    attempt = {**NO_ANSWER, "data_reviewed": False, "follow_up_on": date(2026, 3, 4)}
    none = amend(entry, note=attempt, seconds=None, reason="Nobody answered", by=cast.rosa, at=after(hours=1))
    assert month_total(cast.jane, MARCH).seconds == 0
    amend(none, note=CALL, seconds=None, reason="She did", by=cast.rosa, at=after(hours=2))
    total = month_total(cast.jane, MARCH)
    assert (total.seconds, total.live_contacts) == (1200, 1)


def test_an_attempt_amended_to_a_review_with_an_attempt_gives_back_the_review_alone(cast):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    clock.set_on_call(entry, on=True, by=cast.rosa, at=after(minutes=2))
    attempt = {**NO_ANSWER, "data_reviewed": False, "follow_up_on": date(2026, 3, 4)}
    drafts.save_draft(entry, note=attempt, version=None, by=cast.rosa, at=after(minutes=3))
    clock.heartbeat(entry.pk, had_input=True, by=cast.rosa, at=after(minutes=4))
    signed = sign(entry, version=None, by=cast.rosa, at=after(minutes=5))
    assert month_total(cast.jane, MARCH).seconds == 0
    read = {"data_reviewed": True, "no_data_reason": "The cuff sent nothing in these days."}
    amend(signed, note=read, seconds=None, reason="I did read", by=cast.rosa, at=after(minutes=6))
    assert month_total(cast.jane, MARCH).seconds == 120


def test_a_call_of_46_minutes_is_credited_to_the_question_and_the_rest_may_be_claimed(cast):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    clock.set_on_call(entry, on=True, by=cast.rosa, at=NINE)
    beats(entry, cast.rosa, NINE, after(minutes=46), had_input=False)
    asked = clock_view(entry, at=after(minutes=46))
    assert (asked.state, asked.seconds) == (ClockState.ASKING, 45 * 60)
    clock.set_on_call(entry, on=False, by=cast.rosa, at=after(minutes=46))
    entry = TimeEntry.objects.get(pk=entry.pk)
    told = clock_view(entry, at=after(minutes=46))
    assert (entry.contact_seconds, told.state) == (45 * 60, ClockState.RUNNING)
    assert [(g.starts_at, g.ends_at) for g in told.gaps] == [(after(minutes=45), after(minutes=46))]


def test_keeping_on_through_the_question_keeps_the_call(cast):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    clock.set_on_call(entry, on=True, by=cast.rosa, at=NINE)
    beats(entry, cast.rosa, NINE, after(minutes=50), had_input=False)
    clock.answer_question(entry, answer="keep", by=cast.rosa, at=after(minutes=50))
    told = clock_view(entry, at=after(minutes=51))
    assert (told.state, told.seconds) == (ClockState.ON_CALL, 51 * 60)
    assert {s.activity for s in standing(entry)} == {Activity.CONTACT}


def test_an_open_question_at_the_limit_credits_no_doubted_minute(cast):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    beats(entry, cast.rosa, NINE, after(minutes=60), had_input=True)
    clock.answer_question(entry, answer="keep", by=cast.rosa, at=after(minutes=60))
    beats(entry, cast.rosa, after(minutes=60), after(minutes=110), had_input=True)
    beats(entry, cast.rosa, after(minutes=110), after(minutes=120), had_input=False)
    clock.settle_silent(entry.pk, at=after(minutes=120))
    assert clock_view(entry, at=after(minutes=121)).seconds == 110 * 60


def test_switching_with_an_open_question_credits_no_doubted_minute(cast):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    beats(entry, cast.rosa, NINE, after(minutes=3), had_input=True)
    beats(entry, cast.rosa, after(minutes=3), after(minutes=9), had_input=False)
    clock.start_session(cast.max, by=cast.rosa, at=after(minutes=9), switch=True)
    assert clock_view(entry, at=after(minutes=9)).seconds == 180


def test_a_question_about_a_call_can_be_answered_in_the_very_moment_it_is_asked(cast):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    clock.set_on_call(entry, on=True, by=cast.rosa, at=NINE)
    beats(entry, cast.rosa, NINE, after(minutes=45), had_input=False)
    clock.answer_question(entry, answer="keep", by=cast.rosa, at=after(minutes=45))
    assert clock_view(entry, at=after(minutes=46)).seconds == 46 * 60


def test_a_session_whose_first_minutes_were_left_out_is_shown_in_the_month_where_its_time_lies(cast):
    midnight = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
    started = midnight - timedelta(minutes=2)
    entry = clock.start_session(cast.jane, by=cast.rosa, at=started)
    beats(entry, cast.rosa, started, midnight + timedelta(minutes=4), had_input=False)
    clock.answer_question(entry, answer="leave_out", by=cast.rosa, at=midnight + timedelta(minutes=4))
    end = midnight + timedelta(minutes=6)
    drafts.save_draft(entry, note=REVIEW, version=None, by=cast.rosa, at=end)
    assert sign(entry, version=None, by=cast.rosa, at=end).cumulative_seconds == 120


def test_minutes_put_before_a_start_at_midnight_are_shown_in_the_month_where_they_lie(cast):
    midnight = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
    entry = clock.start_session(cast.jane, by=cast.rosa, at=midnight)
    beats(entry, cast.rosa, midnight, midnight + timedelta(minutes=5), had_input=False)
    end = midnight + timedelta(minutes=6)
    drafts.save_draft(entry, note=REVIEW, version=None, by=cast.rosa, at=end)
    why = {"seconds": 1800, "raise_reason": "Worked on paper."}
    assert sign(entry, version=None, by=cast.rosa, at=end, **why).cumulative_seconds == 1800


def test_a_session_stopped_by_the_limit_can_be_signed(cast):
    start = NINE + timedelta(microseconds=321_000)
    entry = clock.start_session(cast.jane, by=cast.rosa, at=start)
    hour = start + timedelta(minutes=60)
    beats(entry, cast.rosa, start, hour, had_input=True)
    clock.answer_question(entry, answer="keep", by=cast.rosa, at=hour)
    beats(entry, cast.rosa, hour, start + timedelta(minutes=119), had_input=True)
    late = start + timedelta(minutes=120, microseconds=700_000)
    clock.heartbeat(entry.pk, had_input=True, by=cast.rosa, at=late)
    drafts.save_draft(entry, note=REVIEW, version=None, by=cast.rosa, at=late)
    assert sign(entry, version=None, by=cast.rosa, at=late).seconds_signed == 7200


def test_minutes_typed_on_a_clock_that_measured_nothing_are_recorded_by_hand(cast):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    clock.pause(entry, by=cast.rosa, at=NINE)
    drafts.save_draft(entry, note=REVIEW, version=None, by=cast.rosa, at=after(minutes=20))
    signed = sign(
        entry, version=None, by=cast.rosa, at=after(minutes=20), seconds=900, raise_reason="Worked on paper."
    )
    assert drafts.spans_of(signed) == [(NINE, after(minutes=15))]


def test_added_minutes_take_the_first_free_place(cast):
    signed_session(cast.max, by=cast.rosa, starts_at=after(minutes=10), seconds=600, **REVIEW)
    entry = drafts.log_past(
        cast.jane, starts_at=NINE, seconds=600, reason="Logged later.", by=cast.rosa, at=after(hours=1)
    )
    drafts.set_seconds(entry, seconds=720, raise_reason="Read it first.", by=cast.rosa, at=after(hours=1))
    assert drafts.spans_of(entry)[0] == (after(minutes=-2), NINE)


def test_the_cumulative_line_is_the_total_that_the_page_shows(cast):
    factories.saved(OfficeVisit(practice=cast.practice, patient=cast.jane, visited_on=date(2026, 3, 3)))
    entry = signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=1200, **CALL)
    assert entry.cumulative_seconds == month_total(cast.jane, MARCH).seconds == 0


@pytest.mark.parametrize(
    ("starts", "minute", "fits"),
    [
        (NINE, -1, False),
        (NINE, 0, True),
        (NINE, 10, True),
        (NINE, 129, True),
        (NINE, 130, False),
        (datetime(2026, 4, 1, 3, 45, tzinfo=UTC), 14, True),
        (datetime(2026, 4, 1, 3, 45, tzinfo=UTC), 15, False),
    ],
)
def test_a_contact_lies_in_its_session_and_month(cast, starts, minute, fits):
    note = {**CALL, "contact_started_at": starts + timedelta(minutes=minute)}
    if fits:
        signed_session(cast.jane, by=cast.rosa, starts_at=starts, seconds=600, **note)
        assert month_total(cast.jane, MARCH).live_contacts == 1
    else:
        with pytest.raises(Refused, match="The contact must lie in the session"):
            signed_session(cast.jane, by=cast.rosa, starts_at=starts, seconds=600, **note)


def test_who_waited_for_the_lock_signed_later_whenever_the_click_was(cast):
    first = signed_session(cast.jane, by=cast.luis, starts_at=NINE, seconds=600, at=after(hours=1), **REVIEW)
    second = signed_session(
        cast.jane, by=cast.rosa, starts_at=NINE, seconds=600, at=after(minutes=59), **REVIEW
    )
    assert second.signed_at > first.signed_at
    shares = {s.entry_id: s.counted_seconds for s in month_total(cast.jane, MARCH).by_entry}
    assert shares == {first.pk: 600, second.pk: 0}


def test_a_draft_beside_counted_minutes_promises_nothing_twice(cast):
    signed_session(cast.jane, by=cast.luis, starts_at=NINE, seconds=600, **REVIEW)
    drafts.log_past(
        cast.jane, starts_at=NINE, seconds=900, reason="Logged later.", by=cast.rosa, at=after(hours=1)
    )
    assert month_total(cast.jane, MARCH).unsigned_seconds == 300


def test_the_effect_of_an_amendment_is_calculated_on_what_is_left(cast):
    signed_session(cast.jane, by=cast.luis, starts_at=NINE, seconds=600, **REVIEW)
    entry = signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=1200, **REVIEW)
    assert amend_effect(entry, seconds=600, at=after(hours=1)) == (1200, 600)
    amend(entry, note={}, seconds=600, reason="Wrong end", by=cast.rosa, at=after(hours=1))
    assert month_total(cast.jane, MARCH).seconds == 600


def test_who_logs_time_has_a_staff_kind(cast):
    row = Membership.objects.get(pk=cast.rosa.pk)
    row.staff_kind = "none"
    with pytest.raises(IntegrityError, match="who_logs_time_has_a_staff_kind"), transaction.atomic():
        row.save()


def test_a_refused_button_of_the_clock_loses_no_word(client, cast):
    client.force_login(cast.rosa.user)
    with time_machine.travel(NINE, tick=False):
        client.force_login(cast.rosa.user)
        paused = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
        clock.start_session(cast.max, by=cast.rosa, at=NINE, switch=True)
        typed = form_of(
            TimeEntry.objects.get(pk=paused.pk),
            said="Typed just now, seconds ago.",
            operation_id=str(uuid4()),
        )
        answer = client.post(f"/sessions/{paused.pk}/resume/", typed)
    assert answer.status_code == 409
    assert TimeEntry.objects.get(pk=paused.pk).said == "Typed just now, seconds ago."


def test_how_an_amended_sessions_time_is_known_comes_to_what_was_signed(client, cast):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    clock.pause(entry, by=cast.rosa, at=after(minutes=2))
    clock.resume(entry, by=cast.rosa, at=after(minutes=5))
    clock.pause(entry, by=cast.rosa, at=after(minutes=7))
    drafts.save_draft(entry, note=REVIEW, version=None, by=cast.rosa, at=after(minutes=9))
    signed = sign(entry, version=None, by=cast.rosa, at=after(minutes=9), seconds=100)
    amend(signed, note={}, seconds=60, reason="Wrong end", by=cast.rosa, at=after(minutes=20))
    client.force_login(cast.rosa.user)
    page = text_of(client.get(f"/sessions/{signed.pk}/"))
    assert "How it is known: Observed <b>1 min 40 s</b>" in page


def test_a_gap_beside_another_session_says_which_and_stays_to_be_answered(cast):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    clock.settle_silent(entry.pk, at=after(minutes=4))
    signed_session(cast.max, by=cast.rosa, starts_at=after(minutes=10), seconds=300, **REVIEW)
    clock.resume(entry, by=cast.rosa, at=after(minutes=20))
    (gap,) = clock_view(entry, at=after(minutes=20)).gaps
    claim = partial(
        clock.claim_gap, entry, gap.id, reason="Wrote on paper.", by=cast.rosa, at=after(minutes=20)
    )
    with pytest.raises(Refused, match="This overlaps your session with ROE, Max, 09:10–09:15"):
        claim()
    assert clock_view(entry, at=after(minutes=20)).gaps
    claim(seconds=600)
    assert clock_view(entry, at=after(minutes=20)).gaps == []


def test_the_record_says_how_much_of_a_gap_was_added(client, cast):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    clock.settle_silent(entry.pk, at=after(minutes=4))
    clock.resume(entry, by=cast.rosa, at=after(minutes=64))
    (gap,) = clock_view(entry, at=after(minutes=64)).gaps
    clock.claim_gap(entry, gap.id, seconds=600, reason="Wrote on paper.", by=cast.rosa, at=after(minutes=64))
    clock.pause(entry, by=cast.rosa, at=after(minutes=65))
    drafts.save_draft(entry, note=REVIEW, version=None, by=cast.rosa, at=after(minutes=65))
    sign(entry, version=None, by=cast.rosa, at=after(minutes=65))
    client.force_login(cast.rosa.user)
    page = text_of(client.get(f"/sessions/{entry.pk}/"))
    assert "09:00:00–10:04:00: connection lost. 10 min added with a reason: Wrote on paper." in page


def test_a_gap_of_another_session_is_not_answered_from_here(client, cast):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    other = clock.start_session(cast.max, by=cast.luis, at=NINE)
    clock.pause_all(cast.luis.user, at=after(minutes=1))
    (gap,) = clock_view(other, at=after(minutes=2)).gaps
    client.force_login(cast.rosa.user)
    for name in ("gap", "leave"):
        sent = {
            "operation_id": str(uuid4()),
            name: str(gap.id),
            f"gap-{gap.id}-length": "1",
            f"gap-{gap.id}-reason": "Mine.",
        }
        assert client.post(f"/sessions/{entry.pk}/gap/", sent).status_code == 422
        assert client.post(f"/sessions/{other.pk}/gap/", sent).status_code == 403
    assert clock_view(other, at=after(minutes=2)).gaps
