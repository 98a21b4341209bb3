"""What is done about proofs: add, use and remove a factor, choose a password, end sign-ins elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F, Q

from accounts.models import Membership, Practice, User
from audit.models import SignInKind
from audit.sign_ins import note, noted
from authentication import recovery, totp
from authentication.models import BrowserSession, FactorKind, FactorUse, SecondFactor
from authentication.passkeys import NewPasskey
from authentication.policies import RESET_AGAIN, why_not_remove, why_not_reset
from authentication.sealing import seal, unseal
from dispatch import outbox
from foundation.practice_scope import in_practice, of_person
from foundation.refusals import refuse_if
from foundation.tracked import lock


@transaction.atomic
def add_app(user: User, *, key: str, code: str, at: datetime) -> SecondFactor:
    """An authenticator app whose code proves that it holds the key. It takes the place of the one before."""
    user = lock(user)
    step = totp.step_of(key, code, at)
    refuse_if(
        None if step else "This code is not right. Enter the six digits that the app shows now.", field="code"
    )
    for before in SecondFactor.objects.of(user).filter(kind=FactorKind.TOTP):
        before.removed_at = at
        before.save()
    row = SecondFactor(
        user=user, kind=FactorKind.TOTP, name="Authenticator app", secret=seal(key), added_at=at
    )
    return _added(row, counter=step, at=at)


@transaction.atomic
def add_passkey(user: User, key: NewPasskey, *, name: str, at: datetime) -> SecondFactor:
    user = lock(user)
    row = SecondFactor(
        user=user,
        kind=FactorKind.PASSKEY,
        name=name,
        added_at=at,
        credential_id=key.credential_id,
        public_key=key.public_key,
    )
    return _added(row, counter=key.counter, at=at)


def _added(row: SecondFactor, *, counter: int, at: datetime) -> SecondFactor:
    row.save()
    FactorUse.objects.create(factor=row, counter=counter, used_at=at)
    with _in_practice_of(row.user) as practice:
        outbox.send(practice, "authentication.factor_added", factor=str(row.pk))
    return row


@transaction.atomic
def use_app(user: User, code: str, *, at: datetime) -> bool:
    """Whether the code is right and was not used before: of two at once with one code, one is."""
    row = SecondFactor.objects.of(user).filter(kind=FactorKind.TOTP).first()
    step = totp.step_of(unseal(row.secret), code, at) if row else None
    if step is None:
        return False
    fresh = FactorUse.objects.filter(factor=row, counter__lt=step)
    return fresh.update(counter=step, used_at=at) == 1


@transaction.atomic
def use_recovery_code(user: User, code: str, *, at: datetime) -> bool:
    """Whether it was one of hers and unused; she is told by e-mail."""
    if not recovery.use(user, code, at=at):
        return False
    with _in_practice_of(user) as practice:
        outbox.send(practice, "authentication.recovery_used", user=str(user.pk))
    return True


@transaction.atomic
def use_passkey(row: SecondFactor, counter: int, *, at: datetime) -> bool:
    """False if its counter went back: a copy of it may be in use. Most passkeys do not count and say 0."""
    fresh = FactorUse.objects.filter(Q(counter__lt=counter) | Q(counter=0), factor=row)
    return fresh.update(counter=counter, used_at=at) == 1


@transaction.atomic
def remove(factor: SecondFactor, *, at: datetime) -> None:
    # First the person, as every act here does: two at once wait for each other instead of forever.
    lock(factor.user)
    factor = lock(factor)
    refuse_if(why_not_remove(factor, at=at))
    factor.removed_at = at
    factor.save()
    with _in_practice_of(factor.user) as practice:
        outbox.send(practice, "authentication.factor_removed", factor=str(factor.pk))


@transaction.atomic
def reset_factors(membership: Membership, *, by: Membership, at: datetime) -> None:
    """For who lost phone and recovery codes: she is signed out and sets up a new factor at her next sign-in."""
    membership = lock(membership)
    user = lock(membership.user)
    refuse_if(why_not_reset(membership, by=by, at=at))
    for factor in SecondFactor.objects.of(user):
        factor.removed_at = at
        factor.save()
    recovery.void(user, at=at)
    end_sessions(user)
    outbox.send(membership.practice, "authentication.factors_reset", user=str(user.pk), by=str(by.pk))


@transaction.atomic
def choose_password(user: User, password: str, *, at: datetime, keep: str | None = None) -> None:
    """A new password. Whoever was signed in elsewhere is signed out; `keep` is the session that goes on."""
    user = lock(user)
    user.set_password(password)
    user.save()
    end_sessions(user, keep=keep)
    with _in_practice_of(user) as practice:
        outbox.send(practice, "authentication.password_changed", user=str(user.pk))


@transaction.atomic
def ask_for_reset(email: str, *, address: str | None, at: datetime) -> None:
    """Send a link, if somebody works here under this address and was not just sent one. Says nothing either way."""
    user = User.objects.filter(email=email.lower(), is_active=True).first()
    if user is None or noted(user, SignInKind.RESET_ASKED, since=at - RESET_AGAIN):
        return
    note(SignInKind.RESET_ASKED, practice=_practice_of(user), user=user, address=address)
    with _in_practice_of(user) as practice:
        outbox.send(practice, "authentication.reset", user=str(user.pk))


def end_sessions(user: User, *, keep: str | None = None) -> int:
    """End every sign-in but the one with that key; the number of those that were open."""
    rows = BrowserSession.objects.filter(user=user).exclude(session_key=keep or "")
    keys = list(rows.values_list("session_key", flat=True))
    ended = Session.objects.filter(session_key__in=keys).delete()[0]
    rows.delete()
    return ended


@transaction.atomic
def end_session(row: BrowserSession) -> None:
    Session.objects.filter(session_key=row.session_key).delete()
    row.delete()


def moved(before: str, after: str) -> None:
    """The key of a session was changed; it is the same sign-in."""
    BrowserSession.objects.filter(session_key=before).update(session_key=after)


@contextmanager
def _in_practice_of(user: User) -> Iterator[Practice]:
    practice = _practice_of(user)
    with in_practice(practice):
        yield practice


def _practice_of(user: User) -> Practice:
    """Where her last role is: an e-mail is sent in the name of a practice. Nobody has an account without a role."""
    rows = Membership.objects.filter(user=user).select_related("practice")
    with of_person(user.pk):
        return rows.order_by(F("ends_on").desc(nulls_first=True), "-starts_on")[0].practice
