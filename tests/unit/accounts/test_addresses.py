import pytest
from django.test import RequestFactory

from accounts.addresses import client_address


@pytest.mark.parametrize(
    ("behind", "forwarded", "seen"),
    [
        (False, "", "10.0.0.9"),
        (False, "203.0.113.5", "10.0.0.9"),
        (True, "203.0.113.5", "203.0.113.5"),
        (True, "1.2.3.4, 203.0.113.5", "203.0.113.5"),
        (True, "", "10.0.0.9"),
        (True, "203.0.113.5:51234", "203.0.113.5"),
        (True, "[2001:db8::7]:443", "2001:db8::7"),
        (True, "2001:db8::7", "2001:db8::7"),
        (True, "unknown", "10.0.0.9"),
    ],
)
def test_the_address_is_the_proxys_word_only_behind_a_proxy(settings, behind, forwarded, seen):
    settings.BEHIND_PROXY = behind
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", **headers)) == seen
