"""How a message is signed: HMAC-SHA256 over its moment and its body, with a secret that both sides have. Pure.

    X-Signature: t=1767616200,v1=5257a8…

`t` is the moment of sending in seconds since 1970; what is signed is `t`, a dot, and the body as it is sent. While a
sender changes its secret it may send several `v1`.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

HEADER = "X-Signature"
TOLERANCE = 300
_MOST = 4
_TIME, _HEX = re.compile(r"\d{1,11}", re.ASCII), re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Signature:
    t: int
    v1: tuple[str, ...]

    def is_timely(self, now: float) -> bool:
        """Five minutes to either side: further away, clocks are wrong or somebody repeats what was sent before."""
        return abs(now - self.t) <= TOLERANCE


def read(header: str) -> Signature | None:
    """None if it is written otherwise. What it holds besides is passed over, for versions to come."""
    times, found = [], []
    for part in header.split(",")[:16]:
        name, _, value = part.strip().partition("=")
        if name == "t" and _TIME.fullmatch(value):
            times.append(int(value))
        elif name == "v1" and _HEX.fullmatch(value.lower()):
            found.append(value.lower())
    return Signature(times[0], tuple(found[:_MOST])) if len(times) == 1 and found else None


def sign(secret: str, body: bytes, t: int) -> str:
    return hmac.new(secret.encode(), b"%d." % t + body, hashlib.sha256).hexdigest()


def header(secret: str, body: bytes, t: int) -> str:
    return f"t={t},v1={sign(secret, body, t)}"


def signed_with(signature: Signature, body: bytes, secrets: Sequence[str]) -> int | None:
    """Which of the secrets it was, by its place; all are tried, so that the time taken says nothing."""
    found = None
    for place, secret in enumerate(secrets):
        right = sign(secret, body, signature.t)
        matches = sum(hmac.compare_digest(right, each) for each in signature.v1)
        if matches and found is None:
            found = place
    return found
