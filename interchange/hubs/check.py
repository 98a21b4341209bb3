"""Whether a message is let in: by a hub that is open, signed with one of its secrets, just now, and not too often.

What is wrong is told to the practice, beside the hub; who sent it hears the same for everything that lets nobody in.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from accounts.addresses import client_address
from audit.models import SignInKind
from audit.sign_ins import note
from authentication import sealing
from authentication.policies import TOKENS_FOR, why_not_token
from authentication.tokens.check import NotAdmitted
from authentication.tokens.makers import runs_practice
from foundation.practice_scope import every_practice, in_practice
from foundation.programs import Refusal
from interchange.hubs import signatures
from interchange.hubs.limits import note_refusal, use
from interchange.models import Hub, HubSecret, WhyNotTaken

CHALLENGE = {"WWW-Authenticate": f'{signatures.HEADER} realm="RPM Portal"'}
NONE_GIVEN = Refusal(401, f"Sign the message: {signatures.HEADER}: t=…,v1=…", "login", headers=CHALLENGE)
NOT_GOOD = Refusal(401, "This address and signature are not good here.", "login", headers=CHALLENGE)
NOT_NOW = Refusal(
    401,
    "The signature was made more than 5 minutes before or after now. Check the clock, sign again, send again.",
    "login",
    headers=CHALLENGE,
)


@dataclass(frozen=True, slots=True)
class Admitted:
    hub: Hub
    secret: HubSecret
    signature: str


class _NotGood(Exception):
    def __init__(self, hub: Hub | None = None, why: WhyNotTaken | None = None, refusal: Refusal = NOT_GOOD):
        super().__init__(refusal.message)
        self.hub, self.why, self.refusal = hub, why, refusal


def admit(request, key: str, body: bytes) -> Admitted:
    """Raises `NotAdmitted`."""
    address, at = client_address(request), request.received_at
    try:
        return _admitted(request.headers.get(signatures.HEADER, ""), key, body, at=at)
    except _NotGood as not_good:
        if not_good.hub is not None and not_good.why is not None:
            with in_practice(not_good.hub.practice):
                note_refusal(not_good.hub, not_good.why, at=at)
        # Its clock is wrong and its secret right: told so as often as it asks, and it guesses nothing.
        if not_good.why != WhyNotTaken.TIME:
            _count(address, at=at)
        raise NotAdmitted(not_good.refusal) from None


def _count(address: str, *, at: datetime) -> None:
    """From one address only so many are looked at that are not good, tokens and signatures together."""
    if why := why_not_token(address, at=at):
        wait = {"Retry-After": str(int(TOKENS_FOR.total_seconds()))}
        raise NotAdmitted(Refusal(429, why, "throttled", headers=wait))
    note(SignInKind.TOKEN, label="a hub", address=address)


def _admitted(header: str, key: str, body: bytes, *, at: datetime) -> Admitted:
    if not header:
        raise _NotGood(refusal=NONE_GIVEN)
    given = signatures.read(header)
    with every_practice():
        hub = Hub.objects.select_related("practice").filter(key=key).first()
    if given is None or hub is None:
        raise _NotGood(hub, WhyNotTaken.SIGNATURE if hub else None)
    with in_practice(hub.practice):
        secret = _signer(hub, given, body)
        if why := why_over(hub, secret, at=at):
            raise _NotGood(hub, why)
        if not given.is_timely(at.timestamp()):
            raise _NotGood(hub, WhyNotTaken.TIME, NOT_NOW)
        if wait := use(hub, secret, at=at):
            note_refusal(hub, WhyNotTaken.LIMIT, at=at)
            raise NotAdmitted(_too_many(hub, wait))
    return Admitted(hub, secret, signatures.sign(sealing.unseal(secret.secret), body, given.t))


def _signer(hub: Hub, given: signatures.Signature, body: bytes) -> HubSecret:
    """The last three: the current one, the one that it replaced, and one whose end is worth a word to the practice."""
    rows = HubSecret.objects.for_practice(hub.practice).filter(hub=hub).select_related("made_by")
    rows = list(rows.order_by("-number")[:3])
    place = signatures.signed_with(given, body, [sealing.unseal(row.secret) for row in rows])
    if place is None:
        raise _NotGood(hub, WhyNotTaken.SIGNATURE)
    return rows[place]


def why_over(hub: Hub, secret: HubSecret, *, at: datetime) -> WhyNotTaken | None:
    if hub.ended_at is not None:
        return WhyNotTaken.ENDED
    if secret.good_until <= at:
        return WhyNotTaken.EXPIRED
    if not runs_practice(secret.made_by.user_id, hub.practice, at=at):
        return WhyNotTaken.MAKER
    return None


def still_good(admitted: Admitted, *, at: datetime) -> bool:
    """Asked again within the transaction that writes, and held until it is over: once who ends the hub, or changes its
    secret, has her answer, nothing more is written."""
    hub_id, secret_id = admitted.hub.pk, admitted.secret.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM interchange_hub WHERE id = %s FOR SHARE", [hub_id])
        cursor.execute("SELECT FROM interchange_hubsecret WHERE id = %s FOR SHARE", [secret_id])
    secret = HubSecret.objects.select_related("hub__practice", "made_by").get(pk=secret_id)
    why = why_over(secret.hub, secret, at=at)
    if why:
        note_refusal(admitted.hub, why, at=at)
    return why is None


def _too_many(hub: Hub, wait: int) -> Refusal:
    message = f"More than {hub.per_minute} messages in a minute. Wait {wait} seconds, then send again."
    return Refusal(429, message, "throttled", headers={"Retry-After": str(wait)})
