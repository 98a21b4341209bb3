"""Who came, went, or tried: writing it down, and whether it happened lately."""

from datetime import datetime

from audit.models import SignInEvent, SignInKind
from foundation import context
from foundation.practice_scope import every_practice, in_practice


def note(kind: SignInKind, *, practice=None, user=None, label: str = "", address: str | None = None) -> None:
    """One row of the access log. Label: the name under which it is shown, else the person's."""
    with in_practice(practice) if practice else every_practice():
        SignInEvent.objects.create(
            kind=kind,
            practice=practice,
            actor_id=user.pk if user else None,
            actor_label=label or str(user),
            request_id=context.current().request_id,
            address=address or None,
        )


def noted(user, kind: SignInKind, *, since: datetime) -> bool:
    with every_practice():
        return SignInEvent.objects.filter(actor_id=user.pk, kind=kind, at__gt=since).exists()


def wrong_codes(user, *, since: datetime) -> int:
    """How often, in whatever practice: one try is noted in each where she works."""
    rows = SignInEvent.objects.filter(actor_id=user.pk, kind=SignInKind.WRONG_CODE, at__gt=since)
    with every_practice():
        return rows.values("request_id").distinct().count()


def tries_from(address: str, *, since: datetime) -> int:
    """How many passwords were tried from there, of whatever account. One is a row in each practice of its account."""
    return _from(address, SignInKind.FAILED, SignInKind.SIGNED_IN, since=since)


def tokens_from(address: str, *, since: datetime) -> int:
    """How many requests came from there with tokens that were not good."""
    return _from(address, SignInKind.TOKEN, since=since)


def _from(address: str, *kinds: SignInKind, since: datetime) -> int:
    rows = SignInEvent.objects.filter(kind__in=kinds, address=address)
    with every_practice():
        return rows.filter(at__gt=since).values("request_id").distinct().count()
