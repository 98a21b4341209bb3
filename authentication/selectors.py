"""One's own proofs and sign-ins, to show; and the failed ones of a practice."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.middleware import SEEN
from audit.models import SignInEvent, SignInKind
from authentication.models import BrowserSession, SecondFactor

FAILURES = (SignInKind.FAILED, SignInKind.WRONG_CODE)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser where somebody is signed in now."""

    pk: int
    browser: str
    address: str | None
    started_at: datetime
    seen_at: datetime
    here: bool


def factors_of(user) -> QuerySet[SecondFactor]:
    return SecondFactor.objects.of(user).select_related("use").order_by("added_at")


def open_sessions(user, *, here: str) -> list[OpenSession]:
    """Hers that have not ended, this one first, then the newest."""
    rows = {row.session_key: row for row in BrowserSession.objects.filter(user=user)}
    live = Session.objects.filter(session_key__in=rows, expire_date__gt=timezone.now())
    found = [_open(rows[session.session_key], session, here=here) for session in live]
    return sorted(found, key=lambda one: (not one.here, -one.started_at.timestamp()))


def _open(row: BrowserSession, session: Session, *, here: str) -> OpenSession:
    seen = parse_datetime(session.get_decoded().get(SEEN, "")) or row.started_at
    browser = row.browser or "A browser"
    return OpenSession(row.pk, browser, row.address, row.started_at, seen, row.session_key == here)


def has_second_factor(user_id: str = "user_id") -> Exists:
    """To annotate memberships with."""
    return Exists(SecondFactor.objects.filter(user_id=OuterRef(user_id), removed_at=None))


def failed_sign_ins(practice) -> QuerySet[SignInEvent]:
    """Tries under an account that works here, newest first."""
    return SignInEvent.objects.filter(practice=practice, kind__in=FAILURES).order_by("-id")
