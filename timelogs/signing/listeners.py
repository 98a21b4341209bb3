"""Hears that somebody leaves: what she did not sign is told of before, and found by a colleague after."""

from django.dispatch import receiver
from django.urls import reverse

from accounts.models import Membership, User
from accounts.permissions import Permission, roles_that_may
from accounts.signals import role_ended, role_ending
from dispatch import notices
from foundation.months import in_words
from timelogs.models import Status, TimeEntry
from timelogs.signing.left_drafts import looked_after_by, seconds_of


def _unsigned(practice, user) -> list[TimeEntry]:
    return list(TimeEntry.objects.for_practice(practice).filter(author__user=user, status=Status.DRAFT))


@receiver(role_ending)
def tell_unsigned(sender, user, practice, **kwargs) -> str | None:
    """For who is about to end the role. Names no patient: an administrator sees no chart."""
    if not (drafts := _unsigned(practice, user)):
        return None
    length = in_words(sum(seconds_of(drafts).values()))
    many, them = ("1 draft is", "it") if len(drafts) == 1 else (f"{len(drafts)} drafts are", "them")
    return f"{many} unsigned ({length}). Nobody else can sign {them}: what stays unsigned never counts."


@receiver(role_ended)
def tell_colleagues(sender, user, practice, at, **kwargs) -> None:
    """Those who approve time are told once of each end."""
    drafts = _unsigned(practice, user)
    colleagues = Membership.objects.for_practice(practice).filter(
        role__in=roles_that_may(Permission.TIME_APPROVE)
    )
    ended = Membership.objects.for_practice(practice).filter(user=user, ends_on__lte=practice.today(at))
    ended = ended.order_by("-ends_on", "-starts_on").first()
    held = looked_after_by(user, practice, at=at)
    if ended is None or not (drafts or held):
        return
    left = f"left {_many(len(drafts))} unsigned" if drafts else ""
    looked = f"no longer looks after {_many(held)} of people who left" if held else ""
    notices.notify(
        practice,
        User.objects.filter(pk__in=colleagues.at(at).values("user")),
        kind="left_drafts",
        cause=f"left:{ended.pk}",
        text=f"{ended.label} {' and '.join(filter(None, (left, looked)))}.",
        url=reverse("timelogs:left_drafts"),
    )


def _many(drafts: int) -> str:
    return "1 draft" if drafts == 1 else f"{drafts} drafts"
