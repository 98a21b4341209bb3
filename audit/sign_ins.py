"""Who came, went, or tried: writing it down, and whether it happened lately."""

from datetime import datetime

from audit.models import SignInEvent, SignInKind
from foundation import context


def note(kind: SignInKind, *, practice=None, user=None, label: str = "", address: str | None = None) -> None:
    """One row of the access log. Label: the name under which it is shown, else the person's."""
    SignInEvent.objects.create(
        kind=kind,
        practice=practice,
        actor_id=user.pk if user else None,
        actor_label=label or str(user),
        request_id=context.current().request_id,
        address=address or None,
    )


def noted(user, kind: SignInKind, *, since: datetime) -> bool:
    return SignInEvent.objects.filter(actor_id=user.pk, kind=kind, at__gt=since).exists()
