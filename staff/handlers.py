"""What the outbox calls: the e-mail of an invitation."""

from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage

from dispatch.outbox import handles
from staff.links import address_of
from staff.models import Invitation


@handles("staff.invited")
def send_invitation(*, practice, invitation: str) -> None:
    """A worker that dies after sending sends it again; the link is the same."""
    row = (
        Invitation.objects.for_practice(practice)
        .select_related("practice", "invited_by__user")
        .get(pk=UUID(invitation))
    )
    if row.is_open:
        _message(row).send()


def _message(row: Invitation) -> EmailMessage:
    until = row.expires_at.astimezone(row.practice.tz)
    body = (
        f"{row.invited_by.label} invites you to work in RPM Portal for {row.practice.name}, "
        f"as {row.get_role_display()}.\n\n"
        f"Accept and choose a password: {settings.SITE_URL}{address_of(row)}\n\n"
        f"The link works once, until {until:%d-%b-%Y %H:%M %Z}. If you did not expect it, ignore this message.\n"
    )
    return EmailMessage(
        subject=f"Invitation to RPM Portal: {row.practice.name}",
        body=body,
        to=[row.email],
        headers={"Message-ID": f"<invitation-{row.pk}-{row.version}@rpm-portal>"},
    )
