"""Hears that somebody signed in: remembers where, and that she just proved who she is; and who is about to leave."""

from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.utils import timezone

from accounts.addresses import client_address
from accounts.signals import role_ending
from authentication.browsers import browser_of
from authentication.models import BrowserSession
from authentication.recent import PROVED
from authentication.tokens.selectors import names_of_open


@receiver(user_logged_in)
def remember(sender, request, user, **kwargs):
    at = timezone.now()
    request.session[PROVED] = at.isoformat()
    gone = BrowserSession.objects.filter(user=user).exclude(
        session_key__in=Session.objects.values("session_key")
    )
    gone.delete()
    BrowserSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "started_at": at,
            "address": client_address(request) or None,
            "browser": browser_of(request.META.get("HTTP_USER_AGENT", "")),
        },
    )


@receiver(role_ending)
def her_tokens_end(sender, user, practice, **kwargs) -> str:
    if not (names := names_of_open(user, practice)):
        return ""
    return (
        f"Tokens made by {user.name} end with the role: {', '.join(names)}. Make others first, or what those systems "
        "send is refused."
    )
