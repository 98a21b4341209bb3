"""Programs come in by a token: which ones do, how often, in which practice, and what they are told who do not."""

import re
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Preferences
from accounts.permissions import Role
from audit.models import AccessEvent, SignInEvent, SignInKind
from authentication.models import TOKEN_LASTS, ApiToken, ApiTokenRefusal, ApiTokenUse, Scope
from authentication.policies import WRONG_TOKENS
from authentication.tasks import remind_of_expiring_tokens
from authentication.tokens import acts, text
from authentication.tokens.expiring import AHEAD
from dispatch.models import Notice
from foundation.context import acting
from foundation.practice_scope import in_practice
from foundation.refusals import Refused
from staff import acts as staff
from tests import factories
from tests.tokens import Program, token

pytestmark = pytest.mark.urls("tests.integration.authentication.token_urls")
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as moment:
        yield moment


def refusals(row: ApiToken) -> dict[str, int]:
    return dict(ApiTokenRefusal.objects.filter(token=row).values_list("why", "count"))


def tell(answer) -> tuple:
    return answer.status_code, answer.content, answer.headers.get("WWW-Authenticate")


def mistyped(written: str) -> str:
    return written[:-1] + ("A" if written[-1] != "A" else "B")


# How it is written ----------------------------------------------------------------------------------------------


def test_a_token_is_written_as_agreed_and_never_twice_the_same():
    made = {str(text.new()) for _ in range(50)}
    assert len(made) == 50
    for each in made:
        assert re.fullmatch(r"rpm_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", each)
        assert str(text.read(f"Bearer {each}")) == each


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic cnBtXw==", "Bearer rpm_short_x", "Bearer rpm_ABCDEFGH_" + "x" * 43,
     "Bearer rpm_abcdefgh_" + "x" * 42, "Bearer rpm_abcdefgh_" + "x" * 44, "Bearer rpm_abcdefgh_" + "é" * 43,
     "rpm_abcdefgh_" + "x" * 43],
)  # fmt: skip
def test_what_is_written_otherwise_is_no_token(header):
    assert text.read(header) is None


# Who comes in ---------------------------------------------------------------------------------------------------


def test_a_token_comes_into_its_practice_alone_and_leaves_its_name(cast):
    row, written = token(cast.ade)
    answer = Program(written).get("/asked/")
    assert (answer.status_code, answer.json()["mrns"]) == (200, ["T-0001", "T-0002"])
    seen = AccessEvent.objects.filter(route="asked")
    assert {e.patient_id for e in seen} == {cast.jane.pk, cast.max.pk}
    assert {(e.actor_label, e.actor_id, e.practice_id) for e in seen} == {
        ("token: Hospital feed", row.pk, cast.practice.pk)
    }
    use = ApiTokenUse.objects.get(token=row)
    assert (use.address, use.in_minute) == ("127.0.0.1", 1)
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert "Set-Cookie" not in answer.headers
    assert not answer.cookies


def test_what_a_token_writes_is_signed_with_its_name(cast):
    row, written = token(cast.ade)
    assert Program(written).post("/sent/", b"fine", content_type="text/plain").content == b"fine"
    line = Preferences.objects.get(user=cast.rosa.user).history.get()
    assert (line.actor_label, line.actor_kind, line.history_user_id) == (
        "token: Hospital feed",
        "token",
        row.pk,
    )


