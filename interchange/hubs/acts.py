"""What is done with hubs: made, given another secret, ended."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Membership, Practice
from authentication.sealing import seal
from authentication.tokens.text import SIGNS
from foundation.refusals import refuse_if
from foundation.tracked import lock
from interchange.hubs.expiring import withdraw, withdraw_of
from interchange.hubs.policies import why_not_change, why_not_end, why_not_make
from interchange.models import SECRET_LASTS, Hub, HubSecret, HubUse

BEGINS = "rpmhub_"


@transaction.atomic
def make(
    practice: Practice, *, name: str, vendor: str, by: Membership, at: datetime, per_minute: int = 120
) -> tuple[Hub, str]:
    """The hub, and its secret, which nobody can be shown again."""
    practice = lock(practice)
    refuse_if(why_not_make(practice, name), field="name")
    hub = Hub(practice=practice, name=name, vendor=vendor, key=_key(), per_minute=per_minute)
    hub.made_by, hub.made_at = by, at
    hub.save()
    HubUse.objects.create(practice=practice, hub=hub)
    return hub, _secret(hub, 1, by=by, at=at)


@transaction.atomic
def change_secret(hub: Hub, *, overlap: timedelta, by: Membership, at: datetime) -> str:
    """The new secret. The one before is good for `overlap` longer; older ones are over."""
    hub = lock(hub)
    rows = list(HubSecret.objects.for_practice(hub.practice).filter(hub=hub).order_by("-number"))
    refuse_if(why_not_change(hub, rows[0].number))
    for row in rows:
        until = at + overlap if row.replaced_at is None else at
        if row.replaced_at is not None and row.good_until <= at:
            continue
        row.replaced_at, row.good_until = row.replaced_at or at, min(row.good_until, until)
        row.save()
        withdraw(row, at=at)
    return _secret(hub, rows[0].number + 1, by=by, at=at)


@transaction.atomic
def end(hub: Hub, *, why: str, by: Membership, at: datetime) -> Hub:
    """From the next message on nothing is taken at its address."""
    hub = lock(hub)
    refuse_if(why_not_end(hub))
    hub.ended_at, hub.ended_by, hub.ended_why = at, by, why
    hub.save()
    withdraw_of(hub, at=at)
    return hub


def _key() -> str:
    return "".join(secrets.choice(SIGNS) for _ in range(8))


def _secret(hub: Hub, number: int, *, by: Membership, at: datetime) -> str:
    """256 bits. Kept sealed: a signature is checked with the secret itself, which a digest would not give back."""
    secret = BEGINS + secrets.token_urlsafe(32)
    row = HubSecret(practice=hub.practice, hub=hub, number=number, secret=seal(secret))
    row.made_by, row.made_at, row.good_until = by, at, at + SECRET_LASTS
    row.save()
    return secret
