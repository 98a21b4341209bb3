"""The second factor at sign-in: asked for, required, proved once, and never gone around."""

from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.practice_policies import set_policy
from audit.models import SignInEvent, SignInKind
from authentication import acts, recovery, totp
from authentication.links import reset_address
from authentication.models import FactorKind, FactorUse, SecondFactor
from dispatch.models import OutboxMessage
from dispatch.outbox import deliver
from foundation.context import acting
from foundation.refusals import Refused
from tests import factories
from tests.cast import PASSWORD

SECOND, SET_UP = "/sign-in/second/", "/sign-in/set-up/"
NEW = "otter quilt lantern seven"


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR_BY_POLICY = True


@pytest.fixture
def app(cast) -> str:
    """The key of Rosa's authenticator app, set up an hour ago."""
    key, then = totp.new_key(), timezone.now() - timedelta(hours=1)
    acts.add_app(cast.rosa.user, key=key, code=totp.code_at(key, then), at=then)
    return key


def signs_in(client, email="rosa@example.test", password=PASSWORD, **more):
    return client.post("/sign-in/", {"username": email, "password": password, **more})


def is_in(client) -> bool:
    return client.get("/security/").status_code == 200


def now_code(key: str) -> str:
    return totp.code_at(key, timezone.now())


def at_once(one) -> None:
    threads = [Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# Asked for ------------------------------------------------------------------------------------------------------


def test_a_right_password_and_a_right_code_lead_to_the_page_one_wanted(cast, client, app):
    assert signs_in(client, next="/inbox/").url == SECOND
    assert not is_in(client)
    assert client.post(SECOND, {"code": now_code(app)}).url == "/inbox/"
    assert is_in(client)


def test_digits_in_two_groups_or_full_width_are_as_good(cast, client, app):
    signs_in(client)
    code = now_code(app)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code[3:])
    assert client.post(SECOND, {"code": f"{code[:3]} {wide}"}).status_code == 302


def test_nothing_opens_between_password_and_code(cast, client, app):
    signs_in(client)
    for address in ("/", "/inbox/", f"/patients/{cast.jane.pk}/", "/my/sessions/", "/security/"):
        answer = client.get(address)
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/sign-in/"), address
    assert SignInEvent.objects.filter(kind=SignInKind.SIGNED_IN).count() == 0


def test_without_a_password_there_is_no_second_step(cast, client, app):
    assert client.get(SECOND).url == "/sign-in/"
    assert client.post(SECOND, {"code": now_code(app)}).url == "/sign-in/"
    assert client.get(SET_UP).url == "/sign-in/"


def test_who_has_a_factor_cannot_set_up_another_with_the_password_alone(cast, client, app):
    signs_in(client)
    assert client.get(SET_UP).url == SECOND
    assert client.post(SET_UP, {"code": "123456"}).url == SECOND


def test_the_half_sign_in_lasts_ten_minutes_and_ends_with_the_password(cast, client, app):
    signs_in(client)
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1), tick=False):
        assert client.post(SECOND, {"code": now_code(app)}).url == "/sign-in/"
    signs_in(client)
    user = cast.rosa.user
    user.refresh_from_db()
    acts.choose_password(user, NEW, at=timezone.now())
    assert client.get(SECOND).url == "/sign-in/"


def test_the_session_has_a_new_key_after_the_password_and_after_the_code(cast, client, app):
    client.get("/sign-in/forgotten/")
    client.cookies["session"] = "fixed" * 6
    signs_in(client)
    first = client.cookies["session"].value
    client.post(SECOND, {"code": now_code(app)})
    second = client.cookies["session"].value
    assert len({"fixed" * 6, first, second}) == 3
    stale = Client()
    stale.cookies["session"] = first
    assert not is_in(stale)


# Once, and not by guessing --------------------------------------------------------------------------------------


def test_a_code_lets_in_once(cast, client, app):
    code = now_code(app)
    signs_in(client)
    assert client.post(SECOND, {"code": code}).status_code == 302
    again = Client()
    signs_in(again)
    assert again.post(SECOND, {"code": code}).status_code == 422
    assert not is_in(again)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_with_one_code_one_comes_in(cast):
    key, then = totp.new_key(), timezone.now() - timedelta(hours=1)
    acts.add_app(cast.rosa.user, key=key, code=totp.code_at(key, then), at=then)
    code, at, barrier, found = now_code(key), timezone.now(), Barrier(2), []

    def one():
        barrier.wait()
        found.append(acts.use_app(cast.rosa.user, code, at=at))
        connection.close()

    at_once(one)
    assert sorted(found) == [False, True]


