"""Hears Django's sign-in signals and the accounts' own, and writes them down."""

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver
from django.utils import timezone

from accounts.addresses import client_address
from accounts.middleware import SEEN, STARTED, membership_of
from accounts.models import Membership, User
from accounts.signals import signing_out
from audit.models import SignInKind
from audit.sign_ins import note
from foundation.practice_scope import of_person

_KINDS = {
    "idle": SignInKind.IDLE,
    "12 hours": SignInKind.TOO_LONG,
}


@receiver(user_logged_in)
def signed_in(sender, request, user, **kwargs):
    request.session[SEEN] = request.session[STARTED] = timezone.now().isoformat()
    request.user = user
    membership = membership_of(request)
    practice = membership.practice if membership else None
    note(
        SignInKind.SIGNED_IN,
        practice=practice,
        user=user,
        label=str(membership or user),
        address=client_address(request),
    )


@receiver(user_login_failed)
def failed(sender, credentials, request=None, **kwargs):
    """Under the practices where the account works, so that they see it; else under none."""
    address = client_address(request) if request else None
    user = User.objects.filter(email=str(credentials.get("username", "")).lower()).first()
    if not note_in_practices(SignInKind.FAILED, user, address=address):
        note(SignInKind.FAILED, label="not signed in", address=address)


def note_in_practices(kind: SignInKind, user, *, address: str | None) -> int:
    """A row in each practice where this person works today: the number of them."""
    if user is None:
        return 0
    rows = Membership.objects.filter(user=user).at(timezone.now()).select_related("practice", "user")
    with of_person(user.pk):
        members = list(rows)
    for member in members:
        label = f"not signed in, as {member.label}"
        note(kind, practice=member.practice, user=user, label=label, address=address)
    return len(members)


@receiver(signing_out)
def signed_out(sender, user, practice, reason, **kwargs):
    note(_KINDS.get(reason, SignInKind.SIGNED_OUT), practice=practice, user=user)
