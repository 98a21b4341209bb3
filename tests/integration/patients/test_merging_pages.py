"""The pages of merging: who opens them, what they ask, what they refuse; and that a merged record is only read."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from audit.models import AccessEvent
from patients import merging
from patients.duplicates import pairs
from patients.models import Merge, Patient, TwoPeople
from tests import factories
from tests.integration.audit.test_invariants import past_every_refusal
from tests.integration.patients.merged import WHY, merged, second_jane
from tests.integration.test_authorization_matrix import (
    TABLE,
    Expected,
    address_of,
    methods,
    routes,
    world,  # noqa: F401  a fixture
)


@pytest.fixture
def twin(cast):
    return second_jane(cast)


@pytest.fixture
def ade(client, cast):
    client.force_login(cast.ade.user)
    return client


def page(duplicate, remaining) -> str:
    return reverse("patients:merge", args=[duplicate.pk, remaining.pk])


def form_of(client, address: str, **given) -> dict:
    form = client.get(address).context["form"]
    return {"operation_id": str(uuid4()), "seen": form.initial.get("seen", ""), "reason": WHY, **given}


def chosen(**more) -> dict:
    return {"family_name": "keep", "phone": "take", "language": "take", "coverage": "keep", **more}


# Likely ones --------------------------------------------------------------------------------------------------


def found(cast) -> list:
    """By MRN, without the pair of the cast, who have one card."""
    mrns = dict(Patient.objects.values_list("pk", "mrn"))
    rows = [({mrns[one], mrns[other]}, why) for one, other, why in pairs(cast.practice)]
    return [row for row in rows if row[0] != {"T-0001", "T-0002"}]


@pytest.mark.parametrize(
    ("family", "given", "born_on", "phone", "why"),
    [
        ("Doe", "Janet", date(1948, 5, 12), "", ["born"]),
        ("Dóe", "Jané", date(1948, 5, 12), "", ["born"]),
        ("Married", "Jane", date(1948, 5, 12), "", ["born"]),
        ("Jane", "Doe", date(1948, 5, 12), "", ["born"]),
        ("Married", "Joan", date(1948, 5, 12), "", None),
        ("Doe", "Jane", date(1948, 5, 13), "", None),
        ("Doe", "Jane", date(1948, 5, 13), "(207) 555-0100", ["phone"]),
        ("Doe", "Jim", date(1948, 5, 13), "2075550100", None),
        ("Doe", "Jane", date(1948, 5, 12), "2075550100", ["born", "phone"]),
    ],
)
def test_who_may_be_one_person(cast, family, given, born_on, phone, why):
    cast.jane.phone = "207 555 0100"
    cast.jane.save()
    factories.patient(cast.practice, family, given, mrn="T-0020", born_on=born_on, phone=phone)
    assert found(cast) == ([({"T-0001", "T-0020"}, why)] if why else [])


def test_one_card_is_one_person_but_a_number_of_many_is_none(cast):
    assert len(pairs(cast.practice)) == 1
    for number in range(4):
        other = factories.patient(
            cast.practice,
            f"Fam{number}",
            f"Giv{number}",
            mrn=f"M-{number}",
            born_on=date(1950, 1, number + 1),
        )
        factories.enrollment(other, clinician=cast.ana, taken_by=cast.rosa)
    assert pairs(cast.practice) == []


def test_the_list_says_why_and_writes_down_whom_it_showed(ade, cast, twin):
    answer = ade.get(reverse("patients:duplicates"))
    assert "Born on the same day, with a similar name" in answer.content.decode()
    shown = AccessEvent.objects.filter(route="patients:duplicates", action="list")
    assert set(shown.values_list("patient_id", flat=True)) == {cast.jane.pk, cast.max.pk, twin.pk}


def test_the_list_takes_the_same_queries_for_many_pairs(ade, cast, twin):
    ade.get(reverse("patients:duplicates"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        ade.get(reverse("patients:duplicates"))
    for number in range(30):
        factories.patient(cast.practice, "Doe", "Jane", mrn=f"M-{number}", born_on=date(1948, 5, 12))
    with CaptureQueriesContext(connection) as many:
        answer = ade.get(reverse("patients:duplicates"))
    assert len(answer.context["pairs"]) == 20
    assert len(many) == len(few)


def test_two_people_leave_the_list_with_a_reason(ade, cast, twin):
    address = reverse("patients:two_people", args=[cast.jane.pk, twin.pk])
    assert ade.post(address, {"operation_id": str(uuid4()), "reason": " "}).status_code == 422
    assert ade.post(address, {"operation_id": str(uuid4()), "reason": "Sisters."}).status_code == 303
    row = TwoPeople.objects.get()
    assert (row.decided_by, row.reason) == (cast.ade, "Sisters.")
    assert row.history.get().history_change_reason == "Sisters."
    assert found(cast) == []


def test_a_merged_record_leaves_the_list(cast, twin):
    merged(twin, cast.jane, by=cast.ade)
    assert found(cast) == []


# Merging --------------------------------------------------------------------------------------------------------


def test_merged_by_its_page_once_however_often_it_is_pressed(ade, cast, twin):
    given = form_of(ade, page(twin, cast.jane), **chosen())
    first, second = (ade.post(page(twin, cast.jane), given) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert Merge.objects.get().merged_by == cast.ade
    assert Patient.objects.get(pk=cast.jane.pk).phone == "207 555 0147"


def test_what_was_not_chosen_is_asked_and_what_was_typed_stays(ade, cast, twin):
    given = form_of(ade, page(twin, cast.jane), phone="take", language="take")
    answer = ade.post(page(twin, cast.jane), given)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose what the remaining record says: Family name" in text
    assert WHY in text
    assert not Merge.objects.exists()


def test_a_page_that_is_old_is_shown_anew(ade, cast, twin):
    given = form_of(ade, page(twin, cast.jane), **chosen())
    twin.language = "Spanish"
    twin.save()
    answer = ade.post(page(twin, cast.jane), given)
    assert answer.status_code == 409
    assert "changed while this page was open" in answer.content.decode()
    again = {**given, "operation_id": str(uuid4()), "seen": answer.context["form"]["seen"].value()}
    assert ade.post(page(twin, cast.jane), again).status_code == 303
    assert Patient.objects.get(pk=cast.jane.pk).language == "Spanish"


def test_what_must_be_settled_is_listed_with_its_place_and_no_button(client, cast):
    client.force_login(cast.lena.user)
    text = client.get(page(cast.max, cast.jane)).content.decode()
    assert "end the enrollment" in text
    assert reverse("patients:enrollment", args=[cast.max.pk]) in text
    assert "Merge the records" not in text
    given = form_of(
        client, page(cast.max, cast.jane), sex="keep", given_name="keep", family_name="keep", born_on="keep"
    )
    assert client.post(page(cast.max, cast.jane), given).status_code == 422
    assert not Merge.objects.exists()


def test_the_other_record_is_found_by_hand(client, cast, twin):
    client.force_login(cast.lena.user)
    address = reverse("patients:merge_find", args=[cast.jane.pk])
    assert (
        "Merge with another record"
        in client.get(reverse("patients:enrollment", args=[cast.jane.pk])).content.decode()
    )
    answer = client.post(address, {"q": "dow"})
    assert page(twin, cast.jane) in answer.content.decode()
    assert page(cast.jane, cast.jane) not in client.post(address, {"q": "doe"}).content.decode()


def test_undone_by_its_page_once(ade, cast, twin):
    merged(twin, cast.jane, by=cast.ade)
    address = reverse("patients:merge_undo", args=[twin.pk])
    assert WHY in ade.get(address).content.decode()
    given = {"operation_id": str(uuid4()), "reason": "Her sister.", "merge": str(Merge.objects.get().pk)}
    assert [ade.post(address, given).status_code for _ in range(2)] == [303, 303]
    assert Merge.objects.get().undone_by == cast.ade
    assert ade.get(address).status_code == 404
    assert ade.post(address, {**given, "operation_id": str(uuid4())}).status_code == 404


def test_another_merge_than_the_one_on_the_page_is_not_undone(ade, cast, twin):
    first = merged(twin, cast.jane, by=cast.ade)
    merging.undo(first, reason="Her sister.", by=cast.lena, at=timezone.now())
    second = merged(twin, cast.max, by=cast.lena)
    address = reverse("patients:merge_undo", args=[twin.pk])
    given = {"operation_id": str(uuid4()), "reason": "Typed.", "merge": str(first.pk)}
    answer = ade.post(address, given)
    assert answer.status_code == 409
    told = answer.content.decode()
    assert "was undone, and the record was merged again" in told
    assert "Typed." in told
    assert f'value="{second.pk}"' in told
    assert ade.post(address, {"operation_id": str(uuid4()), "reason": "Typed."}).status_code == 422
    second.refresh_from_db()
    assert second.undone_at is None
    given = {"operation_id": str(uuid4()), "reason": "Typed.", "merge": str(second.pk)}
    assert ade.post(address, given).status_code == 303


# The merged record ----------------------------------------------------------------------------------------------


def test_its_address_leads_to_the_chart_that_remains_and_each_names_the_other(client, cast, twin):
    client.force_login(cast.lena.user)
    merged(twin, cast.jane, by=cast.ade)
    answer = client.get(reverse("chart", args=[twin.pk]), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("chart", args=[cast.jane.pk])
    text = answer.content.decode()
    assert "MRN T-0009 was merged into this record" in text
    earlier = f"{reverse('chart', args=[twin.pk])}?record=earlier"
    assert earlier in text
    text = client.get(earlier).content.decode()
    assert "This is an earlier record" in text
    assert "Start session" not in text
    assert "Log past session" not in text
    text = client.get(reverse("patients:enrollment", args=[twin.pk])).content.decode()
    assert "This is an earlier record" in text
    assert "Edit patient" not in text


def test_papers_printed_say_where_the_earlier_ones_are(client, cast, twin):
    client.force_login(cast.omar.user)
    merged(twin, cast.jane, by=cast.ade)
    text = client.get(reverse("patients:consents_print", args=[cast.jane.pk])).content.decode()
    assert "An earlier record of the same person, MRN T-0009" in text


def test_the_history_of_either_record_tells_of_the_merge(client, cast, twin):
    client.force_login(cast.omar.user)
    merged(twin, cast.jane, by=cast.ade, take=("phone",))
    row = Merge.objects.get()
    for patient in (twin, cast.jane):
        asked = {"patient": str(patient.pk), "record": "merge"}
        text = client.get(reverse("audit:history"), asked).content.decode()
        assert "Merge of two records" in text
        assert WHY in text
    text = client.get(reverse("audit:record", args=["merge", row.pk])).content.decode()
    assert "Phone: empty → 207 555 0147" in text


# Routes whose form is not about one patient's record, or which read only.
NOT_OF_A_RECORD = {
    "patients:merge": "refused by its own sentence",
    "patients:merge_undo": "makes the record one of its own again",
    "patients:merge_find": "finds and shows",
    "patients:two_people": "refused by its own sentence",
    "timelogs:session_heartbeat": "of a draft's clock alone, and a record with a draft is not merged",
    "billing:what_if": "calculates and shows; stores nothing",
}
OF_A_RECORD = {
    "patient_id", "consent_id", "visit_id", "service_id", "surgery_id", "stay_id", "assignment_id", "reading_id",
    "attachment_id", "order_id", "plan_id", "request_id", "entry_id", "claim_id", "force_id",
}  # fmt: skip


def who_may(expected: Expected, cast) -> Membership:
    people = [cast.rosa, cast.lena, cast.ana, cast.cora, cast.ade, cast.luis]
    return next(member for member in people if member.role in expected.roles)


@pytest.mark.breaks_invariants
def test_no_address_writes_in_a_merged_record(cast, world):  # noqa: F811
    """Every route that may write and names a row of the record; a new one is asked too. Jane is merged around the act,
    with everything open on her: what is closed anyway could not be told from what is refused."""
    with past_every_refusal("patients_merge") as cursor:
        cursor.execute("UPDATE patients_merge SET undone_at = now()")
        cursor.execute(
            """INSERT INTO patients_merge (id, version, practice_id, duplicate_id, remaining_id, merged_by_id, reason,
                   merged_at, taken, undo_reason, kept)
               VALUES (gen_random_uuid(), 1, %s, %s, %s, %s, 'r', now(), '[]', '', '[]')""",
            [cast.practice.pk, cast.jane.pk, cast.max.pk, cast.ade.pk],
        )
    asked, written = [], {}
    for route in routes():
        if not OF_A_RECORD & set(route.places) or route.name in NOT_OF_A_RECORD:
            continue
        if "POST" not in set(methods(route)):
            continue
        client = Client()
        client.force_login(who_may(TABLE[route.name], cast).user)
        answer = client.post(address_of(route, world), {"operation_id": str(uuid4())})
        asked.append(route.name)
        if answer.status_code != 422 or "was merged into that of ROE, Max" not in answer.content.decode():
            written[route.name] = answer.status_code
    assert len(asked) > 50
    assert written == {}