def test_without_a_token_nothing_is_answered_and_nothing_remembered(cast):
    answer = Program().get("/asked/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="RPM Portal"')
    assert answer.json() == {"error": "login", "message": "Send a token: Authorization: Bearer rpm_…"}
    assert not AccessEvent.objects.exists()


def test_a_sign_in_opens_nothing_here_and_a_token_opens_no_page(cast):
    """A cookie is taken off before anybody looks at it; a page does not look for a token."""
    person = Client()
    person.force_login(cast.ana.user)
    assert person.get("/asked/").status_code == 401
    row, written = token(cast.ade)
    both = Program(written)
    both.cookies = person.cookies
    assert both.get("/asked/").json()["cookies"] == []
    for path in ("/patients/", f"/patients/{cast.jane.pk}/", "/people/"):
        answer = Program(written).get(path)
        assert (answer.status_code, answer.url.split("?")[0]) == (302, "/sign-in/")
    # A form of the site needs its own token, whatever other token comes with it.
    answer = both.post("/security/sessions/end/", {"operation_id": str(uuid4())})
    assert answer.status_code == 403


def test_every_token_that_is_not_good_gets_the_same_answer(cast):
    """Unknown, mistyped, ended, over, from elsewhere, made by who left: who tries learns nothing."""
    at = timezone.now()
    ended, of_ended = token(cast.ade, name="ended")
    acts.end(ended, why="test", by=cast.ade, at=at + SECOND)
    over, of_over = token(cast.ade, name="over", at=at - timedelta(days=31))
    far, of_far = token(cast.ade, name="far", networks=["10.0.0.0/8"])
    other = factories.membership(cast.practice, "Abe Admin", Role.ADMINISTRATOR, email="abe@example.test")
    left, of_left = token(other, name="left")
    membership = Membership.objects.get(pk=other.pk)
    membership.ends_on = cast.practice.today()
    membership.save()
    good, of_good = token(cast.ade, name="good")
    wrong = [mistyped(of_good), of_ended, of_over, of_far, of_left, str(text.new()), "nonsense"]
    told = {tell(Program(each).get("/asked/")) for each in wrong}
    (only,) = told
    assert only == (
        401,
        b'{"error": "login", "message": "This token is not good here."}',
        'Bearer realm="RPM Portal", error="invalid_token"',
    )
    assert [refusals(row) for row in (good, ended, over, far, left)] == [
        {"secret": 1}, {"ended": 1}, {"expired": 1}, {"network": 1}, {"maker": 1}
    ]  # fmt: skip
    assert Program(of_good).get("/asked/").status_code == 200


def test_of_the_secret_only_a_digest_is_kept_and_no_history_has_it(cast):
    row, written = token(cast.ade)
    secret = written[13:]
    assert row.digest == text.read(f"Bearer {written}").digest
    assert secret not in str(ApiToken.objects.filter(pk=row.pk).values())
    assert not hasattr(row.history.get(), "digest")


def test_who_tries_tokens_is_limited_by_address_and_told_the_same_of_known_and_unknown(cast, clock):
    """No write once there were too many; and who has a good token from the same address comes in all the same."""
    row, written = token(cast.ade)
    wrong = [mistyped(written), str(text.new()), "nonsense"]
    for _ in range(WRONG_TOKENS // 3):
        assert {Program(each).get("/asked/").status_code for each in wrong} == {401}
    told = {tell(Program(each).get("/asked/")) for each in wrong * 2}
    assert [(status, b"Wait 15 minutes" in body) for status, body, _ in told] == [(429, True)]
    assert refusals(row) == {"secret": WRONG_TOKENS // 3}
    assert SignInEvent.objects.filter(kind=SignInKind.TOKEN).count() == WRONG_TOKENS
    assert Program(written).get("/asked/").status_code == 200
    assert Program(wrong[0], REMOTE_ADDR="192.0.2.7").get("/asked/").status_code == 401
    # The rows are dated by the clock of the database, which goes on.
    clock.shift(timedelta(minutes=16))
    assert Program(wrong[0]).get("/asked/").status_code == 401


def test_of_one_token_only_so_many_wrong_secrets_are_counted_on_a_day(cast, monkeypatch):
    monkeypatch.setattr("authentication.tokens.limits.MOST_COUNTED", 2)
    row, written = token(cast.ade)
    told = {tell(Program(mistyped(written)).get("/asked/"))[0] for _ in range(4)}
    assert (told, refusals(row)) == ({401}, {"secret": 2})


# Scope and limit ------------------------------------------------------------------------------------------------


def test_a_token_does_what_its_scopes_say(cast):
    row, written = token(cast.ade, Scope.PATIENTS_READ)
    answer = Program(written).post("/sent/", b"x", content_type="text/plain")
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
    assert answer["WWW-Authenticate"].endswith('error="insufficient_scope", scope="patients.write"')
    assert refusals(row) == {"scope": 1}
    assert Program(written).get("/asked/").status_code == 200


def test_a_minute_holds_so_many_and_the_next_begins_anew(cast, clock):
    row, written = token(cast.ade, per_minute=3)
    program = Program(written)
    assert [program.get("/asked/").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    clock.shift(timedelta(seconds=59))
    late = program.get("/asked/")
    assert (late.status_code, late["Retry-After"], late.json()["error"]) == (429, "1", "throttled")
    assert refusals(row) == {"limit": 3}
    clock.shift(timedelta(seconds=1))
    assert program.get("/asked/").status_code == 200


def test_a_limit_counts_what_was_refused_for_its_scope_too(cast):
    row, written = token(cast.ade, Scope.PATIENTS_WRITE, per_minute=1)
    assert [Program(written).get("/asked/").status_code for _ in range(2)] == [403, 429]


@pytest.mark.parametrize(
    ("network", "status"),
    [("127.0.0.1/32", 200), ("127.0.0.0/8", 200), ("127.0.0.2/32", 401), ("::1/128", 401)],
)
def test_a_token_may_be_bound_to_networks(cast, network, status):
    written = token(cast.ade, networks=["192.0.2.0/24", network])[1]
    assert Program(written).get("/asked/").status_code == status


def test_a_token_ends_at_the_moment_that_it_says(cast, clock):
    until = timezone.now() + timedelta(minutes=5)
    written = token(cast.ade, expires_at=until)[1]
    clock.move_to(until - SECOND)
    assert Program(written).get("/asked/").status_code == 200
    clock.move_to(until)
    assert Program(written).get("/asked/").status_code == 401


# The end of it --------------------------------------------------------------------------------------------------


def test_an_ended_token_is_refused_at_the_next_request_and_ends_once(cast):
    row, written = token(cast.ade)
    assert Program(written).get("/asked/").status_code == 200
    acts.end(row, why="The hospital changed its vendor.", by=cast.ade, at=timezone.now())
    assert Program(written).get("/asked/").status_code == 401
    with pytest.raises(Refused, match="ended already"):
        acts.end(row, why="again", by=cast.ade, at=timezone.now())
    row = ApiToken.objects.get(pk=row.pk)
    row.ended_at, row.ended_by, row.ended_why = None, None, ""
    with pytest.raises(DatabaseError, match="made and ended once"), transaction.atomic():
        row.save()


class Late(BytesIO):
    """A body during whose coming something happens."""

    def __init__(self, content: bytes, happens):
        super().__init__(content)
        self.happens = happens

    def read(self, *args):
        self.happens()
        return super().read(*args)


def test_a_token_ended_while_the_body_comes_in_writes_nothing(cast):
    row, written = token(cast.ade)

    def ends():
        if ApiToken.objects.get(pk=row.pk).ended_at is None:
            with acting(cast.ade.label), in_practice(cast.practice):
                acts.end(row, why="It leaked.", by=cast.ade, at=timezone.now())

    came = {"wsgi.input": Late(b"fine", ends), "CONTENT_LENGTH": "4"}
    answer = Program(written).post("/sent/", b"fine", content_type="text/plain", **came)
    assert (answer.status_code, answer.json()["message"]) == (401, "This token is not good here.")
    assert refusals(row) == {"ended": 1}
    assert not Preferences.objects.exists()
    assert not AccessEvent.objects.filter(route="sent").exists()


@pytest.mark.parametrize("how", ["left", "became a nurse"])
def test_a_token_ends_with_the_role_of_who_made_it_for_good(cast, how):
    """She saw it. Who needs it still makes another one; nobody gets hers by her coming back."""
    abe = factories.membership(cast.practice, "Abe Admin", Role.ADMINISTRATOR, email="abe@example.test")
    row, written = token(abe)
    today, now = cast.practice.today(), timezone.now()
    if how == "left":
        staff.end_role(abe, ends_on=today, by=cast.ade, at=now)
    else:
        new = {"role": Role.NURSE, "credential": "RN", "npi": ""}
        staff.change_role(abe, **new, starts_on=today, by=cast.ade, at=now)
    assert Program(written).get("/asked/").status_code == 401
    row = ApiToken.objects.get(pk=row.pk)
    assert (row.ended_by, row.ended_why) == (None, "Abe Admin, who made it, no longer runs the practice.")
    assert acts.end_with_role(abe.user, cast.practice, at=now) == 0


def test_a_new_credential_of_who_made_it_ends_no_token(cast):
    abe = factories.membership(cast.practice, "Abe Admin", Role.ADMINISTRATOR, email="abe@example.test")
    _, written = token(abe)
    new = {"role": Role.ADMINISTRATOR, "credential": "MBA", "npi": ""}
    staff.change_role(abe, **new, starts_on=cast.practice.today(), by=cast.ade, at=timezone.now())
    assert Program(written).get("/asked/").status_code == 200


# What goes wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"refuse", 422, {"error": "processing", "message": "Not like this", "where": "words"}),
        (
            b"x" * 101,
            413,
            {
                "error": "too-long",
                "message": "The body is larger than the 100 bytes that this address takes.",
            },
        ),
        (
            b"busy",
            503,
            {"error": "transient", "message": "Busy at the moment. Nothing was taken in: send it again."},
        ),
    ],
)
def test_what_is_refused_is_said_in_the_same_shape_and_nothing_is_written(cast, body, status, said):
    row, written = token(cast.ade)
    program = Program(written)
    program.raise_request_exception = False
    answer = program.post("/sent/", body, content_type="text/plain")
    assert (answer.status_code, answer.json()) == (status, said)
    assert not Preferences.objects.exists()


def test_a_fault_says_nothing_of_its_cause_and_is_counted(cast):
    row, written = token(cast.ade)
    program = Program(written)
    program.raise_request_exception = False
    answer = program.post("/sent/", b"break", content_type="text/plain")
    assert answer.status_code == 500
    assert re.fullmatch(
        r"This failed on our side\. Nothing was taken in\. Reference [0-9A-F]{8}\.", answer.json()["message"]
    )
    assert refusals(row) == {"fault": 1}
    assert not Preferences.objects.exists()


def test_who_was_seen_stays_written_though_the_rest_is_taken_back(cast):
    row, written = token(cast.ade)
    Program(written).post("/sent/", b"refuse", content_type="text/plain")
    assert AccessEvent.objects.get(route="sent").patient_id == cast.max.pk
    assert refusals(row) == {"content": 1}


def test_other_methods_and_bodies_of_no_length_are_refused_in_the_same_shape(cast):
    _, written = token(cast.ade)
    answer = Program(written).put("/sent/", b"x", content_type="text/plain")
    assert (answer.status_code, answer.json()["error"], answer["Allow"]) == (405, "not-supported", "POST")
    chunked = Program(written, headers={"transfer-encoding": "chunked"}).post("/sent/")
    assert (chunked.status_code, chunked.json()["error"]) == (411, "required")


def test_half_a_body_is_not_taken_in(cast):
    _, written = token(cast.ade)
    came = {"wsgi.input": BytesIO(b"fi"), "CONTENT_LENGTH": "4"}
    answer = Program(written).post("/sent/", b"fine", content_type="text/plain", **came)
    assert (answer.status_code, answer.json()["message"]) == (
        422,
        "The body came only in part. Send it again.",
    )


def test_the_questions_of_a_request_do_not_grow_with_the_tokens(cast, django_assert_max_num_queries):
    _, written = token(cast.ade)
    for number in range(20):
        token(cast.ade, name=f"other {number}")
    program = Program(written)
    program.get("/asked/")
    with django_assert_max_num_queries(14):
        program.get("/asked/")


# What the database refuses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"name": " "}, "token_has_a_name"),
        ({"key": "ABCDEFGH"}, "token_has_a_public_part"),
        ({"digest": "secret"}, "token_has_a_digest"),
        ({"scopes": []}, "token_has_known_scopes"),
        ({"scopes": ["claims.write"]}, "token_has_known_scopes"),
        ({"per_minute": 0}, "token_has_a_limit"),
        ({"per_minute": 601}, "token_has_a_limit"),
        ({"ended_why": "x"}, "token_ended_when_and_why"),
        ({"networks": ["10.0.0.0/8", "nowhere"]}, "invalid input syntax for type cidr"),
        ({"networks": ["10.0.0.1/8"]}, "invalid cidr value"),
    ],
)
def test_the_database_refuses_a_bad_token(cast, wrong, constraint):
    at = timezone.now()
    row = ApiToken(practice=cast.practice, made_by=cast.ade, made_at=at, expires_at=at + SECOND)
    good = {"name": "n", "key": "abcdefgh", "digest": "0" * 64, "scopes": ["patients.read"], "per_minute": 1}
    for name, value in {**good, **wrong}.items():
        setattr(row, name, value)
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("lasts", "fits"),
    [(timedelta(0), False), (SECOND, True), (TOKEN_LASTS, True), (TOKEN_LASTS + SECOND, False)],
)
def test_a_token_lasts_a_year_at_most(cast, lasts, fits):
    at = timezone.now()
    if fits:
        token(cast.ade, at=at, expires_at=at + lasts)
        return
    with pytest.raises(Refused):
        token(cast.ade, at=at, expires_at=at + lasts)
    row = ApiToken(practice=cast.practice, made_by=cast.ade, made_at=at, expires_at=at + lasts)
    row.name, row.key, row.digest, row.scopes = "n", "abcdefgh", "0" * 64, ["patients.read"]
    with pytest.raises(IntegrityError, match="token_lasts_a_year"), transaction.atomic():
        row.save()