def test_after_five_wrong_codes_the_right_one_is_refused_for_a_quarter_of_an_hour(cast, client, app):
    signs_in(client)
    answers = [client.post(SECOND, {"code": f"00000{n}"}).status_code for n in range(5)]
    assert answers == [422] * 5
    assert client.post(SECOND, {"code": now_code(app)}).status_code == 429
    other = Client()
    signs_in(other)
    assert other.post(SECOND, {"code": now_code(app)}).status_code == 429
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        signs_in(other)
        assert other.post(SECOND, {"code": now_code(app)}).status_code == 302


def test_guesses_that_come_at_once_are_counted_one_after_the_other(cast, client, app):
    """Also of somebody who works nowhere today, whose tries belong to no practice."""
    cast.rosa.ends_on = cast.practice.today()
    cast.rosa.save()
    signs_in(client)
    assert [client.post(SECOND, {"code": f"00000{n}"}).status_code for n in range(6)] == [422] * 5 + [429]
    rows = SignInEvent.objects.filter(kind=SignInKind.WRONG_CODE)
    assert {(row.practice, row.actor_id) for row in rows} == {(None, cast.rosa.user_id)}


def test_wrong_codes_stand_in_the_practices_list(cast, client, app):
    signs_in(client)
    client.post(SECOND, {"code": "000000"})
    row = SignInEvent.objects.get(kind=SignInKind.WRONG_CODE)
    assert (row.practice, row.actor_id) == (cast.practice, cast.rosa.user_id)
    client.force_login(cast.ade.user)
    page = client.get("/people/?show=failed").content.decode()
    assert "Not signed in, as Rosa Nguyen, RN" in page
    assert "Wrong second factor" in page


# Recovery codes -------------------------------------------------------------------------------------------------


def test_a_recovery_code_lets_in_once_however_it_is_typed(cast, client, app):
    codes = recovery.new_codes(cast.rosa.user, at=timezone.now())
    signs_in(client)
    assert client.post(SECOND, {"code": codes[0].upper().replace("-", " ")}).status_code == 302
    other = Client()
    signs_in(other)
    assert other.post(SECOND, {"code": codes[0]}).status_code == 422
    assert recovery.left(cast.rosa.user) == 9
    assert SignInEvent.objects.filter(kind=SignInKind.RECOVERY, practice=cast.practice).count() == 1


