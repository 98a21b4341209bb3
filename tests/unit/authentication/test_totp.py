"""Codes of RFC 6238, at the edges of their thirty seconds."""

from datetime import UTC, datetime

import pytest

from authentication import totp

# Appendix B of RFC 6238: the key "12345678901234567890" and its eight-digit codes, of which ours are the last six.
KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_of_the_standard(seconds, code):
    assert totp.code_at(KEY, at(seconds)) == code
    assert totp.step_of(KEY, code, at(seconds)) == seconds // 30


@pytest.mark.parametrize(("seconds", "taken"), [(29, False), (30, True), (119, True), (120, False)])
def test_a_code_is_taken_in_its_step_and_its_neighbors(seconds, taken):
    code = totp.code_at(KEY, at(60))
    assert (totp.step_of(KEY, code, at(seconds)) == 2) is taken


def test_what_is_no_code_is_none():
    assert [
        totp.step_of(KEY, text, at(60)) for text in ("", "28708", "abcdef", "２８７０８２", "0" * 40)
    ] == [None] * 5


def test_a_new_key_is_20_random_bytes_in_letters_that_apps_take():
    keys = {totp.new_key() for _ in range(50)}
    assert len(keys) == 50
    assert all(len(key) == 32 and set(key) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for key in keys)
