"""Whether a request is let in by its token. What is wrong with a token is told to the practice, not to who sent it."""

from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest
from ipaddress import ip_address, ip_network

from django.db import connection

from accounts.addresses import client_address
from audit.models import SignInKind
from audit.sign_ins import note
from authentication.models import ApiToken, Scope, WhyRefused
from authentication.policies import TOKENS_FOR, why_not_token
from authentication.tokens import text
from authentication.tokens.limits import note_refusal, use
from authentication.tokens.makers import runs_practice
from foundation.practice_scope import every_practice, in_practice
from foundation.programs import Refusal

REALM = 'Bearer realm="RPM Portal"'


class NotAdmitted(Exception):
    """Carries what the program is told."""

    def __init__(self, refusal: Refusal):
        self.refusal = refusal


# The same for each token that lets nobody in, whatever the reason.
NONE_GIVEN = Refusal(
    401, "Send a token: Authorization: Bearer rpm_…", "login", headers={"WWW-Authenticate": REALM}
)
NOT_GOOD = Refusal(
    401,
    "This token is not good here.",
    "login",
    headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
)


class NotGood(NotAdmitted):
    """Answered the same, whether there is such a token or not. Nothing is written before `noted`."""

    def __init__(self, token: ApiToken | None = None, why: WhyRefused | None = None):
        super().__init__(NOT_GOOD)
        self._token, self._why = token, why

    def noted(self, *, at: datetime) -> "NotGood":
        """Beside the token that it was, to be seen by its practice."""
        if self._token and self._why:
            with in_practice(self._token.practice):
                note_refusal(self._token, self._why, at=at)
        return self


def admit(request, scopes: Sequence[Scope]) -> ApiToken:
    """The token by which the request may do this: it has one of the scopes. Raises `NotAdmitted`."""
    if not (header := request.headers.get("Authorization", "")):
        raise NotAdmitted(NONE_GIVEN)
    address, at = client_address(request), request.received_at
    try:
        if (given := text.read(header)) is None:
            raise NotGood
        return _admitted(given, scopes, address=address, at=at)
    except NotGood as not_good:
        if why := why_not_token(address, at=at):
            wait = {"Retry-After": str(int(TOKENS_FOR.total_seconds()))}
            raise NotAdmitted(Refusal(429, why, "throttled", headers=wait)) from None
        note(SignInKind.TOKEN, label="a program", address=address)
        raise not_good.noted(at=at) from None


def admit_written(given: text.Written, scopes: Sequence[Scope], *, address: str, at: datetime) -> ApiToken:
    """The same of a token that who connects does not choose, so that its address is not counted."""
    try:
        return _admitted(given, scopes, address=address, at=at)
    except NotGood as not_good:
        raise not_good.noted(at=at) from None


def _admitted(given: text.Written, scopes: Sequence[Scope], *, address: str, at: datetime) -> ApiToken:
    if (token := _by_key(given.key)) is None:
        raise NotGood
    with in_practice(token.practice):
        _admit(token, given, scopes, address=address, at=at)
    return token


def still_good(token: ApiToken, *, at: datetime) -> None:
    """Asked again within the transaction that writes: it may have been ended while the body came in. Held until the
    transaction is over, so that nothing is written once who ends it has her answer. Raises `NotGood`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM authentication_apitoken WHERE id = %s FOR SHARE", [token.pk])
    row = ApiToken.objects.select_related("practice", "made_by").get(pk=token.pk)
    if why := _why_over(row, at=at):
        raise NotGood(row, why)


def _by_key(key: str) -> ApiToken | None:
    with every_practice():
        return ApiToken.objects.select_related("practice", "made_by").filter(key=key).first()


def _admit(
    token: ApiToken, given: text.Written, scopes: Sequence[Scope], *, address: str, at: datetime
) -> None:
    if why := _why_not(token, given, address=address, at=at):
        raise NotGood(token, why)
    if wait := use(token, address=address, at=at):
        note_refusal(token, WhyRefused.LIMIT, at=at)
        raise NotAdmitted(_too_many(token, wait))
    if not set(scopes) & set(token.scopes):
        note_refusal(token, WhyRefused.SCOPE, at=at)
        raise NotAdmitted(_out_of_scope(scopes))


def _why_not(token: ApiToken, given: text.Written, *, address: str, at: datetime) -> WhyRefused | None:
    if not compare_digest(token.digest, given.digest):
        return WhyRefused.SECRET
    if why := _why_over(token, at=at):
        return why
    return None if _is_from(token.networks, address) else WhyRefused.NETWORK


def _why_over(token: ApiToken, *, at: datetime) -> WhyRefused | None:
    if token.ended_at is not None:
        return WhyRefused.ENDED
    if token.expires_at <= at:
        return WhyRefused.EXPIRED
    if not runs_practice(token.made_by.user_id, token.practice, at=at):
        return WhyRefused.MAKER
    return None


def _is_from(networks: list[str], address: str) -> bool:
    if not networks:
        return True
    try:
        here = ip_address(address)
    except ValueError:
        return False
    return any(here in ip_network(network) for network in networks)


def _too_many(token: ApiToken, wait: int) -> Refusal:
    message = f"More than {token.per_minute} requests in a minute. Wait {wait} seconds, then send again."
    return Refusal(429, message, "throttled", headers={"Retry-After": str(wait)})


def _out_of_scope(scopes: Sequence[Scope]) -> Refusal:
    challenge = f'{REALM}, error="insufficient_scope", scope="{" ".join(scopes)}"'
    message = f"This token may not do this. It needs the scope {' or '.join(scopes)}."
    return Refusal(403, message, "forbidden", headers={"WWW-Authenticate": challenge})
