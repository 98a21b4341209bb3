"""The frame around every page: where this role can go, what is unread, which practices, how long until sign-out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.middleware import SEEN, person_mark
from accounts.models import Membership, Practice
from accounts.permissions import Permission, Role, may
from dispatch import inbox
from rpmportal.keymap import Shown, keymap

P = Permission


def _this_month(practice: Practice) -> dict:
    return {"month": practice.today().replace(day=1)}


@dataclass(frozen=True, slots=True)
class Place:
    """A destination of the main navigation. `key` is the letter after G; hidden from whoever may `unless`."""

    label: str
    route: str
    needs: Permission
    key: str = ""
    unless: Permission | None = None
    kwargs: Callable[[Practice], dict] = lambda practice: {}

    def open_to(self, membership: Membership) -> bool:
        return may(membership, self.needs) and not (self.unless and may(membership, self.unless))


PLACES = (
    Place("Caseload", "caseload", P.TIME_LOG, "c"),
    Place("Month", "month_board", P.MONTH_VIEW, "m", kwargs=_this_month),
    Place("Queue", "billing:queue", P.MONTH_VIEW, "q", kwargs=_this_month),
    Place("Closed months", "billing:closed_months", P.MONTH_REOPEN),
    Place("Patients", "caseload", P.CHART_VIEW, "c", unless=P.TIME_LOG),
    Place("Inbox", "dispatch:inbox", P.INBOX, "i"),
    Place("Escalations", "escalations:inbox", P.ESCALATION_WORK, "e"),
    Place("Silent patients", "escalations:silent", P.ESCALATION_WORK),
    Place("To sign", "patients:signatures", P.CLINICIAN_ANSWER),
    Place("My sessions", "timelogs:my_sessions", P.TIME_LOG),
    Place("Possible duplicates", "patients:duplicates", P.RECORDS_MERGE),
    Place("Reports", "reports:index", P.TIME_REPORTS),
    Place("People", "staff:people", P.SETTINGS_EDIT),
    Place("Practice", "billing:practice", P.SETTINGS_VIEW),
    Place("Payers", "payers:payers", P.SETTINGS_VIEW),
    Place("Policies", "billing:policies", P.SETTINGS_VIEW),
    Place("Range templates", "patients:range_templates", P.RANGE_TEMPLATES),
    Place("Who answers", "escalations:ladder", P.SETTINGS_VIEW),
    Place("Integrations", "interchange:integrations", P.INTEGRATIONS_VIEW),
    Place("System status", "status", P.SETTINGS_EDIT),
    Place("Queues of work", "dispatch:queues", P.QUEUES),
    Place("History", "audit:history", P.HISTORY_ALL, "h"),
    Place("Access log", "audit:access", P.HISTORY_ALL),
)


class Shell:
    """What base.html prints. Each part is looked up when the page asks for it, and once."""

    def __init__(self, request):
        self._request = request
        self.membership, self.practice = request.membership, request.practice
        self.role = Role(self.membership.role).label
        self.finds_patients = may(self.membership, P.CHART_VIEW)
        self.finds_claims = may(self.membership, P.MONTH_VIEW)
        self.logs_time = may(self.membership, P.TIME_LOG)
        self.merges_records = may(self.membership, P.RECORDS_MERGE)
        self.has_inbox = may(self.membership, P.INBOX)
        self.person = person_mark(request.user)

    @cached_property
    def nav(self) -> list[dict]:
        """Label, url, key and whether it is the page we are on: the longest address that begins this one."""
        places = [place for place in PLACES if place.open_to(self.membership)]
        urls = [reverse(place.route, kwargs=place.kwargs(self.practice)) for place in places]
        here = max((url for url in urls if self._request.path.startswith(url)), key=len, default=None)
        return [
            {"label": place.label, "url": url, "key": place.key, "here": url == here, "route": place.route}
            for place, url in zip(places, urls, strict=True)
        ]

    @cached_property
    def keymap(self) -> list[Shown]:
        """For the list under `?`: the keys of this page first."""
        match = self._request.resolver_match
        return keymap(self.membership, self.nav, route=match.view_name if match else "")

    @cached_property
    def unread(self) -> inbox.Unread:
        return inbox.unread(self.membership)

    @cached_property
    def other_practices(self) -> list[Practice]:
        """Where else this person works today."""
        mine = (
            Membership.objects.filter(user=self._request.user).at(timezone.now()).select_related("practice")
        )
        return sorted((m.practice for m in mine if m.practice_id != self.practice.pk), key=lambda p: p.name)

    @cached_property
    def today(self):
        return self.practice.today()

    @property
    def seconds_left(self) -> int:
        return seconds_left(self._request, timezone.now())


def seconds_left(request, now: datetime) -> int:
    """Seconds until this person is signed out for idleness, as the middleware calculates it; never below 0."""
    seen = parse_datetime(request.session.get(SEEN, "")) or now
    left = seen + timedelta(seconds=settings.IDLE_SIGN_OUT_SECONDS) - now
    return max(0, int(left.total_seconds()))


def shell(request) -> dict:
    """Context processor: `shell` (None for who has no role here), `demo`."""
    member = getattr(request, "membership", None)
    return {"shell": Shell(request) if member else None, "demo": settings.DEMO}


class PracticeZoneMiddleware:
    """Pages show times as the practice's clocks do."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.practice is None:
            return self.get_response(request)
        with timezone.override(request.practice.tz):
            return self.get_response(request)
