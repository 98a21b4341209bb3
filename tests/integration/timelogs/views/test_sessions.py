"""Starting a session, its page, keeping a draft, signing and discarding: at the edge, by HTTP."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from audit.models import AccessEvent
from tests import factories
from tests.integration.timelogs.pages import GOOD_NOTE, form_of, started, text_of
from timelogs.models import Clock, Status, TimeEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa(cast, client):
    client.force_login(cast.user("rosa"))
    factories.readings(cast.jane, cast.practice.today() - timedelta(days=13), 14)
    return client


def start(client, patient, **more):
    return client.post(f"/patients/{patient.pk}/sessions/start/", {"operation_id": str(uuid4()), **more})


def test_start_makes_a_draft_with_a_running_clock_and_leads_to_it(rosa, cast):
    answer = start(rosa, cast.jane)
    entry = TimeEntry.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/sessions/{entry.pk}/")
    assert (entry.status, entry.clock.state, entry.author) == (Status.DRAFT, "running", cast.rosa)


def test_a_double_click_starts_one_session(rosa, cast):
    sent = {"operation_id": str(uuid4())}
    first, second = (rosa.post(f"/patients/{cast.jane.pk}/sessions/start/", sent) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert TimeEntry.objects.count() == 1


def test_starting_beside_a_running_clock_offers_three_ways_and_starts_nothing(rosa, cast):
    other = started(cast.max, cast.rosa, timezone.now() - timedelta(minutes=2))
    Clock.objects.update(heartbeat_at=timezone.now(), input_at=timezone.now())
    answer = start(rosa, cast.jane)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "A session with ROE, Max is running (2 min)" in page
    assert "Pause it and start Jane’s" in page
    assert f'href="/sessions/{other.pk}/">Go to Max' in page
    assert TimeEntry.objects.count() == 1


def test_pause_it_and_start_switches(rosa, cast):
    other = started(cast.max, cast.rosa)
    answer = start(rosa, cast.jane, switch="1")
    assert answer.status_code == 303
    assert Clock.objects.get(entry=other).state == "paused"


@pytest.mark.parametrize("who", ["cora", "omar", "ade"])
def test_only_care_staff_start_sessions(who, client, cast):
    client.force_login(cast.user(who))
    assert start(client, cast.jane).status_code == 403


def test_another_practices_patient_is_not_found(rosa, cast):
    assert start(rosa, cast.nora).status_code == 404


def test_the_draft_shows_the_seven_fields_in_the_templates_order(rosa, cast):
    entry = started(cast.jane, cast.rosa)
    page = text_of(rosa.get(f"/sessions/{entry.pk}/"))
    fields = [
        "<h1>Session <span",
        'with <a class="patient-name"',
        "Data reviewed</legend>",
        "Communication</legend>",
        "Clinical action</legend>",
    ]
    places = [page.index(words) for words in [*fields, "Time</legend>", "Cumulative time in"]]
    assert places == sorted(places)
    assert "14 readings on 14 days, 128/78 mmHg" in page


def test_opening_a_session_is_written_down(rosa, cast):
    entry = started(cast.jane, cast.rosa)
    rosa.get(f"/sessions/{entry.pk}/")
    assert AccessEvent.objects.filter(patient_id=cast.jane.pk, route="timelogs:session").count() == 1


def test_a_nurses_page_says_no_code_and_no_money(rosa, cast):
    entry = started(cast.jane, cast.rosa)
    page = text_of(rosa.get(f"/sessions/{entry.pk}/"))
    assert not [
        word for word in ("99457", "99458", "99470", "99454", "$", "claim", "unit") if word in page.lower()
    ]


def test_signing_records_the_note_and_shows_it_field_by_field(rosa, cast):
    entry = started(cast.jane, cast.rosa, timezone.now() - timedelta(minutes=2))
    answer = rosa.post(f"/sessions/{entry.pk}/sign/", form_of(entry, **GOOD_NOTE))
    assert (answer.status_code, answer.get("Location")) == (303, f"/sessions/{entry.pk}/"), text_of(answer)
    entry.refresh_from_db()
    assert entry.status == Status.SIGNED
    assert entry.seconds_signed >= 120
    page = text_of(rosa.get(answer["Location"]))
    for words in (
        GOOD_NOTE["said"],
        GOOD_NOTE["action_detail"],
        "Patient by phone, 40 s",
        "Readings, Salt and diet",
        "Rosa Nguyen, RN",
    ):
        assert words in page


def test_a_double_click_on_sign_gets_the_first_answer(rosa, cast):
    entry = started(cast.jane, cast.rosa, timezone.now() - timedelta(minutes=2))
    sent = form_of(entry, **GOOD_NOTE)
    first, second = (rosa.post(f"/sessions/{entry.pk}/sign/", sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]


def test_a_refused_signature_says_why_at_each_field_and_keeps_the_note(rosa, cast):
    entry = started(cast.jane, cast.rosa, timezone.now() - timedelta(minutes=2))
    typed = {"party": "patient", "method": "phone", "data_note": "Evening values are higher."}
    answer = rosa.post(f"/sessions/{entry.pk}/sign/", form_of(entry, **typed))
    page = text_of(answer)
    assert answer.status_code == 422
    assert "<title>Error: " in page
    assert "There is a problem" in page
    for sentence in (
        "Write at least one sentence about what was said",
        "Select what you decided, or “No change”",
        "Tick that you reviewed these readings",
    ):
        assert page.count(sentence) == 2, sentence
    entry.refresh_from_db()
    assert (entry.status, entry.data_note) == (Status.DRAFT, "Evening values are higher.")
    assert f'name="version" value="{entry.version}"' in page
    assert Clock.objects.get(entry=entry).state == "running"


def test_a_label_with_minutes_cannot_be_signed_and_the_page_says_why(rosa, cast):
    entry = started(cast.jane, cast.rosa, timezone.now() - timedelta(minutes=20))
    Clock.objects.update(heartbeat_at=timezone.now(), input_at=timezone.now())
    note = {
        "data_reviewed": "on",
        "party": "none",
        "action": "no_change",
        "action_detail": "RPM management - 20 min",
    }
    answer = rosa.post(f"/sessions/{entry.pk}/sign/", form_of(entry, **note))
    assert answer.status_code == 422
    assert "“RPM management - 20 min” is no description" in text_of(answer)


@pytest.mark.parametrize("heading", ["said", "action_detail"])
def test_one_sentence_makes_a_contact_under_either_heading_but_the_decision_has_its_reason(
    rosa, cast, heading
):
    entry = started(cast.jane, cast.rosa, timezone.now() - timedelta(minutes=2))
    note = {**GOOD_NOTE, heading: ""}
    answer = rosa.post(f"/sessions/{entry.pk}/sign/", form_of(entry, **note))
    assert answer.status_code == (303 if heading == "said" else 422)
    assert "what was said" not in text_of(answer).partition("There is a problem")[2][:400]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("minutes", "", "Enter how long the session took"),
        ("minutes", "a while", "Time must be minutes, like 12, or minutes and seconds, like 12:30"),
        ("minutes", "0", "Time must be more than 0 minutes"),
        ("minutes", "14", "Give a reason for recording 14 min when 2 min"),
        ("party", "", "Select who you spoke with"),
        ("topics", [], "Select what you talked about"),
        ("action", "", "Select what you decided, or “No change”"),
        ("action_detail", "", "Say why the plan stays the same"),
        ("follow_up_on", "soon", "The follow-up day must be a real date, like 20 Jan 2026"),
    ],
)
def test_bad_input_keeps_what_was_typed_and_says_what_to_do(rosa, cast, field, typed, sentence):
    entry = started(cast.jane, cast.rosa, timezone.now() - timedelta(minutes=2))
    answer = rosa.post(
        f"/sessions/{entry.pk}/sign/", form_of(entry, **{**GOOD_NOTE, field: typed, "data_note": "Kept."})
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert sentence in page
    assert "Kept." in page
    assert not typed or typed in page


def test_a_caregiver_needs_a_name(rosa, cast):
    entry = started(cast.jane, cast.rosa, timezone.now() - timedelta(minutes=2))
    answer = rosa.post(f"/sessions/{entry.pk}/sign/", form_of(entry, **{**GOOD_NOTE, "party": "caregiver"}))
    assert "Enter the caregiver&#x27;s name" in text_of(answer)


def test_less_than_measured_is_recorded_as_typed(rosa, cast):
    entry = started(cast.jane, cast.rosa, timezone.now() - timedelta(minutes=2, seconds=30))
    rosa.post(f"/sessions/{entry.pk}/sign/", form_of(entry, **GOOD_NOTE, **{"minutes": "1:30"}))
    entry.refresh_from_db()
    assert (entry.status, entry.seconds_signed) == (Status.SIGNED, 90)


def test_more_than_measured_needs_and_keeps_its_reason(rosa, cast):
    entry = started(cast.jane, cast.rosa, timezone.now() - timedelta(minutes=2))
    more = {"minutes": "6", "raise_reason": "Called from the corridor before starting the clock."}
    rosa.post(f"/sessions/{entry.pk}/sign/", form_of(entry, **GOOD_NOTE, **more))
    entry.refresh_from_db()
    assert (entry.status, entry.seconds_signed, entry.raise_reason) == (
        Status.SIGNED,
        360,
        more["raise_reason"],
    )


def test_sign_and_next_patient_leads_to_the_caseload(rosa, cast):
    entry = started(cast.jane, cast.rosa, timezone.now() - timedelta(minutes=2))
    answer = rosa.post(f"/sessions/{entry.pk}/sign/", form_of(entry, **GOOD_NOTE, then="next"))
    assert answer["Location"] == "/patients/"


def test_nobody_signs_for_another(cast, client):
    entry = started(cast.jane, cast.rosa)
    client.force_login(cast.user("luis"))
    for act in ("sign", "autosave", "heartbeat", "pause", "discard"):
        assert client.post(f"/sessions/{entry.pk}/{act}/", form_of(entry, **GOOD_NOTE)).status_code == 403, (
            act
        )
    entry.refresh_from_db()
    assert (entry.status, entry.said) == (Status.DRAFT, "")


def test_another_practices_session_is_not_found(cast, client):
    entry = started(cast.jane, cast.rosa)
    client.force_login(cast.user("dan"))
    assert client.get(f"/sessions/{entry.pk}/").status_code == 404
    assert client.post(f"/sessions/{entry.pk}/sign/", form_of(entry)).status_code == 404


def test_a_colleague_reads_a_draft_but_cannot_write_in_it(cast, client):
    entry = started(cast.jane, cast.rosa)
    client.force_login(cast.user("luis"))
    page = text_of(client.get(f"/sessions/{entry.pk}/"))
    assert "Draft of Rosa Nguyen, RN. Unsigned time is not counted." in page
    assert "session-form" not in page


def test_typing_after_the_signature_is_shown_to_be_taken_along(rosa, cast):
    entry = started(cast.jane, cast.rosa, timezone.now() - timedelta(minutes=2))
    before = form_of(entry, **{**GOOD_NOTE, "said": "She also asked about a larger cuff."})
    rosa.post(f"/sessions/{entry.pk}/sign/", form_of(entry, **GOOD_NOTE))
    answer = rosa.post(f"/sessions/{entry.pk}/autosave/", before)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Your later typing is below so you can add it as an amendment" in page
    assert "She also asked about a larger cuff." in page


def test_discarding_needs_a_reason_and_keeps_the_row(rosa, cast):
    entry = started(cast.jane, cast.rosa)
    answer = rosa.post(f"/sessions/{entry.pk}/discard/", form_of(entry))
    assert answer.status_code == 422
    assert "Give the reason. It stays in the record." in text_of(answer)
    answer = rosa.post(f"/sessions/{entry.pk}/discard/", form_of(entry, discard_reason="Wrong patient."))
    assert (answer.status_code, answer["Location"]) == (303, f"/patients/{cast.jane.pk}/")
    entry.refresh_from_db()
    assert (entry.status, entry.ended_reason) == (Status.DISCARDED, "Wrong patient.")


def test_a_second_nurses_minutes_are_named_on_the_signed_page(rosa, cast):
    began = timezone.now() - timedelta(minutes=4)
    theirs = started(cast.jane, cast.luis, began)
    mine = started(cast.jane, cast.rosa, began + timedelta(minutes=1))
    Clock.objects.update(heartbeat_at=timezone.now(), input_at=timezone.now())
    rosa.post(f"/sessions/{mine.pk}/sign/", form_of(mine, **GOOD_NOTE))
    rosa.force_login(cast.user("luis"))
    answer = rosa.post(f"/sessions/{theirs.pk}/sign/", form_of(theirs, **GOOD_NOTE))
    page = text_of(rosa.get(answer["Location"]))
    assert "Rosa Nguyen also recorded" in page
    assert "count once" in page
    assert "another person&#x27;s signed time for the same minutes counts" in page


def test_without_scripts_words_that_are_too_long_come_back_whole(rosa, cast):
    """What is readable is kept at once; the rest is on the page again, with what to do."""
    entry = started(cast.jane, cast.rosa)
    long = "She salts the soup. " * 201
    typed = {"said": long, "data_note": "Highest on Tuesday.", "leave": "1"}
    answer = rosa.post(f"/sessions/{entry.pk}/autosave/", {**form_of(entry), **typed})
    page = answer.content.decode()
    entry.refresh_from_db()
    assert answer.status_code == 422
    assert "What was said must be 4,000 characters or fewer. It has 4019: shorten it." in page
    assert long.strip() in page
    assert (entry.said, entry.data_note) == ("", "Highest on Tuesday.")
