"""The auditor's pages: who may open them, what they show, and that they change nothing."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from accounts.practice_policies import set_policy
from audit.changes import PAGE
from audit.models import AccessEvent, Action, SignInEvent
from audit.own_invariants import histories
from foundation.context import ActorKind, acting, because
from tests import factories

HISTORY, ACCESS = "/history/", "/history/access/"


def of(row) -> str:
    return reverse("audit:record", args=[row._meta.model_name, row.pk])


@pytest.fixture
def signed_in(client, cast):
    """`signed_in("omar")`: a client of that person."""

    def as_(name: str):
        client.force_login(cast.user(name))
        return client

    return as_


def rename(patient, name: str, *, by, why="married"):
    with acting(by.label, kind=ActorKind.PERSON, actor_id=by.user_id), because(why):
        patient.family_name = name
        patient.save()


# Who may -----------------------------------------------------------------------------------------------------


def test_only_auditors_see_everything(signed_in, client, cast):
    for page in (HISTORY, ACCESS):
        answers = {
            name: signed_in(name).get(page).status_code
            for name in ("rosa", "lena", "ana", "cora", "ade", "omar")
        }
        assert answers == {"rosa": 403, "lena": 403, "ana": 403, "cora": 403, "ade": 403, "omar": 200}
        assert signed_in("omar").post(page).status_code == 303
        assert signed_in("rosa").post(page).status_code == 403
        client.logout()
        answer = client.get(page)
        assert (answer.status_code, answer.url.startswith("/sign-in/")) == (302, True)


def test_who_sees_a_chart_sees_its_history(signed_in, cast):
    answers = {
        name: signed_in(name).get(of(cast.jane)).status_code
        for name in ("rosa", "lena", "ana", "cora", "omar", "ade")
    }
    assert answers == {"rosa": 200, "lena": 200, "ana": 200, "cora": 200, "omar": 200, "ade": 403}


def test_nurses_see_no_claims(signed_in):
    """No units, no claim states, no decisions: by the kind alone, before any row is looked for."""
    kinds = ["claim", "claimline", "hold", "codeselection", "closerun", "thresholdalert", "period"]
    for name in ("rosa", "lena", "ana"):
        client = signed_in(name)
        assert {client.get(f"/history/{kind}/{uuid4()}/").status_code for kind in kinds} == {403}


def test_roles_of_people_are_for_auditors(signed_in, cast):
    assert [signed_in(name).get(of(cast.luis)).status_code for name in ("rosa", "cora", "omar")] == [
        403,
        403,
        200,
    ]


def test_policies_are_for_those_who_see_settings(signed_in, cast):
    row = set_policy(cast.practice, key="idle_minutes", value=7, starts_on=date(2026, 3, 1), why="Agreed.")
    answers = {name: signed_in(name).get(of(row)).status_code for name in ("rosa", "cora", "omar")}
    assert answers == {"rosa": 403, "cora": 200, "omar": 200}


def test_another_practices_record_is_not_there(signed_in, cast):
    client = signed_in("omar")
    for row in (cast.nora, cast.nora_enrolled, cast.dan, cast.dan.user, cast.elsewhere):
        assert client.get(of(row)).status_code == 404


def test_no_such_kind_and_no_such_row(signed_in):
    client = signed_in("omar")
    assert client.get(f"/history/spaceship/{uuid4()}/").status_code == 404
    assert client.get(f"/history/patient/{uuid4()}/").status_code == 404


# What it shows -----------------------------------------------------------------------------------------------


def test_a_change_reads_from_to_and_why(signed_in, cast):
    rename(cast.jane, "Dorn", by=cast.rosa)
    page = signed_in("omar").get(HISTORY).content.decode()
    assert "Rosa Nguyen, RN" in page
    assert "Family name" in page
    assert "Doe</del>" in page
    assert "Dorn</ins>" in page
    assert "married" in page


def test_what_a_patient_said_is_never_markup(signed_in, cast):
    rename(cast.jane, "<script>alert(1)</script>", by=cast.rosa, why="<img src=x onerror=alert(1)>")
    client = signed_in("omar")
    for address in (HISTORY, of(cast.jane)):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_an_empty_answer_says_what_to_do(signed_in):
    page = signed_in("omar").post(HISTORY, {"reason": "no such words"}, follow=True).content.decode()
    assert "No changes match Reason contains: no such words" in page
    assert "Widen to 1 year" in page


BROKEN = (
    {"older": "nonsense"},
    {"newer": "~~~"},
    {"older": f"2026-01-01T00:00:00+00:00~patient~{9**30}~"},
    {"who": "nobody", "record": "nothing", "field": "a.b", "request": "x", "since": "2026-02-31"},
    {"patient": "%_'\"--"},
    {"patient": str(uuid4())},
    {"since": "9999-12-31", "until": "0001-01-01"},
    {"until": "9999-12-31"},
    {"since": "0001-01-01"},
    {"who": "\x00", "reason": "\x00", "patient": "\x00"},
)


def test_a_broken_address_is_answered(signed_in):
    client = signed_in("omar")
    for query in BROKEN:
        for page in (HISTORY, ACCESS):
            assert client.get(page, query).status_code == 200, (page, query)


def test_the_question_is_in_the_address_of_the_next_page(signed_in, cast):
    for number in range(30):
        with acting(f"nurse {number}"):
            cast.jane.phone = f"555 {number:04}"
            cast.jane.save()
    page = signed_in("omar").get(HISTORY, {"record": "patient", "action": "changed"})
    older = page.context["older_url"]
    assert "record=patient" in older
    second = signed_in("omar").get(HISTORY + older)
    assert len(second.context["page"].acts) == 30 - PAGE
    assert second.context["newer_url"]


def test_the_newest_change_is_compared_first(signed_in, cast):
    rename(cast.jane, "Dorn", by=cast.rosa)
    page = signed_in("omar").get(of(cast.jane))
    assert [(f.label, f.changed) for f in page.context["compared"]] == [("Family name", True)]


def test_all_fields_on_demand_and_unchanged_ones_whole(signed_in, cast):
    rename(cast.jane, "Dorn", by=cast.rosa)
    page = signed_in("omar").get(of(cast.jane), {"all": "1"})
    labels = {f.label: f.changed for f in page.context["compared"]}
    assert labels["Family name"]
    assert labels["MRN"] is False


def test_any_two_versions_can_be_compared(signed_in, cast):
    for name in ("Dorn", "Dorman", "Dee"):
        rename(cast.jane, name, by=cast.rosa)
    ids = list(cast.jane.history.order_by("history_id").values_list("history_id", flat=True))
    page = signed_in("omar").get(of(cast.jane), {"first": ids[0], "second": ids[2]})
    (field,) = page.context["compared"]
    assert [p.text for p in field.before] == ["Doe"]
    assert [p.text for p in field.after] == ["Dorman"]
    born = signed_in("omar").get(of(cast.jane), {"first": "", "second": ids[0], "all": "1"})
    assert "MRN" in {f.label for f in born.context["compared"]}


def test_words_that_stayed_are_not_marked(signed_in, cast):
    plan = cast.jane_enrolled.care_plans.get()
    plan.actions = "Measure three times a day."
    plan.save()
    (field,) = signed_in("rosa").get(of(plan)).context["compared"]
    assert [(p.what, p.text.strip()) for p in field.before if p.what != "kept"] == [("removed", "twice")]
    assert [(p.what, p.text.strip()) for p in field.after if p.what != "kept"] == [("added", "three times")]


def test_versions_of_another_record_cannot_be_compared(signed_in, cast):
    other = cast.max.history.latest().history_id
    assert signed_in("omar").get(of(cast.jane), {"second": other}).status_code == 404


def test_a_long_life_is_paged(signed_in, cast):
    for number in range(60):
        cast.jane.phone = f"555 {number:04}"
        cast.jane.save()
    first = signed_in("omar").get(of(cast.jane))
    assert [n for n, _ in first.context["numbered"]] == list(range(61, 11, -1))
    second = signed_in("omar").get(of(cast.jane) + first.context["older_url"])
    assert [n for n, _ in second.context["numbered"]] == list(range(11, 0, -1))


# Who looked --------------------------------------------------------------------------------------------------


def test_looking_at_a_record_is_itself_noted(signed_in, cast):
    signed_in("rosa").get(of(cast.jane))
    event = AccessEvent.objects.get()
    assert (event.route, event.patient_id, event.actor_id) == (
        "audit:record",
        cast.jane.pk,
        cast.rosa.user_id,
    )


def test_browsing_the_list_notes_every_patient_on_it(signed_in, cast):
    signed_in("omar").get(HISTORY, {"record": "patient"})
    events = AccessEvent.objects.filter(route="audit:history", action=Action.LIST)
    assert set(events.values_list("patient_id", flat=True)) == {cast.jane.pk, cast.max.pk}


def test_the_access_log_says_who_opened_which_chart(signed_in, cast):
    signed_in("rosa").get(of(cast.jane))
    page = signed_in("omar").post(ACCESS, {"look_for": "doe"}, follow=True)
    (visit,) = page.context["page"].visits
    assert (visit.who, visit.patient, visit.where) == ("Rosa Nguyen, RN", "DOE, Jane", "History of a record")


def test_the_access_log_of_another_practice_stays_there(signed_in, cast):
    signed_in("dan").get(of(cast.nora))
    assert signed_in("omar").get(ACCESS).context["page"].visits == ()
    assert signed_in("omar").get(ACCESS, {"patient": str(cast.nora.pk)}).context["page"].visits == ()


def test_sign_ins_have_their_place(client, cast):
    client.post("/sign-in/", {"username": cast.omar.user.email, "password": factories.PASSWORD})
    page = client.get(ACCESS, {"kind": "sign_ins"})
    assert [v.what for v in page.context["page"].visits] == ["Signed in"]
    assert SignInEvent.objects.count() == 1


def test_the_access_log_turns_its_pages(signed_in, cast):
    own = {"practice": cast.practice, "actor_id": cast.rosa.user_id, "actor_label": "Rosa Nguyen, RN"}
    own |= {"request_id": uuid4(), "action": Action.VIEW, "route": "chart", "patient_id": cast.jane.pk}
    for _ in range(120):
        AccessEvent(**own).save()
    client, seen, query = signed_in("omar"), [], ""
    while query is not None:
        page = client.get(ACCESS + query)
        seen += [visit.at for visit in page.context["page"].visits]
        query = page.context["older_url"]
    assert len(seen) == 120
    assert seen == sorted(seen, reverse=True)


def test_dates_are_the_practices_own(signed_in, cast):
    # The cast is made once for a worker, maybe on the day before.
    today = cast.practice.today(cast.jane.history.first().recorded_at)
    client = signed_in("omar")
    assert client.get(HISTORY, {"since": today, "until": today}).context["page"].acts
    assert not client.get(HISTORY, {"until": today - timedelta(days=1)}).context["page"].acts


def test_reading_history_writes_no_history(signed_in, cast):
    def rows():
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(f'SELECT count(*) FROM "{table}"' for table in histories()))
            return cursor.fetchall()

    client = signed_in("omar")
    before = rows()
    for address in (HISTORY, ACCESS, of(cast.jane)):
        client.get(address)
    assert rows() == before


def test_words_that_were_typed_stay_out_of_the_address_and_with_their_person(signed_in, client):
    omar = signed_in("omar")
    address = omar.post(HISTORY, {"reason": "moved in with DOE, Jane"})["Location"]
    assert "DOE" not in address
    assert "Reason contains: moved in with DOE, Jane" in omar.get(address).content.decode()
    assert omar.post(HISTORY, {"reason": "moved in with DOE, Jane"})["Location"] == address
    older = omar.get(address).context["wider_url"]
    assert "DOE" not in older
    assert address.rpartition("words=")[2] in older
    for n in range(25):
        omar.post(HISTORY, {"reason": f"words {n}"})
    forgotten = omar.get(address).content.decode()
    assert "Enter them again" in forgotten
    assert "Reason contains: " not in forgotten
    assert "Reason contains: open" not in omar.get(HISTORY, {"reason": "open"}).content.decode()
