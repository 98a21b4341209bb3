"""The pages: inbox, one escalation, its acts, the chart's form, the list; and what they refuse."""

from uuid import uuid4

import pytest
from django.urls import reverse

from audit.models import AccessEvent
from escalations import acts
from escalations.ladder import mark
from escalations.models import Escalation, LadderPlace
from tests.integration.escalations.found import NOON, later, opened, pressure, trail


def post(client, name: str, row: Escalation, **typed):
    sent = {"operation_id": str(uuid4()), "version": row.version, **typed}
    return client.post(reverse(f"escalations:{name}", args=[row.pk]), sent)


@pytest.fixture
def rosa(client, cast):
    client.force_login(cast.rosa.user)
    return client


@pytest.fixture
def ana(client, cast):
    client.force_login(cast.ana.user)
    return client


def inbox(client, tab: str = "mine") -> str:
    return client.get(reverse("escalations:inbox"), {"tab": tab}).content.decode()


def test_the_inbox_is_by_urgency(cast, ana):
    opened(cast.jane, later(0), says="First warning.")
    opened(cast.max, later(30), severity="critical", says="A critical one.")
    opened(cast.max, later(5), measure="heart_rate", says="Second warning.")
    html = inbox(ana)
    places = [html.index(words) for words in ("A critical one.", "First warning.", "Second warning.")]
    assert places == sorted(places)
    assert "Waiting for me 3" in html
    assert "past due since" in html


def test_each_is_in_one_tab(cast, rosa):
    row = opened(cast.jane)
    opened(cast.max, cause="silence", says="No readings for 4 days.")
    assert "182/96" in inbox(rosa, "others")
    assert "182/96" not in inbox(rosa)
    post(rosa, "acknowledge", row)
    assert "182/96" in inbox(rosa)
    row.refresh_from_db()
    post(rosa, "resolve", row, outcome="advised")
    assert "182/96" in inbox(rosa, "done")
    assert "No readings for 4 days" not in inbox(rosa, "others")


def test_the_inbox_writes_down_whom_it_named_and_asks_no_more_for_more(
    cast, ana, django_assert_max_num_queries
):
    for n in range(20):
        opened(cast.jane, later(n), measure=f"m{n}")
    with django_assert_max_num_queries(30):
        inbox(ana)
    assert AccessEvent.objects.filter(route="escalations:inbox", patient_id=cast.jane.pk).exists()


def test_a_page_of_the_inbox(cast, ana):
    for n in range(26):
        opened(cast.jane, later(n), measure=f"m{n}", says=f"Number {n}.")
    assert "Number 25." not in inbox(ana)
    assert "Number 25." in ana.get(reverse("escalations:inbox"), {"page": 2}).content.decode()


def test_the_detail_shows_readings_against_the_range_and_steps(cast, rosa):
    row = opened(cast.jane)
    acts.note(row, words="Sister <answers>.", by=cast.luis, at=later(5))
    html = rosa.get(reverse("escalations:escalation", args=[row.pk])).content.decode()
    for words in ("182/96 mmHg", "bove range", "Sister &lt;answers&gt;.", "Luis Ortiz, LPN", "Acknowledge"):
        assert words in html
    assert "Send the answer" not in html


def test_the_whole_way_by_the_pages(cast, client, ana):
    row = opened(cast.jane)
    client.force_login(cast.rosa.user)
    assert post(client, "refer", row, to=cast.ana.pk, ask="Evening dose?").status_code == 303
    row.refresh_from_db()
    client.force_login(cast.ana.user)
    html = client.get(reverse("escalations:escalation", args=[row.pk])).content.decode()
    assert "Evening dose?" in html
    assert "Send the answer" in html
    assert post(client, "answer", row, answer="see_patient", words="This week.").status_code == 303
    row.refresh_from_db()
    client.force_login(cast.rosa.user)
    assert post(client, "resolve", row, outcome="visit").status_code == 303
    row.refresh_from_db()
    assert trail(row) == ["opened", "referred", "answered", "resolved"]


def test_what_is_said_after_an_act_travels_in_no_cookie(cast, rosa):
    """Such a sentence may name the patient, and a cookie is signed but readable."""
    answer = post(rosa, "acknowledge", opened(cast.jane))
    assert set(rosa.cookies) <= {"session", "csrf"}
    assert "Acknowledged. It is yours now." in rosa.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("refer", {"ask": "Evening dose?"}, "Choose to whom."),
        ("refer", {"to": "nobody", "ask": "Evening dose?"}, "Choose somebody of the list"),
        ("hand_over", {"words": "Off now."}, "Choose to whom."),
        ("note", {}, "Write the note."),
        ("attempt", {"words": "Twice."}, "Choose how you tried."),
        ("resolve", {"words": "Fine."}, "Choose what came of it."),
        ("resolve", {"outcome": "transmitting", "words": "Fine."}, "Choose one of the list."),
        ("resolve", {"outcome": "no_change"}, "Say in a line why"),
    ],
)
def test_what_is_missing_is_named_and_nothing_typed_is_lost(cast, rosa, name, typed, why):
    row = opened(cast.jane)
    answer = post(rosa, name, row, **typed)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert why in html
    for words in (typed.get("ask"), typed.get("words")):
        assert words is None or words in html
    row.refresh_from_db()
    assert row.version == 1


