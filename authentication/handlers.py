"""What the outbox calls: e-mails about one's own sign-in. They name no patient and hold no secret but the link."""

from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail

from accounts.models import Membership, User
from authentication import recovery
from authentication.links import reset_address
from authentication.models import SecondFactor
from dispatch.outbox import handles


@handles("authentication.reset")
def send_reset(*, practice, user: str) -> None:
    person = _person(user)
    body = (
        f"Somebody, probably you, asked for a new password in RPM Portal.\n\n"
        f"Choose it here: {settings.SITE_URL}{reset_address(person)}\n\n"
        f"The link works once, for one hour. Your second factor is asked for as usual.\n"
        f"If it was not you, ignore this message: nothing was changed.\n"
    )
    send_mail("A new password for RPM Portal", body, None, [person.email])


@handles("authentication.factor_added")
def tell_added(*, practice, factor: str) -> None:
    row = SecondFactor.objects.select_related("user").get(pk=UUID(factor))
    _tell(row.user, "A second factor was added", f"{row.get_kind_display()}: {row.name}")


@handles("authentication.factor_removed")
def tell_removed(*, practice, factor: str) -> None:
    row = SecondFactor.objects.select_related("user").get(pk=UUID(factor))
    _tell(row.user, "A second factor was removed", f"{row.get_kind_display()}: {row.name}")


@handles("authentication.factors_reset")
def tell_reset(*, practice, user: str, by: str) -> None:
    who = Membership.objects.for_practice(practice).select_related("user").filter(pk=UUID(by)).first()
    by_whom = f"By {who.label}" if who else "By an administrator"
    detail = f"{by_whom}. You set up a new one when you sign in."
    _tell(_person(user), "Your second factor was reset", detail)


@handles("authentication.recovery_used")
def tell_recovery(*, practice, user: str) -> None:
    person = _person(user)
    _tell(person, "A recovery code was used to sign in", f"{recovery.left(person)} are left.")


@handles("authentication.password_changed")
def tell_password(*, practice, user: str) -> None:
    detail = "Everybody who was signed in with the old one was signed out."
    _tell(_person(user), "Your password was changed", detail)


def _person(user: str) -> User:
    return User.objects.get(pk=UUID(user))


def _tell(person: User, title: str, detail: str) -> None:
    body = f"{title}.\n{detail}\n\nIf you did not expect this, tell your administrator now.\n"
    send_mail(f"{title}: RPM Portal", body, None, [person.email])
