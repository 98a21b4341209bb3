"""What may follow a signature, the record to read, the past session, and the lists."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.integration.timelogs.notes import CALL, REVIEW, signed_session
from tests.integration.timelogs.pages import form_of, started, text_of
from timelogs.counting.totals import month_total
from timelogs.models import Status, TimeEntry
from timelogs.note.drafts import log_past

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa(cast, client):
    client.force_login(cast.user("rosa"))
    factories.readings(cast.jane, cast.practice.today() - timedelta(days=13), 14)
    return client


@pytest.fixture(autouse=True)
def noon():
    """Noon in New York: what was done forty minutes ago was done today."""
    with time_machine.travel(timezone.now().replace(hour=17, minute=0), tick=True):
        yield


@pytest.fixture
def recorded(cast, rosa):
    began = timezone.now() - timedelta(minutes=40)
    signed_session(cast.jane, by=cast.rosa, starts_at=began, seconds=300, **REVIEW)
    return signed_session(
        cast.jane, by=cast.rosa, starts_at=began + timedelta(minutes=10), seconds=828, **CALL
    )


def amended(entry, **typed) -> dict:
    shown = {"minutes": "13 min 48 s", "minutes_shown": "13 min 48 s", "effect_seen": "828"}
    note = {
        "data_reviewed": "on",
        "party": "patient",
        "method": "phone",
        "contact_seconds": "0:40",
        "topics": ["readings", "diet"],
        "action": "no_change",
        "late_reason": entry.late_reason,
    }
    return form_of(entry, **{**shown, **note, **typed})


def total(cast) -> int:
    return month_total(cast.jane, cast.practice.today().replace(day=1)).seconds


@pytest.mark.parametrize("who", ["luis", "cora", "omar"])
def test_others_read_the_record_without_buttons(who, recorded, client, cast):
    client.force_login(cast.user(who))
    page = text_of(client.get(f"/sessions/{recorded.pk}/"))
    assert "Signed by Rosa Nguyen, RN" in page
    assert CALL["said"] in page
    assert "Counted in" in page
    assert "13 min 48 s" in page
    assert ">Amend<" not in page
    assert "Void…" not in page


def test_the_author_has_amend_void_and_the_history(recorded, rosa):
    page = text_of(rosa.get(f"/sessions/{recorded.pk}/"))
    for words in (">Amend<", "Void…", f"/history/timeentry/{recorded.pk}/"):
        assert words in page


def test_amending_shows_its_effect_before_it_is_signed(recorded, rosa, cast):
    page = text_of(rosa.get(f"/sessions/{recorded.pk}/amend/"))
    assert "total 18 min 48 s → <b>18 min 48 s</b>, unchanged" in page
    effect = text_of(rosa.get(f"/sessions/{recorded.pk}/amend/?minutes=11:48", HTTP_HX_REQUEST="true"))
    assert "total 18 min 48 s → <b>16 min 48 s</b>." in effect
    unseen = amended(recorded, minutes="11:48", reason="Wrong end time.")
    answer = rosa.post(f"/sessions/{recorded.pk}/amend/", unseen)
    assert (answer.status_code, total(cast)) == (200, 1128)
    assert "Look at what this changes in the month, then sign." in text_of(answer)
    answer = rosa.post(
        f"/sessions/{recorded.pk}/amend/", {**unseen, "effect_seen": "708", "operation_id": str(uuid4())}
    )
    assert (answer.status_code, total(cast)) == (303, 1008)


def test_an_amendment_is_a_new_version_that_points_at_the_old(recorded, rosa):
    words = "She also takes the evening dose at nine, with an alarm."
    answer = rosa.post(
        f"/sessions/{recorded.pk}/amend/", amended(recorded, said=words, reason="Detail added.")
    )
    new = TimeEntry.objects.get(supersedes=recorded)
    assert answer["Location"] == f"/sessions/{new.pk}/"
    recorded.refresh_from_db()
    assert (recorded.status, recorded.ended_reason, new.said, new.seconds_signed) == (
        Status.AMENDED,
        "Detail added.",
        words,
        828,
    )
    page = text_of(rosa.get(f"/sessions/{recorded.pk}/"))
    assert "Open the version that replaced it" in page
    assert "Version 2" in text_of(rosa.get(f"/sessions/{new.pk}/"))


def test_an_amendment_without_a_reason_is_refused_and_keeps_the_typing(recorded, rosa):
    answer = rosa.post(
        f"/sessions/{recorded.pk}/amend/", amended(recorded, said="Kept words of the amendment.")
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Give the reason for the amendment" in page
    assert "Kept words of the amendment." in page


def test_amending_twice_from_two_screens_is_refused_the_second_time(recorded, rosa):
    first = rosa.post(f"/sessions/{recorded.pk}/amend/", amended(recorded, reason="Detail added."))
    second = rosa.post(f"/sessions/{recorded.pk}/amend/", amended(recorded, reason="Another detail."))
    assert (first.status_code, second.status_code) == (303, 422)
    assert "is amended" in text_of(second)


def test_voiding_shows_the_effect_and_takes_the_time_out(recorded, rosa, cast):
    page = text_of(rosa.get(f"/sessions/{recorded.pk}/void/"))
    assert "total 18 min 48 s → <b>5 min</b>." in page
    sent = {"operation_id": str(uuid4()), "reason": "Wrong patient."}
    answers = [rosa.post(f"/sessions/{recorded.pk}/void/", sent) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    recorded.refresh_from_db()
    assert (recorded.status, total(cast)) == (Status.VOIDED, 300)
    assert "Voided: Wrong patient." in text_of(rosa.get(f"/sessions/{recorded.pk}/"))


def test_voiding_needs_a_reason(recorded, rosa):
    answer = rosa.post(f"/sessions/{recorded.pk}/void/", {"operation_id": str(uuid4()), "reason": ""})
    assert answer.status_code == 422
    assert "Give the reason. It stays in the record." in text_of(answer)


@pytest.mark.parametrize("act", ["amend", "void"])
def test_only_the_author_amends_and_voids(act, recorded, client, cast):
    for who, status in (("luis", 403), ("lena", 403), ("cora", 403), ("omar", 403), ("dan", 404)):
        client.force_login(cast.user(who))
        assert client.get(f"/sessions/{recorded.pk}/{act}/").status_code == status, who


@pytest.fixture
def very_late(cast, rosa):
    began = timezone.now() - timedelta(days=16)
    return signed_session(cast.jane, by=cast.rosa, starts_at=began, seconds=600, at=timezone.now(), **REVIEW)


def test_very_late_time_waits_for_another_person(very_late, client, cast):
    client.force_login(cast.user("lena"))
    page = text_of(client.get(f"/sessions/{very_late.pk}/"))
    assert "Waits for approval" in page
    assert page.count("10 min, waits for approval by another person.") == 1
    assert page.lower().count("not counted") == 1
    answer = client.post(f"/sessions/{very_late.pk}/approve/", {"operation_id": str(uuid4())})
    assert answer.status_code == 303
    assert "Approved by Lena Lead, RN" in text_of(client.get(answer["Location"]))


def test_nobody_approves_without_the_right_or_her_own(very_late, client, cast):
    for who, status in (("luis", 403), ("rosa", 403), ("cora", 403), ("dan", 403)):
        client.force_login(cast.user(who))
        answer = client.post(f"/sessions/{very_late.pk}/approve/", {"operation_id": str(uuid4())})
        assert answer.status_code == status, who


def test_a_lead_nurse_cannot_approve_her_own(client, cast):
    factories.readings(cast.jane, cast.practice.today() - timedelta(days=30), 14)
    began = timezone.now() - timedelta(days=16)
    own = signed_session(cast.jane, by=cast.lena, starts_at=began, seconds=600, at=timezone.now(), **REVIEW)
    client.force_login(cast.user("lena"))
    answer = client.post(f"/sessions/{own.pk}/approve/", {"operation_id": str(uuid4())})
    assert answer.status_code == 422
    assert "Nobody approves what they logged themselves." in text_of(answer)


def past(client, patient, **typed):
    sent = {
        "operation_id": str(uuid4()),
        "reason": "Logged after the visit.",
        "minutes": "12",
        "starts": "09:00",
        **typed,
    }
    return client.post(f"/patients/{patient.pk}/sessions/new/", sent)


def yesterday(cast) -> str:
    return f"{cast.practice.today() - timedelta(days=1):%Y-%m-%d}"


def test_a_past_session_becomes_a_draft_with_its_minutes(rosa, cast):
    answer = past(rosa, cast.jane, day=yesterday(cast), minutes="12:30")
    entry = TimeEntry.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/sessions/{entry.pk}/")
    page = text_of(rosa.get(answer["Location"]))
    assert "Entered by hand: 12 min 30 s, 09:00–09:12" in page
    assert "entered later" in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"minutes": ""}, "Enter how long the session took"),
        ({"minutes": "soon"}, "Time must be minutes, like 12, or minutes and seconds, like 12:30"),
        ({"minutes": "0"}, "Time must be more than 0 minutes"),
        ({"day": "2999-01-01"}, "Session date must be today or in the past"),
        ({"day": "30 Feb"}, "Session date must be a real date, like 20 Jan 2026"),
        ({"starts": ""}, "Enter the start of the session"),
        ({"reason": ""}, "Say why this session is entered later"),
    ],
)
def test_a_bad_past_session_says_what_to_do_and_keeps_the_typing(rosa, cast, typed, sentence):
    answer = past(rosa, cast.jane, **{"day": yesterday(cast), **typed})
    page = text_of(answer)
    assert answer.status_code == 422
    assert page.count(sentence) == 2
    assert "reason" in typed or "Logged after the visit." in page


def test_an_overlap_names_the_session_in_the_way_and_its_fixes_work(rosa, cast):
    past(rosa, cast.max, day=yesterday(cast), starts="09:05", minutes="10")
    answer = past(rosa, cast.jane, day=yesterday(cast), starts="09:00", minutes="10")
    page = text_of(answer)
    assert answer.status_code == 422
    assert "This overlaps your session with ROE, Max, 09:05–09:15. Change one of the times" in page
    assert 'name="fix" value="trim"' in page
    answer = past(rosa, cast.jane, day=yesterday(cast), starts="09:00", minutes="10", fix="start_after")
    assert answer.status_code == 303
    entry = TimeEntry.objects.get(patient=cast.jane)
    assert entry.started_at.astimezone(cast.practice.tz).strftime("%H:%M") == "09:15"


def test_the_past_form_is_for_care_staff_of_the_practice(client, cast):
    for who, status in (("cora", 403), ("omar", 403), ("dan", 404)):
        client.force_login(cast.user(who))
        assert client.get(f"/patients/{cast.jane.pk}/sessions/new/").status_code == status


def test_the_months_panel_says_what_counts_and_why_not(recorded, rosa, cast):
    started(cast.jane, cast.rosa)
    page = text_of(rosa.get(f"/patients/{cast.jane.pk}/sessions/panel/"))
    assert "18 min 48 s counted" in page
    assert "unsigned time is not counted" in page
    assert "<html" not in page
    early = text_of(rosa.get(f"/patients/{cast.jane.pk}/sessions/panel/?month=2026-01"))
    assert "No time recorded in January." in early


def test_the_months_panel_is_for_whoever_may_see_charts(client, cast):
    for who, status in (("cora", 200), ("omar", 200), ("ade", 403), ("dan", 404)):
        client.force_login(cast.user(who))
        assert client.get(f"/patients/{cast.jane.pk}/sessions/panel/").status_code == status


def test_my_sessions_show_drafts_first_with_their_age(recorded, rosa, cast):
    past(rosa, cast.max, day=f"{cast.practice.today() - timedelta(days=2):%Y-%m-%d}")
    page = text_of(rosa.get("/my/sessions/"))
    assert page.index("Drafts to sign") < page.index("2 days old") < page.index(">Today<")
    assert "Unsigned time is not counted." in page
    assert "Signed today 18 min 48 s" in page


def test_my_sessions_come_a_page_at_a_time_and_the_sums_are_of_all(recorded, rosa, cast):
    """Nineteen seconds each of 26 drafts by hand, beside what is signed; each page in as many queries."""
    start = timezone.now() - timedelta(days=3)
    for number in range(26):
        log_past(
            cast.max,
            starts_at=start + timedelta(minutes=number),
            seconds=19,
            reason="Forgot to press start.",
            by=cast.rosa,
            at=timezone.now(),
        )
    rosa.get("/my/sessions/")
    pages = []
    for number in (1, 2):
        with CaptureQueriesContext(connection) as asked:
            pages.append(rosa.get(f"/my/sessions/?page={number}"))
        assert len(asked) <= 16
    first, second = (page.context["mine"] for page in pages)
    assert (len(first.drafts), len(second.drafts), len(second.all)) == (
        25,
        1,
        second.page.paginator.count - 25,
    )
    for page in pages:
        assert "26 unsigned, 8 min 14 s" in text_of(page)
        assert "Signed today 18 min 48 s" in text_of(page)


def test_my_sessions_are_mine_alone(recorded, client, cast):
    client.force_login(cast.user("luis"))
    assert "DOE, Jane" not in text_of(client.get("/my/sessions/"))
    client.force_login(cast.user("cora"))
    assert client.get("/my/sessions/").status_code == 403
