"""When somebody may be invited, take a role, change it or leave: each the sentence that says why not, or None."""

from datetime import date, datetime

from django.db.models import Q

from accounts.models import Membership, Practice, User
from accounts.permissions import Role
from staff.models import Invitation


def why_not_invite(practice: Practice, email: str, *, at: datetime) -> str | None:
    here = Membership.objects.for_practice(practice).filter(user__email=email)
    if here.not_over(at).exists():
        return f"{email} already works here. Change the role under People instead."
    if (
        Invitation.objects.for_practice(practice)
        .filter(email=email, accepted_at=None, withdrawn_at=None)
        .exists()
    ):
        return f"{email} is invited already. Send the invitation again, or withdraw it first."
    return None


def why_over(invitation: Invitation, *, at: datetime) -> str | None:
    """Why its link leads nowhere any more."""
    if invitation.accepted_at:
        return "This invitation was accepted already. Sign in with your e-mail address and password."
    if invitation.withdrawn_at:
        return "This invitation was withdrawn. Ask the practice for a new one."
    if invitation.expires_at <= at:
        return "This invitation is older than 72 hours. Ask the practice to send it again."
    return None


def why_not_accept(
    invitation: Invitation, *, user: User | None, known: User | None, at: datetime
) -> str | None:
    """`user` is signed in, `known` has the invited address. The link alone opens no account that somebody uses."""
    if user is not None and user != known:
        return f"This invitation is for {invitation.email}. Sign out, then open its link again."
    if user is not None and known is not None and not known.is_active:
        return "Your account was closed meanwhile. Open the link again and choose a new password."
    if user is None and known is not None and known.is_active:
        return f"{invitation.email} has an account already. Sign in with it, then open the link again."
    here = Membership.objects.for_practice(invitation.practice).filter(user=known)
    if known and here.not_over(at).exists():
        return f"You work for {invitation.practice.name} already."
    return None


def why_not_open(invitation: Invitation) -> str | None:
    if invitation.accepted_at:
        return f"{invitation.name} has accepted the invitation meanwhile."
    return "This invitation was withdrawn meanwhile." if invitation.withdrawn_at else None


def why_not_change(membership: Membership, *, by: Membership, on: date, today: date) -> str | None:
    """`on`: the first day of the new role, or the first day without one."""
    if by.user_id == membership.user_id:
        return "This is your own role. Another administrator must change it."
    if membership.ends_on is not None and membership.ends_on <= max(today, membership.starts_on):
        return f"{membership.user.name} no longer works here in this role."
    if on < today:
        return "The day must be today or later: what was signed in a role stays so."
    if membership.ends_on is not None and on >= membership.ends_on:
        return f"The role ends on {membership.ends_on:%d-%b-%Y} already. Choose a day before."
    return None


def why_not_supervise(supervisor: Membership | None, *, user: User | None, on: date) -> str | None:
    """`user`: whom she would supervise, if that is known yet; `on`: from which day."""
    if supervisor is None:
        return None
    if user is not None and supervisor.user_id == user.pk:
        return "Nobody supervises herself or himself. Choose another physician, NP or PA."
    if supervisor.ends_on is not None and supervisor.ends_on <= on:
        return f"{supervisor.label} no longer works here on that day. Another physician, NP or PA must supervise."
    return None


def why_not_beside(membership: Membership, *, on: date) -> str | None:
    """Why the new role cannot begin on that day: another of hers holds then."""
    others = Membership.objects.for_practice(membership.practice).filter(user=membership.user)
    if membership.ends_on is not None:
        others = others.filter(starts_on__lt=membership.ends_on)
    other = others.exclude(pk=membership.pk).filter(Q(ends_on=None) | Q(ends_on__gt=on)).first()
    if other is None:
        return None
    if other.ends_on is not None and other.starts_on <= on:
        return f"Another role holds until {other.ends_on:%d-%b-%Y}. Choose that day or a later one."
    return f"Another role begins on {other.starts_on:%d-%b-%Y}. Change or end that one first."


def why_needed(membership: Membership, *, on: date) -> str | None:
    """The last administrator cannot go: nobody could let anybody in again."""
    if membership.role != Role.ADMINISTRATOR:
        return None
    others = Membership.objects.for_practice(membership.practice).filter(
        role=Role.ADMINISTRATOR, ends_on=None, starts_on__lte=on, user__is_active=True
    )
    if others.exclude(user=membership.user_id).exists():
        return None
    return f"From {on:%d-%b-%Y} on the practice would have no administrator. Make somebody else administrator first."