def test_two_open_tokens_have_two_names(cast):
    row, _ = token(cast.ade)
    with pytest.raises(Refused, match="is there already"):
        token(cast.ade)
    acts.end(row, why="renewed", by=cast.ade, at=timezone.now() + SECOND)
    token(cast.ade)


# Before it expires ------------------------------------------------------------------------------------------------


def told() -> list[tuple]:
    return list(Notice.objects.filter(kind="token-expiry").values_list("recipient__name", "withdrawn_at"))


@pytest.mark.parametrize(("left", "heard"), [(AHEAD + SECOND, 0), (AHEAD, 1), (SECOND, 1)])
def test_who_may_make_tokens_hears_once_that_one_expires(cast, clock, left, heard):
    row, _ = token(cast.ade, at=timezone.now(), expires_at=timezone.now() + timedelta(days=30))
    clock.shift(timedelta(days=30) - left)
    for _ in range(2):
        remind_of_expiring_tokens()
    assert told() == [(cast.ade.user.name, None)] * heard
    if heard:
        notice = Notice.objects.get(kind="token-expiry")
        assert f"{cast.practice.today(row.expires_at):%d-%b-%Y}" in notice.text
        assert notice.url == "/integrations/"


def test_of_one_that_expired_or_was_ended_nobody_hears(cast, clock):
    row, _ = token(cast.ade, at=timezone.now())
    clock.shift(timedelta(days=20))
    remind_of_expiring_tokens()
    acts.end(row, why="Replaced.", by=cast.ade, at=timezone.now())
    assert [at for _, at in told()] == [timezone.now()]
    token(cast.ade, at=timezone.now(), name="Another")
    clock.shift(timedelta(days=30))
    remind_of_expiring_tokens()
    assert len(told()) == 1
