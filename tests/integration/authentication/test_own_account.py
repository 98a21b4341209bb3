"""One's own password, sessions and factors; proving again who one is; limits by address and by time."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import SignInEvent, SignInKind
from authentication import acts, totp
from authentication.models import BrowserSession, SecondFactor
from authentication.policies import ADDRESS_LIMITS
from dispatch.models import OutboxMessage
from dispatch.outbox import deliver
from tests.architecture.walk import every_route
from tests.cast import PASSWORD
from timelogs.clock import acts as clock
from timelogs.models import Clock, ClockState

NEW = "otter quilt lantern seven"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


def signed_in(email="rosa@example.test", password=PASSWORD, **more) -> Client:
    client = Client(**more)
    assert client.post("/sign-in/", {"username": email, "password": password}).status_code == 302
    return client


def send(client, path: str, **typed):
    return client.post(path, {"operation_id": str(uuid4()), **typed})


def is_in(client) -> bool:
    return client.get("/security/").status_code == 200


# The password ---------------------------------------------------------------------------------------------------


def change(client, today=PASSWORD, new=NEW, again=NEW):
    typed = {"password_today": today, "new_password": new, "new_password_again": again}
    return send(client, "/security/password/", **typed)


def test_a_changed_password_ends_every_other_sign_in_and_is_told_by_mail(cast):
    here, there = signed_in(), signed_in()
    assert change(here).status_code == 303
    assert is_in(here)
    assert not is_in(there)
    assert User.objects.get(email="rosa@example.test").check_password(NEW)
    deliver(OutboxMessage.objects.get(topic="authentication.password_changed").pk)
    assert mail.outbox[-1].to == ["rosa@example.test"]
    assert is_in(signed_in(password=NEW))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"today": "wrong"}, "This is not your password of today."),
        ({"again": "another one, long"}, "The two passwords differ."),
        ({"new": "rosa@example.test", "again": "rosa@example.test"}, "too similar to the email"),
        ({"new": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"}, "is a pattern"),
    ],
)
def test_a_wrong_one_is_said_and_changes_nothing(cast, typed, sentence):
    client = signed_in()
    answer = change(client, **typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert User.objects.get(email="rosa@example.test").check_password(PASSWORD)


def test_the_password_of_today_cannot_be_guessed_here_either(cast):
    client = signed_in()
    answers = [change(client, today=f"wrong {n}").status_code for n in range(6)]
    assert answers[-1] == 429


def test_a_double_click_changes_it_once(cast):
    client = signed_in()
    assert [change(client).status_code for _ in range(2)] == [303, 422]
    assert OutboxMessage.objects.filter(topic="authentication.password_changed").count() == 1


# Where one is signed in -----------------------------------------------------------------------------------------


def test_the_list_names_each_browser_and_ends_one(cast):
    here = signed_in(headers={"user-agent": CHROME}, REMOTE_ADDR="192.0.2.10")
    there = signed_in(REMOTE_ADDR="192.0.2.77")
    page = here.get("/security/").content.decode()
    assert "Chrome on Windows" in page
    assert "192.0.2.77" in page
    row = BrowserSession.objects.get(address="192.0.2.77")
    assert send(here, f"/security/sessions/{row.pk}/end/").status_code == 303
    assert not is_in(there)
    assert is_in(here)


def test_everywhere_else_leaves_this_one_and_its_clock(cast):
    here, there, phone = signed_in(), signed_in(), signed_in()
    clock.start_session(cast.jane, by=cast.rosa, at=timezone.now())
    assert send(here, "/security/sessions/end/").status_code == 303
    assert [is_in(each) for each in (here, there, phone)] == [True, False, False]
    assert Clock.objects.get().state == ClockState.RUNNING


def test_anothers_sign_in_is_not_there(cast):
    luis = signed_in("luis@example.test")
    row = BrowserSession.objects.get(user=cast.luis.user)
    assert send(signed_in(), f"/security/sessions/{row.pk}/end/").status_code == 404
    assert is_in(luis)


def test_a_sign_in_that_is_over_leaves_the_list_at_the_next(cast):
    signed_in().post("/sign-out/")
    signed_in()
    assert BrowserSession.objects.filter(user=cast.rosa.user).count() == 1


@pytest.mark.parametrize(("minutes", "inside"), [(719, True), (720, False)])
def test_after_twelve_hours_it_is_over_whatever_she_does(cast, minutes, inside):
    start = timezone.now()
    with time_machine.travel(start, tick=False) as moment:
        client = signed_in()
        for at in range(14, minutes, 14):
            moment.move_to(start + timedelta(minutes=at))
            client.get("/inbox/")
        moment.move_to(start + timedelta(minutes=minutes))
        assert is_in(client) is inside
    assert SignInEvent.objects.filter(kind=SignInKind.TOO_LONG).count() == (not inside)


# Proving again --------------------------------------------------------------------------------------------------

LATER = timedelta(minutes=10, seconds=1)


def later(client):
    session = client.session
    session["proved_at"] = (timezone.now() - LATER).isoformat()
    session.save()
    return client


def test_within_ten_minutes_nothing_is_asked(cast):
    assert signed_in("ade@example.test").get("/people/invite/").status_code == 200


def test_later_the_password_is_asked_and_leads_to_the_page(cast):
    client = later(signed_in("ade@example.test"))
    asked = client.get("/people/invite/")
    assert (asked.status_code, "Is it still you?" in asked.content.decode()) == (403, True)
    typed = {"confirm_password": "wrong", "confirm_opens": "1"}
    wrong = client.post("/people/invite/", typed)
    assert (wrong.status_code, "This password is not right" in wrong.content.decode()) == (422, True)
    right = client.post("/people/invite/", {**typed, "confirm_password": PASSWORD})
    assert (right.status_code, right.url) == (303, "/people/invite/")
    assert client.get("/people/invite/").status_code == 200


def test_what_was_typed_goes_along_and_is_done_once(cast):
    client = later(signed_in("ade@example.test"))
    typed = {
        "operation_id": str(uuid4()),
        "name": "Nina New",
        "email": "nina@example.test",
        "role": "biller",
        "starts_on": cast.practice.today().isoformat(),
    }
    asked = client.post("/people/invite/", typed)
    assert asked.status_code == 403
    assert 'value="Nina New"' in asked.content.decode()
    done = [client.post("/people/invite/", {**typed, "confirm_password": PASSWORD}) for _ in range(2)]
    assert [each.status_code for each in done] == [303, 303]
    assert OutboxMessage.objects.filter(topic="staff.invited").count() == 1


def test_another_persons_password_proves_nothing(cast):
    client = later(signed_in("ade@example.test"))
    cast.luis.user.set_password(NEW)
    cast.luis.user.save()
    typed = {"confirm_password": NEW, "confirm_opens": "1"}
    assert client.post("/people/invite/", typed).status_code == 422


ASKS_AGAIN = {
    "authentication:factor_add",
    "authentication:factor_remove",
    "authentication:recovery_codes",
    "staff:emergency",
    "staff:invite",
    "staff:role_change",
    "staff:role_end",
    "staff:factor_reset",
    "staff:invitation_again",
    "staff:invitation_withdraw",
    "payers:payer_new",
    "payers:payers_usual",
    "payers:payer_change",
    "payers:payer_retire",
    "payers:payer_restore",
    "billing:policy_change",
    "interchange:token_new",
    "interchange:token_end",
    "interchange:hub_new",
    "interchange:hub_secret",
    "interchange:hub_end",
    "billing:identity",
    "billing:name_and_zone",
    "billing:site_new",
    "billing:site",
    "billing:site_end",
    "billing:export_csv",
    "billing:force_confirm",
}


def test_what_would_do_most_harm_asks_again():
    assert {r.name for r in every_route() if getattr(r.view, "asks_again", False)} == ASKS_AGAIN


# One's own second factor ----------------------------------------------------------------------------------------


def test_the_first_app_brings_recovery_codes_and_the_second_takes_its_place(cast):
    client = signed_in()
    client.get("/security/factors/new/")
    key = client.session["new_app_key"]["key"]
    with time_machine.travel(timezone.now()):
        answer = client.post("/security/factors/new/", {"code": totp.code_at(key, timezone.now())})
    assert "Your recovery codes" in answer.content.decode()
    client.get("/security/factors/new/")
    other = client.session["new_app_key"]["key"]
    assert other != key
    assert (
        client.post("/security/factors/new/", {"code": totp.code_at(other, timezone.now())}).status_code
        == 303
    )
    assert SecondFactor.objects.of(cast.rosa.user).count() == 1
    assert SecondFactor.objects.count() == 2


def test_it_is_removed_by_its_owner_alone(cast):
    key, at = totp.new_key(), timezone.now()
    factor = acts.add_app(cast.rosa.user, key=key, code=totp.code_at(key, at), at=at)
    address = reverse("authentication:factor_remove", args=[factor.pk])
    luis, rosa = Client(), Client()
    luis.force_login(cast.luis.user)
    rosa.force_login(cast.rosa.user)
    assert send(luis, address).status_code == 404
    assert send(rosa, address).status_code == 303
    assert send(rosa, address).status_code == 404


# Limits by address ----------------------------------------------------------------------------------------------

SHORT, LONG = ADDRESS_LIMITS


def tries(client, n: int, address="192.0.2.10"):
    typed = {"username": f"nobody{n}@example.test", "password": "x"}
    return client.post("/sign-in/", typed, REMOTE_ADDR=address).status_code


def test_one_address_tries_few_accounts_at_once(cast, client):
    with time_machine.travel(timezone.now(), tick=False):
        answers = [tries(client, n) for n in range(SHORT[1] + 1)]
        assert answers == [200] * SHORT[1] + [429]
        assert tries(client, 99, "192.0.2.77") == 200


def test_and_not_many_in_a_quarter_of_an_hour(cast, client):
    at = timezone.now()
    SignInEvent.objects.bulk_create(
        SignInEvent(
            kind=SignInKind.FAILED,
            actor_label="not signed in",
            request_id=uuid4(),
            at=at - timedelta(minutes=5),
            address="192.0.2.10",
        )
        for _ in range(LONG[1])
    )
    assert tries(client, 0) == 429
    with time_machine.travel(at + timedelta(minutes=11)):
        assert tries(client, 0) == 200


def test_a_failed_sign_in_belongs_to_the_practices_where_the_account_works(cast, client):
    client.post("/sign-in/", {"username": "rosa@example.test", "password": "wrong"})
    tries(client, 0)
    rows = SignInEvent.objects.filter(kind=SignInKind.FAILED).order_by("id")
    assert [(row.practice, row.actor_id) for row in rows] == [
        (cast.practice, cast.rosa.user_id),
        (None, None),
    ]
    client.force_login(cast.ade.user)
    assert "as Rosa Nguyen, RN" in client.get("/people/?show=failed").content.decode()
    far = Client()
    far.force_login(cast.dora.user)
    assert far.get("/people/?show=failed").status_code == 403
