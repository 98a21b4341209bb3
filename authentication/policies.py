"""When one may: whether a second factor is asked for, and what of one's own proofs may change."""

from datetime import date, datetime, timedelta

from django.conf import settings

from accounts.backends import DEMO_DOMAIN
from accounts.models import Membership, Practice
from accounts.practice_policies import policy
from audit.sign_ins import tokens_from, tries_from, wrong_codes
from authentication.models import SecondFactor
from foundation.practice_scope import in_practice, of_person

WRONG_CODES, WRONG_FOR = 5, timedelta(minutes=15)
# Tries of all accounts from one address: so many in so long. A password is slow to check, on purpose.
ADDRESS_LIMITS = ((timedelta(seconds=10), 10), (timedelta(minutes=15), 60))
# Requests from one address with tokens that are not good, known or not.
WRONG_TOKENS, TOKENS_FOR = 60, timedelta(minutes=15)
RESET_AGAIN = timedelta(minutes=5)


def second_factor_required(user, *, at: datetime) -> bool:
    """Whether one of the practices where she works demands it. Not of the demo's people: their password is public."""
    if not settings.SECOND_FACTOR_BY_POLICY or user.email.endswith(DEMO_DOMAIN):
        return False
    # A role that begins tomorrow counts: who signs in this evening is still signed in then.
    with of_person(user.pk):
        works = list(Membership.objects.filter(user=user).not_over(at).select_related("practice"))
    return any(_demands_it(m.practice, on=max(m.starts_on, m.practice.today(at))) for m in works)


def _demands_it(practice: Practice, *, on: date) -> bool:
    with in_practice(practice):
        return policy(practice, "second_factor", on=on)


def why_not_try(address: str | None, *, at: datetime) -> str | None:
    """Too many tries from one address, of whatever account, before a password is even looked at."""
    if not address:
        return None
    for within, most in ADDRESS_LIMITS:
        if tries_from(address, since=at - within) >= most:
            wait = "a moment" if within < timedelta(minutes=1) else "15 minutes"
            return f"Too many sign-ins were tried from this address. Wait {wait}, then try again."
    return None


def why_not_token(address: str | None, *, at: datetime) -> str | None:
    """Too many of them from one address. A good token is let in all the same: its neighbors do not shut it out."""
    if address and tokens_from(address, since=at - TOKENS_FOR) >= WRONG_TOKENS:
        return (
            "Too many tokens that are not good came from this address. Wait 15 minutes, then send a good one."
        )
    return None


def why_not_code(user, *, at: datetime) -> str | None:
    if wrong_codes(user, since=at - WRONG_FOR) >= WRONG_CODES:
        return f"{WRONG_CODES} codes were wrong. Wait 15 minutes, then sign in again."
    return None


def why_not_remove(factor: SecondFactor, *, at: datetime) -> str | None:
    if factor.removed_at is not None:
        return "It was removed already."
    others = SecondFactor.objects.of(factor.user).exclude(pk=factor.pk)
    if not others.exists() and second_factor_required(factor.user, at=at):
        return "Your practice requires a second factor, and this is your only one. Add another one first."
    return None


def why_not_reset(membership: Membership, *, by: Membership, at: datetime) -> str | None:
    """An administrator takes away the second factor of somebody who works here and lost it."""
    if membership.user_id == by.user_id:
        return "Your own second factor you change under Sign-in and security; another administrator can reset it."
    if not Membership.objects.filter(pk=membership.pk).at(at).exists():
        return f"{membership.user.name} does not work here in this role today. Only who works here is reset here."
    if not SecondFactor.objects.of(membership.user).exists():
        return f"{membership.user.name} has no second factor."
    return None