def test_a_new_set_voids_the_one_before_and_is_kept_as_digests(cast, app):
    before = recovery.new_codes(cast.rosa.user, at=timezone.now())
    recovery.new_codes(cast.rosa.user, at=timezone.now())
    assert not recovery.use(cast.rosa.user, before[0], at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(r::text, '|') FROM authentication_recoverycode r")
        rows = cursor.fetchone()[0]
    assert not any(code in rows or code.replace("-", "") in rows for code in before)


@pytest.mark.django_db(transaction=True)
def test_of_two_sets_asked_for_at_once_one_is_good(cast):
    barrier, found = Barrier(2), []

    def one():
        barrier.wait()
        found.append(recovery.new_codes(cast.rosa.user, at=timezone.now()))
        connection.close()

    for _ in range(5):
        at_once(one)
        assert recovery.left(cast.rosa.user) == recovery.COUNT
    assert len(found) == 10


@pytest.mark.django_db(transaction=True)
def test_a_reset_and_a_removal_at_once_wait_for_each_other(cast):
    key, then = totp.new_key(), timezone.now() - timedelta(hours=1)
    row = acts.add_app(cast.rosa.user, key=key, code=totp.code_at(key, then), at=then)
    barrier, found = Barrier(2), []

    def act(do):
        barrier.wait()
        try:
            with acting("Ade Admin"):
                do()
            found.append("done")
        except Refused:
            found.append("refused")
        connection.close()

    at = timezone.now()
    both = iter([lambda: acts.remove(row, at=at), lambda: acts.reset_factors(cast.rosa, by=cast.ade, at=at)])
    at_once(lambda: act(next(both)))
    assert sorted(found) == ["done", "refused"]


def test_anothers_recovery_code_is_none(cast, client, app):
    codes = recovery.new_codes(cast.luis.user, at=timezone.now())
    signs_in(client)
    assert client.post(SECOND, {"code": codes[0]}).status_code == 422


# Required -------------------------------------------------------------------------------------------------------


def test_where_the_practice_requires_one_the_first_sign_in_sets_it_up(cast, client, required):
    assert signs_in(client, next="/inbox/").url == SET_UP
    assert not is_in(client)
    page = client.get(SET_UP).content.decode()
    key = client.session["new_app_key"]["key"]
    assert totp.in_groups(key) in page
    assert client.post(SET_UP, {"code": "000000"}).status_code == 422
    assert client.session["new_app_key"]["key"] == key
    answer = client.post(SET_UP, {"code": now_code(key)})
    assert 'href="/inbox/"' in answer.content.decode()
    assert answer.content.decode().count("<li><code>") == 10
    assert is_in(client)


def test_a_key_that_one_person_has_seen_is_not_offered_to_the_next(cast, client, required):
    signs_in(client)
    client.get(SET_UP)
    seen = client.session["new_app_key"]["key"]
    signs_in(client, email="luis@example.test")
    page = client.get(SET_UP).content.decode()
    assert totp.in_groups(seen) not in page
    assert client.post(SET_UP, {"code": now_code(seen)}).status_code == 422
    assert not SecondFactor.objects.of(cast.luis.user).exists()


def test_a_key_seen_before_a_sign_in_without_a_second_factor_is_not_offered_either(cast, client, required):
    signs_in(client)
    client.get(SET_UP)
    seen = client.session["new_app_key"]["key"]
    for practice in (cast.practice, cast.elsewhere):
        set_policy(practice, key="second_factor", value=False, starts_on=practice.today(), why="small office")
    assert signs_in(client, email="dan@example.test").url == "/"
    assert totp.in_groups(seen) not in client.get("/security/factors/new/").content.decode()


def test_a_practice_may_leave_it_to_each(cast, client, required):
    set_policy(
        cast.practice, key="second_factor", value=False, starts_on=cast.practice.today(), why="small office"
    )
    assert signs_in(client).url == "/"


def test_one_of_her_practices_is_enough_to_require_it(cast, client, required):

    set_policy(
        cast.practice, key="second_factor", value=False, starts_on=cast.practice.today(), why="small office"
    )
    there = cast.dan
    member = factories.saved(
        type(there)(
            practice=cast.elsewhere,
            user=cast.rosa.user,
            role="nurse",
            credential="RN",
            staff_kind=there.staff_kind,
            starts_on=there.starts_on,
        )
    )
    assert member.pk
    assert signs_in(client).url == SET_UP


def test_the_last_factor_stays_where_one_is_required(cast, app, required):
    factor = SecondFactor.objects.get(user=cast.rosa.user)
    with pytest.raises(Refused, match="this is your only one"):
        acts.remove(factor, at=timezone.now())


# Forgotten ------------------------------------------------------------------------------------------------------


def asks(client, email: str):
    return client.post("/sign-in/forgotten/", {"email": email})


def test_a_reset_changes_the_password_and_does_not_go_around_the_second_factor(cast, client, app):
    assert "is on its way" in asks(client, "Rosa@example.test").content.decode()
    deliver(OutboxMessage.objects.get(topic="authentication.reset").pk)
    link = next(word for word in mail.outbox[-1].body.split() if "/reset/" in word)
    address = "/" + link.partition("//")[2].partition("/")[2]
    assert client.get(address).url == "/sign-in/choose/"
    typed = {"new_password": NEW, "new_password_again": NEW}
    assert client.post("/sign-in/choose/", typed).url == "/sign-in/"
    assert not is_in(client)
    assert signs_in(client).status_code == 200
    assert signs_in(client, password=NEW).url == SECOND
    assert Client().get(address).status_code == 410


def test_the_answer_is_the_same_for_an_address_that_nobody_has(cast, client):
    known, unknown = asks(client, "rosa@example.test"), asks(client, "nobody@example.test")
    same = [
        answer.content.decode().replace(email, "x").replace(str(answer.context["csrf_token"]), "")
        for answer, email in ((known, "rosa@example.test"), (unknown, "nobody@example.test"))
    ]
    assert (known.status_code, same[0]) == (unknown.status_code, same[1])
    assert OutboxMessage.objects.filter(topic="authentication.reset").count() == 1


def test_no_second_mail_within_five_minutes(cast, client):
    asks(client, "rosa@example.test")
    asks(client, "rosa@example.test")
    assert OutboxMessage.objects.filter(topic="authentication.reset").count() == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        asks(client, "rosa@example.test")
    assert OutboxMessage.objects.filter(topic="authentication.reset").count() == 2


def test_a_link_dies_in_an_hour(cast, client):
    address = reset_address(cast.rosa.user)
    with time_machine.travel(timezone.now() + timedelta(seconds=3601)):
        assert client.get(address).status_code == 410
    assert client.get("/sign-in/choose/").status_code == 404


def test_a_weak_or_mistyped_password_is_said_at_its_field(cast, client):
    client.get(reset_address(cast.rosa.user))
    weak = client.post(
        "/sign-in/choose/", {"new_password": "123456789012", "new_password_again": "123456789012"}
    )
    other = client.post("/sign-in/choose/", {"new_password": NEW, "new_password_again": NEW + "x"})
    assert (weak.status_code, other.status_code) == (422, 422)
    assert "is a pattern" in weak.content.decode()
    assert "The two passwords differ" in other.content.decode()


# By an administrator --------------------------------------------------------------------------------------------


def resets(client, member):
    typed = {"operation_id": str(uuid4()), "reason": "lost her phone, asked by voice"}
    return client.post(f"/people/{member.pk}/second-factor/", typed)


def test_an_administrator_resets_it_and_she_is_out_at_her_next_request(cast, client, app):
    rosa = Client()
    signs_in(rosa)
    rosa.post(SECOND, {"code": now_code(app)})
    recovery.new_codes(cast.rosa.user, at=timezone.now())
    client.force_login(cast.ade.user)
    assert resets(client, cast.rosa).status_code == 303
    assert not is_in(rosa)
    assert not SecondFactor.objects.of(cast.rosa.user).exists()
    assert recovery.left(cast.rosa.user) == 0
    row = SecondFactor.history.first()
    assert (row.history_change_reason, row.actor_label) == ("lost her phone, asked by voice", "Ade Admin")


@pytest.mark.parametrize("days", [0, -1, 1])
def test_only_who_works_here_today_is_reset(days, cast, client, app):
    """Ended today or yesterday, or to come tomorrow: where she works now is not this administrator's."""
    today = cast.practice.today()
    if days > 0:
        cast.rosa.starts_on = today + timedelta(days=days)
    else:
        cast.rosa.ends_on = today + timedelta(days=days)
    cast.rosa.save()
    there = factories.saved(
        type(cast.dan)(
            practice=cast.elsewhere, user=cast.rosa.user, role="nurse", credential="RN",
            staff_kind=cast.dan.staff_kind, starts_on=cast.dan.starts_on,
        )
    )  # fmt: skip
    rosa = Client()
    rosa.force_login(there.user)
    client.force_login(cast.ade.user)
    answer = resets(client, cast.rosa)
    assert (answer.status_code, "does not work here" in answer.content.decode()) == (422, True)
    assert is_in(rosa)
    assert SecondFactor.objects.of(cast.rosa.user).exists()
    assert f"/people/{cast.rosa.pk}/second-factor/" not in client.get("/people/").content.decode()


def test_nobody_resets_her_own(cast, client):
    client.force_login(cast.ade.user)
    assert resets(client, cast.ade).status_code == 422


# By the database ------------------------------------------------------------------------------------------------


def refused(**row) -> bool:
    try:
        with transaction.atomic():
            SecondFactor(added_at=timezone.now(), **row).save()
    except IntegrityError:
        return True
    return False


def test_the_database_refuses_a_factor_without_its_key_and_a_second_app(cast, app):
    user = cast.luis.user
    assert refused(user=user, kind=FactorKind.TOTP, name="n")
    assert refused(user=user, kind=FactorKind.PASSKEY, name="n", secret="s")
    assert refused(user=user, kind=FactorKind.TOTP, name="", secret="s")
    assert refused(user=cast.rosa.user, kind=FactorKind.TOTP, name="n", secret="s")


def test_the_key_is_encrypted_and_stands_in_no_history(cast, app):
    with connection.cursor() as cursor:
        cursor.execute("SELECT f::text FROM authentication_secondfactor f")
        row = cursor.fetchone()[0]
        cursor.execute("SELECT h::text FROM authentication_historicalsecondfactor h")
        history = cursor.fetchone()[0]
    assert app not in row
    sealed = SecondFactor.objects.get().secret
    assert sealed not in history
    assert FactorUse.objects.count() == 1
