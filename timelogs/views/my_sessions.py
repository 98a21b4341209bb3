"""A person's own sessions, and the pill that shows her clock on every page."""

from urllib.parse import urlsplit

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, may, requires
from foundation.months import midnight
from patients.chart_access import show_list
from timelogs.models import Clock, ClockState, Status
from timelogs.pages.my_sessions import sessions_of
from timelogs.pages.session import Sheet
from timelogs.signing.left_drafts import handed_to, left_drafts


@require_safe
@requires(Permission.TIME_LOG)
def my_sessions(request):
    """Drafts first, oldest on top: what is unsigned is not counted. Then today, then the week. `?page=2`."""
    at = timezone.now()
    mine = sessions_of(request.membership, at=at, page=request.GET.get("page"))
    handed = handed_to(request.membership, at=at) if mine.page.number == 1 else []
    show_list(request, {row.entry.patient for row in [*mine.all, *handed]})
    approves = may(request.membership, Permission.TIME_APPROVE)
    left = left_drafts(request.practice, at=at).count() if approves else 0
    return render(request, "timelogs/my_sessions.html", {"mine": mine, "handed": handed, "left": left})


@require_safe
@requires(Permission.TIME_LOG)
def clock_pill(request):
    """The running or paused clock, drawn by the frame of every page. Empty where there is none, or on its own page."""
    at = timezone.now()
    clock = clock_at_hand(request.membership, at=at)
    own_page = clock and reverse("timelogs:session", args=[clock.entry_id])
    if clock is None or _page_below(request) == own_page:
        return HttpResponse()
    sheet = Sheet(clock.entry, at=at)
    context = {
        "entry": clock.entry,
        "patient": clock.entry.patient,
        "view": sheet.clock,
        "minutes": sheet.minutes_words,
    }
    return render(request, "timelogs/_pill.html", context)


def _page_below(request) -> str:
    """The path of the page that asks; empty for an address that is none."""
    try:
        return urlsplit(request.htmx.current_url or "").path
    except ValueError:
        return ""


def clock_at_hand(membership, *, at) -> Clock | None:
    """Her live clock in this practice, else one that she paused today."""
    practice = membership.practice
    today = midnight(practice.today(at), tz=practice.tz)
    rows = Clock.objects.filter(staff=membership.user_id, practice=practice, entry__status=Status.DRAFT)
    rows = rows.exclude(state=ClockState.ENDED).select_related(
        "entry__patient", "entry__practice", "entry__author__user"
    )
    clocks = sorted(
        rows, key=lambda clock: (clock.state == ClockState.PAUSED, -clock.heartbeat_at.timestamp())
    )
    first = clocks[0] if clocks else None
    stale = first and first.state == ClockState.PAUSED and first.heartbeat_at < today
    return None if stale else first
