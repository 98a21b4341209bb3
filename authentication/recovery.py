"""Recovery codes: ten at a time, shown once, each good for one sign-in."""

import secrets
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from authentication.models import RecoveryCode
from foundation.tracked import lock

COUNT, LETTERS = 10, "23456789abcdefghjkmnpqrstuvwxyz"


def _digest(code: str) -> str:
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return sha256(plain.encode()).hexdigest()


@transaction.atomic
def new_codes(user, *, at: datetime) -> list[str]:
    """A set that replaces the one before. Twelve signs of 31: 59 bits, against five tries in 15 minutes."""
    # Of two presses at once the later one's codes are good: the earlier one's are replaced.
    lock(user)
    void(user, at=at)
    codes = [
        "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3)) for _ in range(COUNT)
    ]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(c), made_at=at) for c in codes)
    return codes


def void(user, *, at: datetime) -> None:
    """None of her codes works any more."""
    _good(user).update(replaced_at=at)


def use(user, code: str, *, at: datetime) -> bool:
    """Whether it was one of hers and unused. Of two at once, one is."""
    return _good(user).filter(digest=_digest(code)).update(used_at=at) == 1


def left(user) -> int:
    return _good(user).count()


def _good(user) -> QuerySet[RecoveryCode]:
    return RecoveryCode.objects.filter(user=user, used_at=None, replaced_at=None)
