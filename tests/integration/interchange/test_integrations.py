"""The page of integrations: tokens are made, shown once and ended by administrators, and read by auditors."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.permissions import Role
from authentication.models import ApiToken
from tests import factories
from tests.integration.interchange.fhir.sent import Sender, ida, jane
from tests.tokens import Program, token

PAGE, NEW, SHOWN = "/integrations/", "/integrations/tokens/new/", "/integrations/tokens/shown/"


@pytest.fixture
def ade(cast) -> Client:
    return signed_in(cast.ade)


def signed_in(member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def typed(cast, **more) -> dict:
    day = cast.practice.today() + timedelta(days=30)
    given = {
        "name": "Hospital feed",
        "scopes": ["patients.read", "patients.write"],
        "expires_on": day.isoformat(),
    }
    return {"operation_id": str(uuid4()), "per_minute": "120", "networks": "", **given, **more}


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_token_is_made_and_shown_once(cast, ade):
    answer = ade.post(NEW, typed(cast), follow=True)
    row = ApiToken.objects.get()
    text = words(answer)
    written = next(
        part for part in text.replace("<", " ").replace(">", " ").split() if part.startswith("rpm_")
    )
    assert "It is shown this once." in text
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert Program(written).get("/fhir/Patient").status_code == 200
    assert (row.made_by, row.scopes) == (cast.ade, ["patients.read", "patients.write"])
    last = cast.practice.today() + timedelta(days=30)
    assert row.expires_at.astimezone(cast.practice.tz).date() == last + timedelta(days=1)
    assert written not in words(ade.get(SHOWN))
    assert "The token was shown already" in words(ade.get(SHOWN))
    assert written not in str(list(ade.session.items()))
    assert written not in words(ade.get(PAGE))


def test_pressed_twice_it_is_one_token_and_is_shown(cast, ade):
    form = typed(cast)
    first, second = ade.post(NEW, form), ade.post(NEW, form)
    assert (first.status_code, second.status_code, second.url) == (303, 303, SHOWN)
    assert ApiToken.objects.count() == 1
    assert "rpm_" in words(ade.get(SHOWN))


def test_a_token_is_shown_to_nobody_else(cast, ade):
    abe = factories.membership(cast.practice, "Abe Admin", Role.ADMINISTRATOR, email="abe@example.test")
    ade.post(NEW, typed(cast))
    assert "The token was shown already" in words(signed_in(abe).get(SHOWN))


def test_before_a_token_the_password_is_asked_again(cast, ade):
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        session = ade.session
        session["last_input_at"] = timezone.now().isoformat()
        session.save()
        answer = ade.post(NEW, typed(cast))
        assert answer.status_code == 403
        assert "password" in words(answer).lower()
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": ""}, "Enter the name of the system that will use it."),
        ({"name": "x" * 61}, "The name must be 60 characters or fewer. It has 61: shorten it."),
        ({"scopes": []}, "Choose what it may do."),
        ({"scopes": ["claims.write"]}, "claims.write is not one of the available choices."),
        ({"per_minute": "0"}, "At least 1 request per minute."),
        ({"per_minute": "601"}, "At most 600 requests per minute."),
        ({"expires_on": "soon"}, "The last day must be a real date, like 20 Jan 2027."),
        ({"networks": "10.0.0.0/8\nthe office"}, "is no address. Write one like 192.0.2.10"),
        ({"networks": "\n".join(f"10.0.{n}.0/24" for n in range(21))}, "At most 20 addresses or networks."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(cast, ade, given, sentence):
    answer = ade.post(NEW, typed(cast, **given))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert given.get("networks", "").split("\n")[0] in words(answer)
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(("days", "status"), [(-1, 422), (0, 303), (365, 303), (366, 422)])
def test_a_token_lasts_from_today_to_a_year(cast, ade, days, status):
    day = cast.practice.today() + timedelta(days=days)
    assert ade.post(NEW, typed(cast, expires_on=day.isoformat())).status_code == status


def test_networks_are_kept_as_networks(cast, ade):
    ade.post(NEW, typed(cast, networks="192.0.2.10, 10.1.2.3/8\n10.0.0.0/8 2001:db8::1"))
    assert ApiToken.objects.get().networks == ["192.0.2.10/32", "10.0.0.0/8", "2001:db8::1/128"]


def test_a_name_that_is_taken_is_refused_at_its_field(cast, ade):
    ade.post(NEW, typed(cast))
    answer = ade.post(NEW, typed(cast))
    assert (answer.status_code, "is there already" in words(answer)) == (422, True)


def test_an_ended_token_lets_nobody_in_and_says_why(cast, ade):
    row, written = token(cast.ade)
    address = f"/integrations/tokens/{row.pk}/end/"
    assert ade.post(address, {"operation_id": str(uuid4()), "reason": ""}).status_code == 422
    assert Program(written).get("/fhir/Patient").status_code == 200
    ended = {"operation_id": str(uuid4()), "reason": "The vendor was changed."}
    assert [ade.post(address, ended).status_code for _ in range(2)] == [303, 303]
    assert Program(written).get("/fhir/Patient").status_code == 401
    row.refresh_from_db()
    line = row.history.first()
    assert (row.ended_by, row.ended_why, line.history_change_reason) == (
        cast.ade, "The vendor was changed.", "The vendor was changed."
    )  # fmt: skip
    answer = ade.post(address, {**ended, "operation_id": str(uuid4())})
    assert (answer.status_code, "This token was ended already." in words(answer)) == (422, True)
    assert "The vendor was changed." in words(ade.get(PAGE))


def test_the_page_says_what_happens_under_each_token(cast, ade):
    hospital = Sender(cast.ade)
    hospital.post(ida())
    hospital.post(ida(gender="F"))
    hospital.post(jane(telecom=[{"system": "phone", "value": "555-0100"}]))
    text = words(ade.get(PAGE))
    for said in ("Hospital feed", f"rpm_{hospital.row.key}_…", "Read patients and coverages", "from 127.0.0.1",
                 "Content refused: 1", "1 patient from other systems waits for a decision."):  # fmt: skip
        assert said in text
    for address in ("/fhir", "/fhir/metadata", "/hl7/v2"):
        assert f"{address}</code>" in text


def test_auditors_read_and_change_nothing(cast):
    row, _ = token(cast.ade)
    omar = signed_in(cast.omar)
    text = words(omar.get(PAGE))
    assert "Hospital feed" in text
    assert "Make a token" not in text
    assert "End…" not in text
    for address in (NEW, f"/integrations/tokens/{row.pk}/end/"):
        assert omar.post(address, {"operation_id": str(uuid4())}).status_code == 403
    assert signed_in(cast.cora).get(PAGE).status_code == 403


def test_another_practices_tokens_are_not_there(cast, ade):
    far = factories.membership(
        cast.elsewhere, "Far Admin", Role.ADMINISTRATOR, email="far-admin@example.test"
    )
    row, _ = token(far, name="Foreign feed")
    assert "Foreign feed" not in words(ade.get(PAGE))
    assert ade.post(f"/integrations/tokens/{row.pk}/end/", {"operation_id": str(uuid4())}).status_code == 404


def test_the_questions_of_the_page_do_not_grow(cast, ade, django_assert_max_num_queries):
    for number in range(3):
        token(cast.ade, name=f"feed {number}")
    ade.get(PAGE)
    with django_assert_max_num_queries(26):
        ade.get(PAGE)
    for number in range(3, 20):
        token(cast.ade, name=f"feed {number}")
    with django_assert_max_num_queries(26):
        ade.get(PAGE)


def test_whoever_ends_a_role_is_told_which_tokens_end_with_it(cast, ade):
    abe = factories.membership(cast.practice, "Abe Admin", Role.ADMINISTRATOR, email="abe@example.test")
    token(abe)
    text = words(ade.get(f"/people/{abe.pk}/end/"))
    assert "Tokens made by Abe Admin end with the role: Hospital feed." in text
    text = words(ade.get(f"/people/{cast.luis.pk}/end/"))
    assert "Tokens made by" not in text


def test_an_auditor_sees_what_came_by_a_token(cast):
    hospital = Sender(cast.ade)
    hospital.post(ida())
    omar = signed_in(cast.omar)
    for page in ("/history/", "/history/access/"):
        text = words(omar.get(page, {"who": str(hospital.row.pk)}))
        assert f'<option value="{hospital.row.pk}" selected>token: Hospital feed</option>' in text
        assert "BELL, Ida" in text
