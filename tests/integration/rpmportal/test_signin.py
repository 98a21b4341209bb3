"""Throttled by account and address, remembered in the database."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from redis import Redis

from audit.models import SignInEvent, SignInKind
from tests.cast import PASSWORD

HERE, ELSEWHERE = "192.0.2.10", "192.0.2.77"


def attempt(client, password: str, *, address: str = HERE, email: str = "rosa@example.test"):
    return client.post("/sign-in/", {"username": email, "password": password}, REMOTE_ADDR=address)


@pytest.fixture
def five_wrong_tries(cast, client):
    return [attempt(client, "wrong").status_code for _ in range(5)]


def test_the_fifth_wrong_try_locks_the_account(five_wrong_tries):
    assert five_wrong_tries[-1] == 429
    assert 429 not in five_wrong_tries[:-1]


def test_then_the_right_password_is_refused_too(five_wrong_tries, client):
    response = attempt(client, PASSWORD)
    assert response.status_code == 429
    assert "15 minutes" in response.content.decode()


def test_the_lock_survives_a_flush_of_cache_and_broker(five_wrong_tries, client):
    cache.clear()
    Redis.from_url(settings.REDIS_URL).flushdb()
    assert attempt(client, PASSWORD).status_code == 429


def test_a_colleague_and_the_same_person_elsewhere_are_not_locked_out(five_wrong_tries, client):
    assert attempt(client, PASSWORD, email="luis@example.test").status_code == 302
    assert attempt(client, PASSWORD, address=ELSEWHERE).status_code == 302


def test_another_spelling_of_the_same_address_is_the_same_account(five_wrong_tries, client):
    assert attempt(client, PASSWORD, email="ROSA@Example.test").status_code == 429


def test_after_a_quarter_of_an_hour_the_door_opens_again(five_wrong_tries, client):
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert attempt(client, PASSWORD).status_code == 302


def test_each_try_is_on_record_without_what_was_typed(five_wrong_tries, client, cast):
    rows = SignInEvent.objects.filter(kind=SignInKind.FAILED)
    assert rows.count() >= 4
    assert {row.actor_label for row in rows} == {"not signed in, as Rosa Nguyen, RN"}


def test_a_sign_in_never_leads_to_another_site(cast, client):
    response = client.post(
        "/sign-in/?next=https://evil.example/", {"username": "rosa@example.test", "password": PASSWORD}
    )
    assert response.url == "/"
