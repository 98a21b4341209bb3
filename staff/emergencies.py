"""Charts for somebody whose role sees none, in an emergency: four hours, with a reason, and administrators are told."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, User
from accounts.permissions import Permission, Role, may
from dispatch import notices
from foundation.context import because
from foundation.refusals import refuse_if
from foundation.tracked import lock
from staff.models import EMERGENCY, Emergency


class EmergencyMiddleware:
    """Sets `request.membership.emergency` where one lasts. Below ActingMiddleware, which says who it is."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        member = request.membership
        if may(member, Permission.CHART_EMERGENCY):
            member.emergency = lasting(member, at=timezone.now())
        return self.get_response(request)


def lasting(member: Membership, *, at: datetime) -> Emergency | None:
    """The emergency that she opened and that is not over at that moment."""
    rows = Emergency.objects.for_practice(member.practice).filter(
        member=member, opened_at__lte=at, ends_at__gt=at
    )
    return rows.order_by("-ends_at").first()


def why_not_open(member: Membership, *, at: datetime) -> str | None:
    if now := lasting(member, at=at):
        until = now.ends_at.astimezone(member.practice.tz)
        return f"Charts are open to you already, until {until:%H:%M}. End that first, or use it."
    return None


@transaction.atomic
def open_emergency(member: Membership, *, reason: str, at: datetime) -> Emergency:
    """Charts to read for four hours. Every administrator is told, she herself too."""
    member = lock(member)
    refuse_if(why_not_open(member, at=at))
    with because(reason):
        row = Emergency(practice=member.practice, member=member, reason=reason.strip(), opened_at=at)
        row.ends_at = at + EMERGENCY
        row.save()
    notices.notify(
        member.practice,
        administrators(member.practice, at=at),
        kind="emergency",
        cause=f"emergency:{row.pk}",
        text=f"{member.label} opened charts in an emergency: {row.reason}",
        url=reverse("billing:duties", args=[member.practice.today(at).replace(day=1)]),
    )
    return row


@transaction.atomic
def end_emergency(member: Membership, *, at: datetime) -> None:
    """End it now. Twice, or when it is over by itself, changes nothing."""
    member = lock(member)
    if row := lasting(member, at=at):
        row.ends_at, row.ended_early = at, True
        row.save()


def administrators(practice, *, at: datetime):
    here = Membership.objects.for_practice(practice).on(practice.today(at)).filter(role=Role.ADMINISTRATOR)
    return User.objects.filter(pk__in=here.values("user"), is_active=True).order_by("pk")
