"""Hears Django's sign-in signals and the accounts' own, and writes them down."""

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver
from django.utils import timezone

from accounts.middleware import SEEN, membership_of
from accounts.signals import signing_out
from audit.models import SignInEvent, SignInKind
from foundation import context


def _write(kind: SignInKind, *, practice=None, user=None, label: str) -> None:
    SignInEvent.objects.create(
        kind=kind,
        practice=practice,
        actor_id=user.pk if user else None,
        actor_label=label,
        request_id=context.current().request_id,
    )


@receiver(user_logged_in)
def signed_in(sender, request, user, **kwargs):
    request.session[SEEN] = timezone.now().isoformat()
    request.user = user
    membership = membership_of(request)
    practice = membership.practice if membership else None
    _write(SignInKind.SIGNED_IN, practice=practice, user=user, label=str(membership or user))


@receiver(user_login_failed)
def failed(sender, credentials, **kwargs):
    _write(SignInKind.FAILED, label="not signed in")


@receiver(signing_out)
def signed_out(sender, user, practice, reason, **kwargs):
    kind = SignInKind.IDLE if reason == "idle" else SignInKind.SIGNED_OUT
    _write(kind, practice=practice, user=user, label=str(user))
