"""How often a token may be used. Counted in the database: a restarted worker or a flushed cache forgives nobody."""

from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.db.models import F

from authentication.models import ApiToken, ApiTokenRefusal, ApiTokenUse, WhyRefused

MINUTE = timedelta(minutes=1)
# So many of a day are counted of those that were not let in. More of them cost no further write.
MOST_COUNTED = 1000
_LET_IN = frozenset({WhyRefused.LIMIT, WhyRefused.SCOPE, WhyRefused.CONTENT, WhyRefused.FAULT})


@transaction.atomic
def use(token: ApiToken, *, address: str | None, at: datetime) -> int:
    """Count a request; the seconds to wait if it is one too many in the minute that began with the first of them."""
    row = ApiTokenUse.objects.select_for_update(no_key=True).get(token=token)
    wait = seconds_to_wait(row, token.per_minute, at=at)
    row.used_at, row.address = at, address or None
    row.save()
    return wait


def seconds_to_wait(row, most: int, *, at: datetime) -> int:
    """Counts one more in the row's minute; nothing to wait as long as there are no more than `most`."""
    if row.minute_began_at is None or at - row.minute_began_at >= MINUTE:
        row.minute_began_at, row.in_minute = at, 0
    row.in_minute += 1
    left = row.minute_began_at + MINUTE - at
    return max(1, ceil(left.total_seconds())) if row.in_minute > most else 0


def note_refusal(token: ApiToken, why: WhyRefused, *, at: datetime) -> None:
    which = {"token": token, "day": token.practice.today(at), "why": why}
    full = ApiTokenRefusal.objects.filter(**which, count__gte=MOST_COUNTED)
    if why not in _LET_IN and full.exists():
        return
    ApiTokenRefusal.objects.update_or_create(
        **which,
        defaults={"count": F("count") + 1},
        create_defaults={"count": 1, "practice": token.practice},
    )
