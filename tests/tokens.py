"""Tokens for tests, and requests that show them."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from authentication.models import ApiToken, Scope
from authentication.tokens import acts


def token(by: Membership, *scopes: str, name: str = "Hospital feed", **more) -> tuple[ApiToken, str]:
    """(its row, the token itself), good for a month."""
    at = more.pop("at", None) or timezone.now()
    more.setdefault("expires_at", at + timedelta(days=30))
    return acts.make(by.practice, name=name, scopes=scopes or Scope.values, by=by, at=at, **more)


class Program(Client):
    """A client that shows a token with every request, and follows no rule of browsers."""

    def __init__(self, token: str = "", **more):
        headers = {"authorization": f"Bearer {token}"} if token else {}
        super().__init__(enforce_csrf_checks=True, headers={**headers, **more.pop("headers", {})}, **more)
