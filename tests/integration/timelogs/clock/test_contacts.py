"""Contacts begun from the chart, and charts that start the clock by themselves."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from accounts.models import Preferences
from accounts.preferences import choose, preferences_of
from foundation.refusals import Refused
from tests.integration.timelogs.pages import started, text_of
from timelogs.clock import acts as clock
from timelogs.clock import auto_start
from timelogs.clock.acts import ClockRunning
from timelogs.clock.contacts import Channel, draft_of_today, start_contact
from timelogs.counting.segments import standing
from timelogs.models import Clock, ClockState, Method, Status, TimeEntry
from timelogs.note import drafts

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)


def after(**span) -> datetime:
    return NINE + timedelta(**span)


def fresh(entry: TimeEntry) -> TimeEntry:
    return TimeEntry.objects.get(pk=entry.pk)


def seconds(entry: TimeEntry) -> list[tuple[str, int]]:
    spans = [(s.activity, s.during.upper - s.during.lower) for s in standing(entry) if s.during.upper]
    return [(activity, length // timedelta(seconds=1)) for activity, length in spans]


@pytest.mark.parametrize(
    ("channel", "method", "state"),
    [
        (Channel.PHONE, Method.PHONE, ClockState.ON_CALL),
        (Channel.VIDEO, Method.VIDEO, ClockState.ON_CALL),
        (Channel.MESSAGE, Method.SECURE_MESSAGE, ClockState.RUNNING),
    ],
)
def test_a_contact_starts_the_session_and_stamps_itself_but_says_of_nobody_that_they_were_reached(
    cast, channel, method, state
):
    entry = fresh(start_contact(cast.jane, channel, by=cast.rosa, at=NINE))
    assert (entry.method, entry.contact_started_at, entry.party) == (method, NINE, "")
    assert Clock.objects.get(entry=entry).state == state


def test_a_call_is_measured_and_its_minutes_are_typed_by_nobody(cast):
    entry = start_contact(cast.jane, Channel.PHONE, by=cast.rosa, at=NINE)
    clock.heartbeat(entry.pk, had_input=True, by=cast.rosa, at=after(minutes=2))
    clock.set_on_call(entry, on=False, by=cast.rosa, at=after(minutes=4, seconds=30))
    assert fresh(entry).contact_seconds == 270
    assert seconds(entry) == [("contact", 270)]


def test_a_contact_goes_on_with_todays_paused_session(cast):
    first = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    clock.pause(first, by=cast.rosa, at=after(minutes=2))
    again = start_contact(cast.jane, Channel.PHONE, by=cast.rosa, at=after(minutes=10))
    assert again.pk == first.pk
    clock.pause(again, by=cast.rosa, at=after(minutes=12))
    assert seconds(first) == [("data_review", 120), ("contact", 120)]


def test_yesterdays_draft_is_left_alone(cast):
    first = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    clock.pause(first, by=cast.rosa, at=after(minutes=2))
    assert draft_of_today(cast.jane, by=cast.rosa, at=after(days=1)) is None
    assert start_contact(cast.jane, Channel.PHONE, by=cast.rosa, at=after(days=1)).pk != first.pk


def test_a_second_call_of_the_session_adds_its_length_and_keeps_the_first_start(cast):
    entry = start_contact(cast.jane, Channel.PHONE, by=cast.rosa, at=NINE)
    clock.set_on_call(entry, on=False, by=cast.rosa, at=after(minutes=1))
    start_contact(cast.jane, Channel.VIDEO, by=cast.rosa, at=after(minutes=2))
    clock.set_on_call(entry, on=False, by=cast.rosa, at=after(minutes=4))
    note = fresh(entry)
    assert (note.method, note.contact_started_at, note.contact_seconds) == (Method.PHONE, NINE, 180)


def test_a_contact_beside_another_clock_asks_and_with_the_switch_pauses_it(cast):
    other = clock.start_session(cast.max, by=cast.rosa, at=NINE)
    with pytest.raises(ClockRunning):
        start_contact(cast.jane, Channel.PHONE, by=cast.rosa, at=after(minutes=1))
    clock.heartbeat(other.pk, had_input=True, by=cast.rosa, at=after(minutes=1))
    entry = start_contact(cast.jane, Channel.PHONE, by=cast.rosa, at=after(minutes=1), switch=True)
    clock.pause(entry, by=cast.rosa, at=after(minutes=2))
    assert (seconds(other), seconds(entry)) == ([("data_review", 60)], [("contact", 60)])


def test_a_call_pressed_while_the_clock_asks_leaves_the_doubt_as_a_gap_and_begins_now(cast):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    for minute in range(1, 7):
        clock.heartbeat(entry.pk, had_input=False, by=cast.rosa, at=after(minutes=minute))
    assert Clock.objects.get(entry=entry).state == ClockState.ASKING
    start_contact(cast.jane, Channel.PHONE, by=cast.rosa, at=after(minutes=7))
    clock.pause(entry, by=cast.rosa, at=after(minutes=9))
    assert seconds(entry) == [("contact", 120)]
    (gap,) = entry.gaps.all()
    assert (gap.during.lower, gap.during.upper, gap.answer) == (NINE, after(minutes=7), "")


def test_a_draft_of_an_enrollment_that_ended_is_not_gone_on_with(cast):
    first = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    clock.pause(first, by=cast.rosa, at=after(minutes=2))
    cast.jane_enrolled.ended_on, cast.jane_enrolled.end_reason = NINE.date(), "Moved away."
    cast.jane_enrolled.save()
    with pytest.raises(Refused, match="not enrolled today"):
        start_contact(cast.jane, Channel.PHONE, by=cast.rosa, at=after(minutes=10))
    assert Clock.objects.get(entry=first).state == ClockState.PAUSED


# By the chart's own buttons ----------------------------------------------------------------------------------


@pytest.fixture
def rosa(cast, client):
    client.force_login(cast.user("rosa"))
    return client


def press(client, patient, act, **more):
    return client.post(f"/patients/{patient.pk}/sessions/{act}/", {"operation_id": str(uuid4()), **more})


def test_the_chart_calls_with_one_press_and_a_double_click_calls_once(rosa, cast):
    sent = {"operation_id": str(uuid4()), "channel": "phone"}
    first, second = (rosa.post(f"/patients/{cast.jane.pk}/sessions/contact/", sent) for _ in range(2))
    entry = TimeEntry.objects.get()
    assert first["Location"] == second["Location"] == f"/sessions/{entry.pk}/"
    assert "On call" in text_of(rosa.get(first["Location"]))


def test_beside_another_clock_the_question_keeps_the_channel(rosa, cast):
    started(cast.max, cast.rosa)
    asked = press(rosa, cast.jane, "contact", channel="video")
    assert asked.status_code == 409
    assert 'name="channel" value="video"' in asked.content.decode()
    press(rosa, cast.jane, "contact", channel="video", switch="1")
    assert TimeEntry.objects.get(patient=cast.jane).method == Method.VIDEO


def test_a_channel_that_does_not_exist_starts_nothing(rosa, cast):
    assert press(rosa, cast.jane, "contact", channel="fax").status_code == 422
    assert not TimeEntry.objects.exists()


# Opening a chart --------------------------------------------------------------------------------------------


@pytest.fixture
def wanted(cast):
    """Rosa wants her clock to start with the chart."""
    choose(cast.rosa.user, clock_on_chart=True, video_room="")


def opens(client, patient) -> bool:
    return 'id="opening"' in client.get(f"/patients/{patient.pk}/").content.decode()


def test_opening_a_chart_starts_nothing_unless_switched_on(rosa, cast):
    assert not opens(rosa, cast.jane)
    assert press(rosa, cast.jane, "opened").status_code == 204
    assert not TimeEntry.objects.exists()


def test_a_chart_starts_the_clock_and_the_history_says_why(rosa, cast, wanted):
    assert opens(rosa, cast.jane)
    answer = press(rosa, cast.jane, "opened")
    entry = TimeEntry.objects.get()
    assert answer["Location"] == f"/sessions/{entry.pk}/opening/"
    said = rosa.get(answer["Location"])
    assert "because you opened the chart" in text_of(said)
    assert said["HX-Trigger"] == "clock-changed"
    assert entry.history.first().history_change_reason == auto_start.OPENED
    assert not opens(rosa, cast.jane)


def test_who_opens_two_tabs_has_one_clock(rosa, cast, wanted):
    press(rosa, cast.jane, "opened")
    assert press(rosa, cast.jane, "opened").status_code == 204
    assert press(rosa, cast.max, "opened").status_code == 204
    assert TimeEntry.objects.count() == 1


def test_an_unsigned_session_of_today_is_gone_on_with_by_hand_only(rosa, cast, wanted):
    entry = started(cast.jane, cast.rosa)
    clock.pause(entry, by=cast.rosa, at=timezone.now())
    assert not opens(rosa, cast.jane)
    assert opens(rosa, cast.max)


def test_an_unsigned_session_entered_by_hand_today_starts_no_clock_beside_it(cast, wanted):
    drafts.log_past(
        cast.jane,
        starts_at=NINE,
        seconds=600,
        reason="Called from the ward.",
        by=cast.rosa,
        at=after(hours=1),
    )
    assert not auto_start.starts_by_itself(cast.jane, by=cast.rosa, at=after(hours=2))
    assert start_contact(cast.jane, Channel.PHONE, by=cast.rosa, at=after(hours=2)).clock


def test_a_clock_started_elsewhere_in_the_same_moment_leaves_the_chart_silent(
    rosa, cast, wanted, monkeypatch
):
    """The other tab is between its look and its start."""
    looks = auto_start.hold_person

    def other_tab_first(user_id):
        started(cast.max, cast.rosa)
        looks(user_id)

    monkeypatch.setattr(auto_start, "hold_person", other_tab_first)
    assert press(rosa, cast.jane, "opened").status_code == 204
    assert TimeEntry.objects.get().patient == cast.max


def test_not_this_time_holds_for_this_chart_and_this_day(rosa, cast, wanted):
    press(rosa, cast.jane, "not-opened")
    assert not opens(rosa, cast.jane)
    assert press(rosa, cast.jane, "opened").status_code == 204
    assert opens(rosa, cast.max)
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=True):
        rosa.force_login(cast.user("rosa"))
        assert opens(rosa, cast.jane)


def test_undoing_discards_the_session_with_its_reason_and_does_not_start_another(rosa, cast, wanted):
    press(rosa, cast.jane, "opened")
    entry = TimeEntry.objects.get()
    undo = {"operation_id": str(uuid4()), "discard_reason": auto_start.UNDONE}
    assert rosa.post(f"/sessions/{entry.pk}/discard/", undo).status_code == 303
    assert (fresh(entry).status, fresh(entry).ended_reason) == (Status.DISCARDED, auto_start.UNDONE)
    assert not opens(rosa, cast.jane)


def test_somebody_elses_wish_starts_no_clock_of_mine(client, cast, wanted):
    client.force_login(cast.user("luis"))
    assert not opens(client, cast.jane)


def test_a_patient_who_is_not_enrolled_starts_no_clock(cast, wanted):
    cast.jane_enrolled.ended_on, cast.jane_enrolled.end_reason = cast.practice.today(), "Moved away."
    cast.jane_enrolled.save()
    assert not auto_start.starts_by_itself(cast.jane, by=cast.rosa, at=timezone.now())


# My settings ------------------------------------------------------------------------------------------------


def save(client, **typed):
    return client.post("/my/settings/", {"operation_id": str(uuid4()), **typed})


def test_settings_are_kept_with_their_history(rosa, cast):
    assert save(rosa, clock_on_chart="on", video_room="https://video.example/rosa").status_code == 303
    kept = preferences_of(cast.rosa.user)
    assert (kept.clock_on_chart, kept.video_room) == (True, "https://video.example/rosa")
    save(rosa, clock_on_chart="on", video_room="https://video.example/rosa")
    assert kept.history.count() == 1
    save(rosa, video_room="")
    assert kept.history.first().history_user_id == cast.rosa.user_id
    assert "https://video.example/rosa" not in text_of(rosa.get(f"/patients/{cast.jane.pk}/"))


@pytest.mark.parametrize(
    "room", ["http://video.example/rosa", "javascript:alert(1)", "rosa", "ftp://x.example"]
)
def test_a_room_that_is_no_safe_address_is_refused_and_kept_in_the_field(rosa, room):
    answer = save(rosa, clock_on_chart="on", video_room=room)
    assert answer.status_code in {303, 422}
    if answer.status_code == 422:
        assert "The video room must be an address" in text_of(answer)
        assert f'value="{room}"' in answer.content.decode()
        assert not Preferences.objects.exists()
    else:
        assert Preferences.objects.get().video_room == f"https://{room}"


def test_the_database_refuses_a_room_that_is_not_encrypted(cast):
    choose(cast.rosa.user, clock_on_chart=False, video_room="https://video.example/rosa")
    with pytest.raises(DatabaseError), transaction.atomic():
        models.QuerySet.update(Preferences.objects.all(), video_room="http://video.example/rosa")
