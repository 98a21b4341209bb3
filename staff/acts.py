"""What is done about people: invite, accept, change a role from a day on, end it. One transaction and one name each."""

from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.models import LOGS_TIME, Membership, Practice, User, staff_kind_of
from accounts.signals import role_ended
from authentication.tokens.acts import end_with_role
from dispatch import outbox
from foundation.context import ActorKind, acting
from foundation.practice_scope import every_practice
from foundation.refusals import refuse_if
from foundation.tracked import lock
from staff.models import Invitation
from staff.policies import (
    why_needed,
    why_not_accept,
    why_not_beside,
    why_not_change,
    why_not_invite,
    why_not_open,
    why_not_supervise,
    why_over,
)

VALID = timedelta(hours=72)


@transaction.atomic
def invite(practice: Practice, *, email: str, by: Membership, at: datetime, **offered) -> Invitation:
    """Ask somebody to work here; `offered`: name, role and what goes with it. A worker sends the link."""
    lock(practice)
    email = email.lower()
    refuse_if(why_not_invite(practice, email, at=at), field="email")
    supervision = why_not_supervise(offered.get("supervised_by"), user=None, on=offered["starts_on"])
    refuse_if(supervision, field="supervised_by")
    row = Invitation(practice=practice, email=email, invited_by=by, expires_at=at + VALID, **offered)
    row.save()
    outbox.send(practice, "staff.invited", invitation=str(row.pk))
    return row


@transaction.atomic
def send_again(invitation: Invitation, *, at: datetime) -> Invitation:
    """A link for another 72 hours. The one sent before is the same and lives as long."""
    invitation = lock(invitation)
    refuse_if(why_not_open(invitation))
    invitation.expires_at = at + VALID
    invitation.save()
    outbox.send(invitation.practice, "staff.invited", invitation=str(invitation.pk))
    return invitation


@transaction.atomic
def withdraw(invitation: Invitation, *, at: datetime) -> Invitation:
    invitation = lock(invitation)
    refuse_if(why_not_open(invitation))
    invitation.withdrawn_at = at
    invitation.save()
    return invitation


@transaction.atomic
def accept(invitation: Invitation, *, user: User | None, password: str = "", at: datetime) -> Membership:
    """Take the role, as `user` who is signed in; or, where no account works under the address, with a new password."""
    invitation = lock(invitation)
    refuse_if(why_over(invitation, at=at))
    # Locked: her last role may be ending at this moment, which closes the account.
    known = User.objects.select_for_update().filter(email=invitation.email).first()
    refuse_if(why_not_accept(invitation, user=user, known=known, at=at))
    user = known or User(email=invitation.email)
    with acting(invitation.name, kind=ActorKind.PERSON, actor_id=user.pk, reason="accepted an invitation"):
        if password:
            user.name, user.is_active = invitation.name, True
            user.set_password(password)
            user.save()
        member = _join(invitation, user, at=at)
        invitation.accepted_by, invitation.accepted_at = user, at
        invitation.save()
    return member


def _join(invitation: Invitation, user: User, *, at: datetime) -> Membership:
    starts_on = max(invitation.starts_on, invitation.practice.today(at))
    refuse_if(why_not_supervise(invitation.supervised_by, user=user, on=starts_on))
    member = Membership(
        practice=invitation.practice,
        user=user,
        role=invitation.role,
        credential=invitation.credential,
        npi=invitation.npi,
        staff_kind=staff_kind_of(invitation.role),
        employer=invitation.employer,
        supervised_by=invitation.supervised_by,
        starts_on=starts_on,
    )
    member.save()
    return member


@transaction.atomic
def change_role(
    membership: Membership,
    *,
    role: str,
    credential: str,
    npi: str,
    employer: str = "",
    supervised_by: Membership | None = None,
    starts_on: date,
    by: Membership,
    at: datetime,
) -> Membership:
    """Another role, or the same with another credential, from a day on. What was signed before stays as it was."""
    # Two administrators who take each other's role at once are asked one after the other.
    practice = lock(membership.practice)
    membership = lock(membership)
    refuse_if(why_not_change(membership, by=by, on=starts_on, today=practice.today(at)), field="starts_on")
    refuse_if(why_not_beside(membership, on=starts_on), field="starts_on")
    refuse_if(why_not_supervise(supervised_by, user=membership.user, on=starts_on), field="supervised_by")
    if role != membership.role:
        refuse_if(why_needed(membership, on=starts_on), field="role")
    new = Membership(
        practice=practice,
        user=membership.user,
        role=role,
        credential=credential,
        npi=npi,
        staff_kind=staff_kind_of(role),
        employer=employer,
        supervised_by=supervised_by,
        starts_on=starts_on,
        ends_on=membership.ends_on,
    )
    membership.ends_on = max(starts_on, membership.starts_on)
    membership.save()
    new.save()
    if starts_on <= practice.today(at):
        follow_ended_role(membership, at=at)
    return new


@transaction.atomic
def end_role(membership: Membership, *, ends_on: date, by: Membership, at: datetime) -> Membership:
    """No role here from a day on. Today: her next request is refused, her clock stops, her drafts stay hers."""
    practice = lock(membership.practice)
    today = practice.today(at)
    membership = lock(membership)
    refuse_if(why_not_change(membership, by=by, on=ends_on, today=today), field="ends_on")
    refuse_if(why_needed(membership, on=ends_on), field="ends_on")
    membership.ends_on = max(ends_on, membership.starts_on)
    membership.save()
    if not Membership.objects.filter(pk=membership.pk).not_over(at).exists():
        follow_ended_role(membership, at=at)
    return membership


def _close_account(user: User, *, at: datetime) -> None:
    """Who works nowhere any more cannot sign in; whoever is signed in is signed out at her next request."""
    user = lock(user)
    # Not of this practice alone: she may work in another, which this one does not see.
    with every_practice():
        works = Membership.objects.filter(user=user).not_over(at).exists()
    if user.is_active and not works:
        user.is_active = False
        user.save()


@transaction.atomic
def follow_ended_role(membership: Membership, *, at: datetime) -> None:
    """What ending a role today does at once, for one that ended by a date set before. Twice is as good as once."""
    practice, user = membership.practice, membership.user
    end_with_role(user, practice, at=at)
    if not Membership.objects.for_practice(practice).filter(user=user, role__in=LOGS_TIME).at(at).exists():
        role_ended.send(sender=None, user=user, practice=practice, at=at)
    _close_account(user, at=at)
