"""Guessing passwords and codes, for as long as one likes: a part of it in `./dev test`, all of it in `./dev soak`."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from authentication import acts, totp
from tests.cast import PASSWORD
from tests.faults.trials import trials

SIGN_IN, SECOND = "/sign-in/", "/sign-in/second/"
HERE, ELSEWHERE = "192.0.2.10", "192.0.2.77"
WINDOW = timedelta(minutes=15, seconds=1)


def tries(client, email: str, password: str, address: str = HERE):
    return client.post(SIGN_IN, {"username": email, "password": password}, REMOTE_ADDR=address)


def test_of_a_thousand_wrong_passwords_five_in_a_quarter_of_an_hour_are_looked_at(cast):
    """And nobody else is locked out meanwhile, herself at another desk neither (AB-04)."""
    client, each, looked_at = Client(), 25, []
    windows = trials(1_000) // each
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(windows):
            answers = [tries(client, "rosa@example.test", f"wrong {n}").status_code for n in range(each)]
            assert set(answers) <= {200, 429}
            looked_at.append(answers.count(200))
            assert tries(Client(), "rosa@example.test", PASSWORD).status_code == 429
            assert tries(Client(), "rosa@example.test", PASSWORD, ELSEWHERE).status_code == 302
            assert tries(Client(), "luis@example.test", PASSWORD, ELSEWHERE).status_code == 302
            clock.shift(WINDOW)
        assert tries(Client(), "rosa@example.test", PASSWORD).status_code == 302
    assert max(looked_at) <= 5


@pytest.mark.parametrize("kind", ["codes of an app", "recovery codes"])
def test_of_ten_thousand_guesses_at_a_code_within_a_quarter_of_an_hour_five_are_looked_at(cast, kind):
    """None lets in, and the right one does when nobody guesses any more (AB-06)."""
    client, looked_at, key = Client(), 0, totp.new_key()
    begins = timezone.now()
    then = begins - timedelta(hours=1)
    acts.add_app(cast.rosa.user, key=key, code=totp.code_at(key, then), at=then)
    right = {totp.code_at(key, begins + timedelta(seconds=30 * n)) for n in range(-2, 40)}
    tries(client, "rosa@example.test", PASSWORD)
    for n in range(trials(10_000, part=100)):
        code = f"{n * 97 % 10**6:06}" if kind == "codes of an app" else f"aaaa-{n:04}-bbbb"
        answer = client.post(SECOND, {"code": "999999" if code in right else code})
        looked_at += answer.status_code == 422
        if answer.status_code in {302, 429}:
            assert tries(client, "rosa@example.test", PASSWORD).url == SECOND
    assert looked_at == 5
    assert client.get("/security/").status_code == 302
    with time_machine.travel(timezone.now() + WINDOW):
        tries(client, "rosa@example.test", PASSWORD)
        assert client.post(SECOND, {"code": totp.code_at(key, timezone.now())}).url == "/"
