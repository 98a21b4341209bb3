"""Hears that somebody signed in: remembers where, and that she has just proved who she is."""

from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.utils import timezone

from accounts.addresses import client_address
from authentication.browsers import browser_of
from authentication.models import BrowserSession
from authentication.recent import PROVED


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
