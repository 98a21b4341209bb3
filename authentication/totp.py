"""Codes of an authenticator app: RFC 6238 with six digits, thirty seconds and SHA-1, which every app understands."""

import secrets
from base64 import b32decode, b32encode
from datetime import datetime

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP, DIGITS = 30, 6
# A phone's clock may be off, and typing takes time: the step before and the one after are taken too.
DRIFT = 1
ISSUER = "RPM Portal"


def new_key() -> str:
    """160 random bits, in the letters and digits that apps take."""
    return b32encode(secrets.token_bytes(20)).decode()


def _totp(key: str) -> TOTP:
    return TOTP(b32decode(key), DIGITS, SHA1(), STEP, enforce_key_length=False)


def code_at(key: str, at: datetime) -> str:
    return _totp(key).generate(int(at.timestamp())).decode()


def step_of(key: str, code: str, at: datetime) -> int | None:
    """The 30-second step whose code this is, among the current one and its neighbors; None if it is none of theirs."""
    now = int(at.timestamp()) // STEP
    for step in range(max(0, now - DRIFT), now + DRIFT + 1):
        if secrets.compare_digest(_totp(key).generate(step * STEP), code.encode()):
            return step
    return None


def picture(key: str, *, email: str) -> str:
    """A QR code of the key for an app's camera, as the address of an image (`data:`)."""
    uri = _totp(key).get_provisioning_uri(email, ISSUER)
    return segno.make(uri, error="m").svg_data_uri(scale=5, border=4)


def in_groups(key: str) -> str:
    """`ABCD EFGH …`, for who types it."""
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))
