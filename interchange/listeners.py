"""Hears who is about to leave: the secrets of hubs that she made end with her role."""

from django.dispatch import receiver

from accounts.signals import role_ending
from interchange.hubs.selectors import names_of_open


@receiver(role_ending)
def her_secrets_end(sender, user, practice, **kwargs) -> str:
    if not (names := names_of_open(user, practice)):
        return ""
    return (
        f"Secrets of hubs made by {user.name} end with the role: {', '.join(names)}. Make new ones first, or the "
        "readings that they send are refused."
    )
