"""How often a hub's address is used, and what was refused there. Counted in the database, as for tokens."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from authentication.tokens.limits import MOST_COUNTED, seconds_to_wait
from interchange.models import Hub, HubRefusal, HubSecret, HubUse, WhyNotTaken

_LET_IN = frozenset({WhyNotTaken.LIMIT, WhyNotTaken.CONTENT, WhyNotTaken.FAULT})


@transaction.atomic
def use(hub: Hub, secret: HubSecret, *, at: datetime) -> int:
    """Count a message that was signed well; the seconds to wait if it is one too many in its minute."""
    row = HubUse.objects.select_for_update(no_key=True).get(hub=hub)
    wait = seconds_to_wait(row, hub.per_minute, at=at)
    row.used_at, row.secret_number = at, secret.number
    row.save()
    return wait


def note_refusal(hub: Hub, why: WhyNotTaken, *, at: datetime) -> None:
    which = {"hub": hub, "day": hub.practice.today(at), "why": why}
    if why not in _LET_IN and HubRefusal.objects.filter(**which, count__gte=MOST_COUNTED).exists():
        return
    HubRefusal.objects.update_or_create(
        **which, defaults={"count": F("count") + 1}, create_defaults={"count": 1, "practice": hub.practice}
    )
