"""How a token is written: `rpm_` and its public part, `_` and its secret."""

import hashlib
import re
import secrets
from dataclasses import dataclass

# No letters that are read as digits, nor the other way round.
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
WRITTEN = re.compile(r"rpm_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Written:
    key: str
    secret: str

    @property
    def digest(self) -> str:
        """Without salt and rounds: the secret has 256 bits, and is nobody's password."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def __str__(self):
        return f"rpm_{self.key}_{self.secret}"


def new() -> Written:
    return Written("".join(secrets.choice(SIGNS) for _ in range(8)), secrets.token_urlsafe(32))


def read(header: str) -> Written | None:
    """The token of an `Authorization` header; None if it is written otherwise."""
    kind, _, token = header.partition(" ")
    found = WRITTEN.fullmatch(token.strip()) if kind.lower() == "bearer" else None
    return Written(*found.groups()) if found else None
