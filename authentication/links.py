"""The link that lets one choose a new password: whose, and Django's token, which dies in an hour and with its use."""

from uuid import UUID

from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse

from accounts.models import User


class ResetTokenConverter:
    """`<reset:token>` in an address: an id and a signature, nothing about a person."""

    regex = r"[0-9a-f]{32}\.[0-9a-z]{1,13}-[0-9a-f]{32,64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


def reset_address(user: User) -> str:
    """The path, without a host."""
    return reverse("authentication:reset", args=[f"{user.pk.hex}.{default_token_generator.make_token(user)}"])


def user_of(token: str) -> User | None:
    """None for a link that was used, is too old, or is not ours."""
    key, _, mark = token.partition(".")
    user = User.objects.filter(pk=UUID(hex=key), is_active=True).first()
    return user if default_token_generator.check_token(user, mark) else None
