"""How often a token may be used. Counted in the database: a restarted worker or a flushed cache forgives nobody."""

from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.db.models import F

from authentication.models import ApiToken, ApiTokenRefusal, ApiTokenUse, WhyRefused

MINUTE = timedelta(minutes=1)


@transaction.atomic
def use(token: ApiToken, *, address: str | None, at: datetime) -> int:
    """Count a request; the seconds to wait if it is one too many in the minute that began with the first of them."""
    row = ApiTokenUse.objects.select_for_update(no_key=True).get(token=token)
    if row.minute_began_at is None or at - row.minute_began_at >= MINUTE:
        row.minute_began_at, row.in_minute = at, 0
    row.in_minute += 1
    row.used_at, row.address = at, address or None
    row.save()
    left = row.minute_began_at + MINUTE - at
    return max(1, ceil(left.total_seconds())) if row.in_minute > token.per_minute else 0


def note_refusal(token: ApiToken, why: WhyRefused, *, at: datetime) -> None:
    ApiTokenRefusal.objects.update_or_create(
        token=token,
        day=token.practice.today(at),
        why=why,
        defaults={"count": F("count") + 1},
        create_defaults={"count": 1, "practice": token.practice},
    )
