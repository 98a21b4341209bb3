"""Administrators hear of a hub's secret before it expires: the readings that it signs would stop without a word."""

from datetime import datetime

from django.urls import reverse

from accounts.models import Practice
from authentication.tokens.expiring import AHEAD, who_makes_tokens
from dispatch import notices
from interchange.models import Hub, HubSecret


def remind(practice: Practice, *, at: datetime) -> None:
    """Of each current secret that expires within two weeks, once. In the practice's scope."""
    rows = HubSecret.objects.for_practice(practice).filter(hub__ended_at=None, replaced_at=None)
    soon = rows.filter(good_until__gt=at, good_until__lte=at + AHEAD).select_related("hub").order_by("pk")
    for secret in soon:
        notices.notify(
            practice,
            who_makes_tokens(practice, at=at),
            kind="hub-secret-expiry",
            cause=f"hub-secret-expiry:{secret.pk}",
            text=f"The hub {secret.hub.name} sends nothing in after {practice.today(secret.good_until):%d-%b-%Y}. "
            "Make a new secret for it, and give that to its vendor.",
            url=reverse("interchange:integrations"),
        )


def withdraw(secret: HubSecret, *, at: datetime) -> None:
    """It was replaced, or its hub ended."""
    notices.withdraw(f"hub-secret-expiry:{secret.pk}", at=at)


def withdraw_of(hub: Hub, *, at: datetime) -> None:
    for secret in HubSecret.objects.for_practice(hub.practice).filter(hub=hub, replaced_at=None):
        withdraw(secret, at=at)
