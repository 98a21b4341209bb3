"""The clock's buttons and its heartbeat, saving drafts, and what two screens do to one note."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from rpmportal.navigation import PracticeZoneMiddleware
from tests import factories
from tests.integration.timelogs.pages import GOOD_NOTE, form_of, started, text_of
from timelogs.clock import acts as clock
from timelogs.counting.segments import standing
from timelogs.models import Clock, Status, TimeEntry, TimeSegment
from timelogs.note import drafts

pytestmark = pytest.mark.django_db
SCRIPT = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def rosa(cast, client):
    client.force_login(cast.user("rosa"))
    factories.readings(cast.jane, cast.practice.today() - timedelta(days=29), 30)
    return client


@pytest.fixture
def entry(rosa, cast):
    return started(cast.jane, cast.rosa, timezone.now() - timedelta(seconds=90))


def press(client, entry, act, headers=None, **more):
    return client.post(
        f"/sessions/{entry.pk}/{act}/", {"operation_id": str(uuid4()), **more}, **(headers or {})
    )


def state(entry) -> str:
    return Clock.objects.get(entry=entry).state


def test_pause_and_resume_are_plain_forms_that_lead_back_to_the_page(rosa, entry):
    answer = press(rosa, entry, "pause")
    assert (answer.status_code, answer["Location"], state(entry)) == (303, f"/sessions/{entry.pk}/", "paused")
    press(rosa, entry, "resume")
    assert state(entry) == "running"
    assert TimeSegment.objects.filter(entry=entry).count() == 2


def test_a_form_button_saves_what_was_typed_with_it(rosa, entry):
    answer = rosa.post(f"/sessions/{entry.pk}/pause/", form_of(entry, said="Typed before the pause."))
    entry.refresh_from_db()
    assert (answer.status_code, entry.said, state(entry)) == (303, "Typed before the pause.", "paused")


def test_the_script_is_led_to_the_live_parts(rosa, entry):
    answer = press(rosa, entry, "pause", SCRIPT)
    assert answer["Location"] == f"/sessions/{entry.pk}/live/"
    parts = text_of(rosa.get(answer["Location"], **SCRIPT))
    assert 'id="clock"' in parts
    assert "Paused: by hand" in parts
    assert "<html" not in parts


@pytest.mark.parametrize("act", ["pause", "sign"])
def test_time_ends_when_the_press_arrived_however_long_the_server_takes(rosa, entry, monkeypatch, act):
    """Three seconds go by between the door and the view, as in a server that is just starting."""
    on_the_way = PracticeZoneMiddleware.__call__
    with time_machine.travel(timezone.now(), tick=False) as hands:
        pressed = timezone.now()

        def slow(*args):
            hands.shift(3)
            return on_the_way(*args)

        monkeypatch.setattr(PracticeZoneMiddleware, "__call__", slow)
        rosa.post(f"/sessions/{entry.pk}/{act}/", form_of(entry, **GOOD_NOTE))
        assert timezone.now() == pressed + timedelta(seconds=3)
    assert TimeEntry.objects.get().status == (Status.SIGNED if act == "sign" else Status.DRAFT)
    assert standing(entry)[-1].during.upper == pressed


def test_a_double_click_on_pause_pauses_once(rosa, entry):
    sent = {"operation_id": str(uuid4())}
    answers = [rosa.post(f"/sessions/{entry.pk}/pause/", sent) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    press(rosa, entry, "resume")
    again = rosa.post(f"/sessions/{entry.pk}/pause/", sent)
    assert (again.status_code, state(entry)) == (303, "running")


def test_on_call_and_off_again_puts_the_call_into_the_note(rosa, entry):
    press(rosa, entry, "on-call", on="1")
    assert state(entry) == "on_call"
    TimeSegment.objects.get(entry=entry, during__endswith=None)
    press(rosa, entry, "on-call", on="0")
    entry.refresh_from_db()
    assert state(entry) == "running"
    assert entry.contact_started_at is not None


def test_the_heartbeat_tells_how_the_clock_stands(rosa, entry):
    answer = rosa.post(f"/sessions/{entry.pk}/heartbeat/", HTTP_X_BACKGROUND="1", HTTP_X_INPUT="1")
    told = json.loads(answer.content)
    assert (told["state"], told["running"], told["counted"]) == ("running", True, 0)
    assert 90 <= told["seconds"] <= 95


def test_silence_is_asked_about_and_never_credited_silently(rosa, entry):
    ago = timezone.now() - timedelta(minutes=6)
    TimeSegment.objects.filter(entry=entry)
    clock.discard(entry, reason="A longer one is needed.", by=entry.author, at=timezone.now())
    entry = started(entry.patient, entry.author, ago)
    Clock.objects.filter(entry=entry).update(
        heartbeat_at=timezone.now(), input_at=ago + timedelta(seconds=30)
    )
    assert json.loads(rosa.post(f"/sessions/{entry.pk}/heartbeat/").content)["state"] == "asking"
    page = text_of(rosa.get(f"/sessions/{entry.pk}/"))
    assert "Still working with Jane?" in page
    assert "this session 30 s" in page
    press(rosa, entry, "idle", answer="leave_out")
    assert state(entry) == "running"
    told = json.loads(rosa.post(f"/sessions/{entry.pk}/heartbeat/").content)
    assert told["seconds"] < 40


def test_the_minutes_of_a_lost_page_can_be_claimed_with_a_reason(rosa, cast):
    entry = started(cast.jane, cast.rosa, timezone.now() - timedelta(minutes=6))
    lost = timezone.now() - timedelta(minutes=4)
    Clock.objects.filter(entry=entry).update(heartbeat_at=lost, input_at=lost)
    rosa.post(f"/sessions/{entry.pk}/heartbeat/")
    page = text_of(rosa.get(f"/sessions/{entry.pk}/"))
    assert state(entry) == "paused"
    assert "connection lost" in page
    gap = entry.gaps.get()
    given = {"gap": str(gap.pk), f"gap-{gap.pk}-length": "2"}
    refused = press(rosa, entry, "gap", **given)
    assert (refused.status_code, "Say what you did in that time" in text_of(refused)) == (422, True)
    assert 'value="2"' in refused.content.decode()
    given[f"gap-{gap.pk}-reason"] = "Spoke with the pharmacy on the other line."
    press(rosa, entry, "gap", **given)
    claimed = TimeSegment.objects.get(entry=entry, evidence="attested")
    assert claimed.reason == "Spoke with the pharmacy on the other line."


def test_resuming_beside_another_clock_offers_to_switch(rosa, entry, cast):
    press(rosa, entry, "pause")
    other = started(cast.max, cast.rosa)
    answer = press(rosa, entry, "resume")
    assert answer.status_code == 409
    assert "A session with ROE, Max is running" in text_of(answer)
    press(rosa, entry, "fix", switch="1")
    assert (state(entry), state(other)) == ("running", "paused")


def test_autosave_keeps_the_note_and_tells_the_time_and_the_new_version(rosa, entry):
    answer = rosa.post(f"/sessions/{entry.pk}/autosave/", form_of(entry, said="Half a sen"), **SCRIPT)
    entry.refresh_from_db()
    page = text_of(answer)
    assert (answer.status_code, entry.said) == (200, "Half a sen")
    assert f'data-version="{entry.version}"' in page
    assert "Saved " in page
    assert "Note check: " in page


def test_autosave_without_a_change_writes_no_history(rosa, entry):
    sent = form_of(entry, said="The same.")
    rosa.post(f"/sessions/{entry.pk}/autosave/", sent, **SCRIPT)
    entry.refresh_from_db()
    before = entry.history.count()
    rosa.post(f"/sessions/{entry.pk}/autosave/", {**sent, "version": entry.version}, **SCRIPT)
    assert entry.history.count() == before


def test_what_cannot_be_read_is_named_and_the_rest_is_saved(rosa, entry):
    typed = {"contact_seconds": "a while", "said": "She feels well."}
    answer = rosa.post(f"/sessions/{entry.pk}/autosave/", form_of(entry, **typed), **SCRIPT)
    entry.refresh_from_db()
    assert entry.said == "She feels well."
    assert "except what could not be read: it took" in text_of(answer)


def test_another_range_of_days_refills_the_facts_on_the_server(rosa, entry):
    since = entry.data_until - timedelta(days=6)
    answer = rosa.post(
        f"/sessions/{entry.pk}/autosave/", form_of(entry, data_from=f"{since:%Y-%m-%d}"), **SCRIPT
    )
    assert "7 readings on 7 days" in text_of(answer)
    entry.refresh_from_db()
    assert entry.data_facts[0]["days"] == 7


def test_two_screens_changing_different_fields_lose_nothing(rosa, entry):
    mine, theirs = form_of(entry, said="Mine."), form_of(entry, data_note="Theirs.")
    rosa.post(f"/sessions/{entry.pk}/autosave/", theirs, **SCRIPT)
    answer = rosa.post(f"/sessions/{entry.pk}/autosave/", mine, **SCRIPT)
    entry.refresh_from_db()
    assert (answer.status_code, entry.said, entry.data_note) == (200, "Mine.", "Theirs.")
    assert "&quot;data_note&quot;: &quot;Theirs.&quot;" in text_of(answer)


@pytest.mark.parametrize("headers", [SCRIPT, {}])
def test_two_screens_changing_the_same_field_are_both_shown(rosa, entry, headers):
    mine, theirs = form_of(entry, said="What I typed."), form_of(entry, said="What the other typed.")
    rosa.post(f"/sessions/{entry.pk}/autosave/", theirs, **SCRIPT)
    answer = rosa.post(f"/sessions/{entry.pk}/autosave/", mine, **headers)
    page = text_of(answer)
    entry.refresh_from_db()
    assert (answer.status_code, entry.said) == (409, "What the other typed.")
    assert "on another screen. Compare the two and choose." in page
    assert "What I typed." in page
    assert "What the other typed." in page


def test_the_author_chooses_her_own_text(rosa, entry):
    mine, theirs = (
        form_of(entry, said="What I typed."),
        form_of(entry, said="What the other typed.", data_note="Stays."),
    )
    rosa.post(f"/sessions/{entry.pk}/autosave/", theirs, **SCRIPT)
    answer = rosa.post(f"/sessions/{entry.pk}/autosave/", {**mine, "keep_mine": "1"}, **SCRIPT)
    entry.refresh_from_db()
    assert (answer.status_code, entry.said, entry.data_note) == (200, "What I typed.", "Stays.")


def test_signing_an_old_screen_shows_both_texts_and_signs_nothing(rosa, entry):
    mine = form_of(entry, **GOOD_NOTE)
    rosa.post(f"/sessions/{entry.pk}/autosave/", form_of(entry, said="Said on the phone."), **SCRIPT)
    answer = rosa.post(f"/sessions/{entry.pk}/sign/", mine)
    entry.refresh_from_db()
    assert (answer.status_code, entry.status, entry.said) == (409, Status.DRAFT, "Said on the phone.")
    assert "Keep what I typed here" in text_of(answer)


def test_keep_as_draft_stops_the_clock_and_leads_to_the_chart(rosa, entry, cast):
    answer = rosa.post(f"/sessions/{entry.pk}/autosave/", form_of(entry, leave="1", said="Later."))
    assert (answer["Location"], state(entry)) == (f"/patients/{cast.jane.pk}/", "paused")


def test_a_session_by_hand_has_no_clock_to_press(rosa, cast):
    began = timezone.now() - timedelta(hours=2)
    entry = drafts.log_past(
        cast.jane, starts_at=began, seconds=300, reason="On the ward.", by=cast.rosa, at=timezone.now()
    )
    page = text_of(rosa.get(f"/sessions/{entry.pk}/"))
    assert "Entered by hand: 5 min" in page
    assert "clock-toggle" not in page
    assert press(rosa, entry, "pause").status_code == 422


def test_the_pill_follows_the_person_but_not_onto_the_sessions_own_page(rosa, entry):
    elsewhere = text_of(
        rosa.get("/clock/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/patients/")
    )
    assert "Running" in elsewhere
    assert "DOE, J." in elsewhere
    own = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": f"http://testserver/sessions/{entry.pk}/"}
    assert rosa.get("/clock/", **own).content == b""
    press(rosa, entry, "pause")
    assert "Paused" in text_of(rosa.get("/clock/"))


def test_no_clock_no_pill(rosa):
    assert rosa.get("/clock/").content == b""


@pytest.mark.parametrize(
    "act", ["pause", "resume", "on-call", "idle", "gap", "fix", "heartbeat", "autosave", "live"]
)
def test_wrong_role_403_and_other_practice_404(act, entry, cast, client):
    send = client.get if act == "live" else client.post
    for who, status in (("cora", 403), ("luis", 403), ("dan", 404)):
        client.force_login(cast.user(who))
        assert send(f"/sessions/{entry.pk}/{act}/", {"operation_id": str(uuid4())}).status_code == status, who
