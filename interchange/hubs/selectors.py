"""A practice's hubs, to show: those that are open, those that ended, and what was refused at each."""

from collections import defaultdict
from datetime import date, datetime

from django.db.models import Prefetch, QuerySet

from interchange.models import Hub, HubRefusal, HubSecret


def open_hubs(practice, *, at: datetime) -> list[Hub]:
    """Each with `good`: its secrets that are good by now, the newest first, or the last one where none is."""
    newest = HubSecret.objects.for_practice(practice).select_related("made_by__user").order_by("-number")
    rows = Hub.objects.for_practice(practice).filter(ended_at=None).select_related("use", "made_by__user")
    found = list(rows.prefetch_related(Prefetch("secrets", newest, to_attr="newest")).order_by("name"))
    for hub in found:
        hub.good = [row for row in hub.newest if row.good_until > at] or hub.newest[:1]
    return found


def ended_hubs(practice) -> QuerySet[Hub]:
    rows = Hub.objects.for_practice(practice).exclude(ended_at=None)
    return rows.select_related("use", "ended_by__user").order_by("-ended_at")


def refused_on(practice, day: date) -> dict:
    """hub's id → [(what was wrong, how often)], the most frequent first."""
    found = defaultdict(list)
    for row in HubRefusal.objects.filter(practice=practice, day=day).order_by("-count", "why"):
        found[row.hub_id].append((row.get_why_display(), row.count))
    return dict(found)


def names_of_open(user, practice) -> list[str]:
    """Of those whose current secret this person made."""
    rows = Hub.objects.for_practice(practice).filter(
        ended_at=None, secrets__replaced_at=None, secrets__made_by__user=user
    )
    return list(rows.order_by("name").values_list("name", flat=True))
