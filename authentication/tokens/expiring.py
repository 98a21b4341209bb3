"""Administrators hear of a token before it expires: what sends through it would stop without a word."""

from datetime import datetime, timedelta

from django.urls import reverse

from accounts.models import Membership, Practice, User
from accounts.permissions import Permission, roles_that_may
from authentication.models import ApiToken
from dispatch import notices

AHEAD = timedelta(days=14)


def remind(practice: Practice, *, at: datetime) -> None:
    """Of each token that expires within two weeks, once; of one that was ended, no more. In the practice's scope."""
    tokens = ApiToken.objects.for_practice(practice)
    for token in tokens.filter(ended_at=None, expires_at__gt=at, expires_at__lte=at + AHEAD).order_by("pk"):
        notices.notify(
            practice,
            who_makes_tokens(practice, at=at),
            kind="token-expiry",
            cause=f"token-expiry:{token.pk}",
            text=f"The token {token.name} lets nobody in after {practice.today(token.expires_at):%d-%b-%Y}. "
            "Make another, give it to the system that sends, then end this one.",
            url=reverse("interchange:integrations"),
        )


def withdraw(token: ApiToken, *, at: datetime) -> None:
    """It was ended: nothing is left to replace."""
    notices.withdraw(f"token-expiry:{token.pk}", at=at)


def who_makes_tokens(practice: Practice, *, at: datetime):
    roles = roles_that_may(Permission.SETTINGS_EDIT)
    here = Membership.objects.for_practice(practice).filter(role__in=roles).at(at)
    return User.objects.filter(pk__in=here.values("user"), is_active=True).order_by("pk")
