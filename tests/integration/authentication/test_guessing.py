"""Guessing passwords, for as long as one likes: a part of it in `./dev test`, all of it in `./dev soak`."""

from datetime import timedelta

import time_machine
from django.test import Client
from django.utils import timezone

from tests.cast import PASSWORD
from tests.faults.trials import trials

SIGN_IN = "/sign-in/"
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
