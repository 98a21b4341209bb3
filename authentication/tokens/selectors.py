"""A practice's tokens, to show: those that are open, those that ended, and what was refused under each."""

from collections import defaultdict
from datetime import date

from django.db.models import QuerySet

from authentication.models import ApiToken, ApiTokenRefusal


def open_tokens(practice) -> QuerySet[ApiToken]:
    """Not ended by anybody; some may have expired."""
    rows = ApiToken.objects.for_practice(practice).filter(ended_at=None)
    return rows.select_related("use", "made_by__user").order_by("name")


def ended_tokens(practice) -> QuerySet[ApiToken]:
    rows = ApiToken.objects.for_practice(practice).exclude(ended_at=None)
    return rows.select_related("use", "made_by__user", "ended_by__user").order_by("-ended_at")


def refused_on(practice, day: date) -> dict:
    """token's id → [(what was wrong, how often)], the most frequent first."""
    found = defaultdict(list)
    for row in ApiTokenRefusal.objects.filter(practice=practice, day=day).order_by("-count", "why"):
        found[row.token_id].append((row.get_why_display(), row.count))
    return dict(found)


def names_of_open(user, practice) -> list[str]:
    """Of those that this person made."""
    return list(open_tokens(practice).filter(made_by__user=user).values_list("name", flat=True))