def test_a_double_click_is_one_step(cast, rosa):
    row = opened(cast.jane)
    sent = {"operation_id": str(uuid4()), "words": "Once."}
    address = reverse("escalations:note", args=[row.pk])
    assert [rosa.post(address, sent).status_code for _ in range(2)] == [303, 303]
    assert trail(row) == ["opened", "noted"]


def test_a_stale_form_keeps_what_was_typed_and_goes_through_when_sent_again(cast, rosa):
    row = opened(cast.jane)
    acts.note(row, words="Meanwhile.", by=cast.luis, at=later(5))
    answer = post(rosa, "resolve", row, outcome="advised", words="She took it.")
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "She took it." in html
    assert 'name="version" value="1"' in html or 'name="version" value="2"' in html
    row.refresh_from_db()
    assert post(rosa, "resolve", row, outcome="advised", words="She took it.").status_code == 303


def test_a_step_that_the_state_does_not_have_is_refused(cast, rosa):
    row = acts.resolve(opened(cast.jane), outcome="advised", by=cast.luis, at=later(5))
    address = reverse("escalations:refer", args=[row.pk])
    assert "is resolved" in rosa.get(address).content.decode()
    answer = post(rosa, "refer", row, to=cast.ana.pk, ask="And now?")
    assert (answer.status_code, "And now?" in answer.content.decode()) == (422, True)


def test_another_practices_is_not_found(cast, client):
    row = opened(cast.jane)
    client.force_login(cast.dan.user)
    assert client.get(reverse("escalations:escalation", args=[row.pk])).status_code == 404
    assert post(client, "acknowledge", row).status_code == 404


def test_a_colleague_of_another_practice_is_not_offered(cast, rosa):
    row = opened(cast.jane)
    far = cast.nora_enrolled.supervising
    assert post(rosa, "refer", row, to=far.pk, ask="Evening dose?").status_code == 422


def test_by_hand_from_the_chart(cast, rosa):
    pressure(cast.jane)
    address = reverse("escalations:escalate", args=[cast.jane.pk])
    assert "182/96 mmHg" in rosa.get(address).content.decode()
    sent = {"operation_id": str(uuid4()), "urgency": "now", "to": cast.ana.pk}
    assert "Say in a line what you ask" in rosa.post(address, sent).content.decode()
    assert rosa.post(address, sent | {"ask": "Call him now?"}).status_code == 303
    row = Escalation.objects.get()
    assert (row.ask, row.severity, row.state, row.owner) == (
        "Call him now?",
        "critical",
        "referred",
        cast.ana,
    )
    assert row.attached.count() == 1
    html = rosa.get(reverse("escalations:patient_panel", args=[cast.jane.pk])).content.decode()
    assert "Call him now?" in html


# The list ---------------------------------------------------------------------------------------------------------


def test_the_list_is_changed_with_a_reason_and_keeps_what_stays(cast, client):
    client.force_login(cast.ade.user)
    address = reverse("escalations:ladder_change")

    def change(*members, why="Who is here.", seen=None):
        places = {f"place_{n}": member.pk for n, member in enumerate(members, 1)}
        seen = mark(cast.practice) if seen is None else seen
        return client.post(address, {"operation_id": str(uuid4()), "why": why, "seen": seen, **places})

    assert "Give the reason" in change(cast.lena, why="").content.decode()
    assert "each person once" in change(cast.lena, cast.lena).content.decode()
    assert change(cast.lena, cast.luis).status_code == 303
    first = LadderPlace.objects.get(position=1)
    assert "nothing to save" in change(cast.lena, cast.luis).content.decode()
    assert change(cast.lena, cast.ana, cast.luis, seen="old").status_code == 409
    assert change(cast.lena, cast.ana, cast.luis).status_code == 303
    now = LadderPlace.objects.filter(ended_at=None).order_by("position")
    assert [place.member for place in now] == [cast.lena, cast.ana, cast.luis]
    assert now[0] == first
    assert "Lena Lead" in client.get(reverse("escalations:ladder")).content.decode()


def test_a_biller_reads_the_list_and_does_not_change_it(cast, client):
    client.force_login(cast.cora.user)
    assert client.get(reverse("escalations:ladder")).status_code == 200
    assert client.get(reverse("escalations:ladder_change")).status_code == 403


def test_nobodys_escalation_is_shown_to_the_administrator_without_the_patient(cast, client):
    for one in (cast.ana, cast.rosa, cast.luis, cast.lena):
        one.ends_on = cast.practice.today(NOON)
        one.save()
    opened(cast.jane)
    client.force_login(cast.ade.user)
    html = client.get(reverse("escalations:ladder")).content.decode()
    assert "1 open escalation waits with an administrator" in html
    assert "DOE" not in html
