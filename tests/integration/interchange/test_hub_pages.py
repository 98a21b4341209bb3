"""The pages of hubs: connected, given another secret and ended by administrators, seen by auditors."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from accounts.permissions import Role
from interchange.models import Hub, HubSecret
from tests import factories
from tests.hubs import HubSender, heart, hub
from tests.integration.interchange.test_integrations import PAGE, signed_in, words

NEW, SHOWN = "/integrations/hubs/new/", "/integrations/hubs/shown/"


@pytest.fixture
def ade(cast):
    return signed_in(cast.ade)


def typed(**more) -> dict:
    given = {"name": "Cellular cloud", "vendor": "generic", "per_minute": "120"}
    return {"operation_id": str(uuid4()), **given, **more}


def secret_in(answer) -> str:
    return next(
        part
        for part in words(answer).replace("<", " ").replace(">", " ").split()
        if part.startswith("rpmhub_")
    )


def test_a_hub_is_connected_and_its_secret_shown_once(cast, ade):
    answer = ade.post(NEW, typed(), follow=True)
    row, secret = Hub.objects.get(), secret_in(answer)
    assert f"/hubs/{row.key}/</code>" in words(answer)
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert HubSender(row, secret).send({"readings": [heart()]}).status_code == 200
    assert "The secret was shown already" in words(ade.get(SHOWN))
    assert secret not in str(list(ade.session.items()))
    assert secret not in words(ade.get(PAGE))


def test_pressed_twice_it_is_one_hub_and_one_secret(ade):
    form = typed()
    assert [ade.post(NEW, form).status_code for _ in range(2)] == [303, 303]
    row = Hub.objects.get()
    form = {"operation_id": str(uuid4()), "overlap": "7"}
    assert [ade.post(f"/integrations/hubs/{row.pk}/secret/", form).status_code for _ in range(2)] == [
        303,
        303,
    ]
    assert HubSecret.objects.count() == 2
    assert "rpmhub_" in words(ade.get(SHOWN))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": ""}, "Enter the name of the vendor or gateway that will send."),
        ({"name": "x" * 61}, "The name must be 60 characters or fewer. It has 61: shorten it."),
        ({"vendor": ""}, "Choose what it sends."),
        ({"vendor": "nobody"}, "nobody is not one of the available choices."),
        ({"per_minute": "0"}, "At least 1 message per minute."),
        ({"per_minute": "601"}, "At most 600 messages per minute."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(ade, given, sentence):
    answer = ade.post(NEW, typed(**given))
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert not Hub.objects.exists()


def test_a_name_that_is_taken_is_refused(ade):
    ade.post(NEW, typed())
    answer = ade.post(NEW, typed())
    assert (answer.status_code, "is there already" in words(answer)) == (422, True)


def test_the_password_is_asked_again(cast, ade):
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        session = ade.session
        session["last_input_at"] = timezone.now().isoformat()
        session.save()
        assert ade.post(NEW, typed()).status_code == 403
    assert not Hub.objects.exists()


def test_an_ended_hub_takes_nothing_and_cannot_be_ended_again(cast, ade):
    row, secret = hub(cast.ade)
    address = f"/integrations/hubs/{row.pk}/end/"
    assert ade.post(address, {"operation_id": str(uuid4()), "reason": ""}).status_code == 422
    assert ade.post(address, {"operation_id": str(uuid4()), "reason": "Changed vendor"}).status_code == 303
    assert HubSender(row, secret).send({"readings": [heart()]}).status_code == 401
    again = ade.post(address, {"operation_id": str(uuid4()), "reason": "Again"})
    assert (again.status_code, "This hub was ended already." in words(again)) == (422, True)
    another = ade.post(f"/integrations/hubs/{row.pk}/secret/", {"operation_id": str(uuid4()), "overlap": "0"})
    assert (another.status_code, "This hub was ended." in words(another)) == (422, True)
    row.refresh_from_db()
    assert row.history.first().history_change_reason == "Changed vendor"
    assert "Changed vendor" in words(ade.get(PAGE))


def test_auditors_see_hubs_and_change_none(cast):
    row, _ = hub(cast.ade)
    omar = signed_in(cast.omar)
    text = words(omar.get(PAGE))
    assert "Cellular cloud" in text
    assert "New secret…" not in text
    for address in (NEW, f"/integrations/hubs/{row.pk}/secret/", f"/integrations/hubs/{row.pk}/end/"):
        assert omar.post(address, {"operation_id": str(uuid4())}).status_code == 403


def test_another_practices_hubs_are_not_there(cast, ade):
    far = factories.membership(
        cast.elsewhere, "Far Admin", Role.ADMINISTRATOR, email="far-admin@example.test"
    )
    row, _ = hub(far, name="Foreign cloud")
    assert "Foreign cloud" not in words(ade.get(PAGE))
    for act in ("secret", "end"):
        assert (
            ade.post(f"/integrations/hubs/{row.pk}/{act}/", {"operation_id": str(uuid4())}).status_code == 404
        )


def test_what_a_hub_sent_stands_in_the_history_under_its_name(cast):
    row, secret = hub(cast.ade)
    HubSender(row, secret).send({"readings": [heart()]})
    text = words(signed_in(cast.omar).get("/history/", {"who": str(row.pk)}))
    assert f'<option value="{row.pk}" selected>hub: Cellular cloud</option>' in text


def test_whoever_ends_a_role_is_told_whose_secrets_end_with_it(cast, ade):
    abe = factories.membership(cast.practice, "Abe Admin", Role.ADMINISTRATOR, email="abe@example.test")
    hub(abe)
    assert "Secrets of hubs made by Abe Admin end with the role: Cellular cloud." in words(
        ade.get(f"/people/{abe.pk}/end/")
    )


def test_the_questions_of_the_page_do_not_grow(cast, ade, django_assert_max_num_queries):
    hub(cast.ade, name="1")
    ade.get(PAGE)
    with django_assert_max_num_queries(26):
        ade.get(PAGE)
    for number in range(2, 15):
        hub(cast.ade, name=str(number))
    with django_assert_max_num_queries(26):
        ade.get(PAGE)
