"""Signatures of hubs: as their header is read, what they cover, and with which of two secrets they were made."""

import subprocess

import pytest

from interchange.hubs.signatures import TOLERANCE, Signature, header, read, sign, signed_with

BODY, T = b'{"id": "m-1"}', 1767616200
HEX = "0" * 64


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"t={T},v1={HEX}", Signature(T, (HEX,))),
        (f"t={T}, v1={HEX}, v0=x", Signature(T, (HEX,))),
        (f"v1={HEX},t={T},v1={'f' * 64}", Signature(T, (HEX, "f" * 64))),
        (f"t={T},v1={'F' * 64}", Signature(T, ("f" * 64,))),
        (f"t={T}," + ",".join([f"v1={HEX}"] * 9), Signature(T, (HEX,) * 4)),
        (f"v1={HEX}", None),
        (f"t={T}", None),
        (f"t={T},t={T},v1={HEX}", None),
        (f"t=-1,v1={HEX}", None),
        (f"t={'9' * 12},v1={HEX}", None),
        (f"t=١٢٣,v1={HEX}", None),
        (f"t={T},v1={HEX[1:]}", None),
        ("", None),
        (",,=,", None),
    ],
)
def test_a_header(text, found):
    assert read(text) == found


def test_it_covers_the_body_and_the_moment():
    made = read(header("secret", BODY, T))
    assert signed_with(made, BODY, ["secret"]) == 0
    assert signed_with(made, BODY, ["other", "secret"]) == 1
    assert signed_with(made, BODY + b" ", ["secret"]) is None
    assert signed_with(Signature(T + 1, made.v1), BODY, ["secret"]) is None
    assert signed_with(made, BODY, ["secre"]) is None
    assert signed_with(made, BODY, []) is None
    both = Signature(T, (HEX, sign("secret", BODY, T)))
    assert signed_with(both, BODY, ["secret"]) == 0


@pytest.mark.parametrize(("apart", "timely"), [(0, True), (TOLERANCE, True), (TOLERANCE + 1, False)])
def test_five_minutes_to_either_side(apart, timely):
    made = Signature(T, (HEX,))
    assert (made.is_timely(T + apart), made.is_timely(T - apart)) == (timely, timely)


def test_another_program_signs_the_same():
    """As docs/devices.md shows it."""
    command = ["openssl", "dgst", "-sha256", "-hmac", "secret", "-hex"]
    told = subprocess.run(command, input=b"%d." % T + BODY, capture_output=True, check=True).stdout
    assert told.decode().split()[-1] == sign("secret", BODY, T)
