"""The link of an invitation: its id, signed. Whether it still leads anywhere says the row."""

from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from foundation.practice_scope import every_practice
from staff.models import Invitation

_SIGNER = Signer(salt="staff.invitation", sep=".")


class TokenConverter:
    """`<invitation:token>` in an address: an id and its signature, nothing about a person."""

    regex = r"[0-9a-f]{32}\.[\w-]{43}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


def address_of(invitation: Invitation) -> str:
    """The path, without a host."""
    return reverse("staff:invitation", args=[_SIGNER.sign(invitation.pk.hex)])


def invitation_of(token: str) -> Invitation | None:
    """None for whatever we did not sign."""
    try:
        key = UUID(hex=_SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None
    # The signature is the permission; whose it is says the row.
    with every_practice():
        return Invitation.objects.select_related("practice", "invited_by__user").filter(pk=key).first()
