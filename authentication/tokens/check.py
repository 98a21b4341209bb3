"""Whether a request is let in by its token. What is wrong with a token is told to the practice, not to who sent it."""

from datetime import datetime
from hmac import compare_digest
from ipaddress import ip_address, ip_network

from accounts.addresses import client_address
from authentication.models import ApiToken, Scope, WhyRefused
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


def admit(request, scope: Scope) -> ApiToken:
    """The token by which the request may do this. Raises `NotAdmitted`."""
    if not (header := request.headers.get("Authorization", "")):
        raise NotAdmitted(NONE_GIVEN)
    if (given := text.read(header)) is None:
        raise NotAdmitted(NOT_GOOD)
    return admit_written(given, scope, address=client_address(request), at=request.received_at)


def admit_written(given: text.Written, scope: Scope, *, address: str, at: datetime) -> ApiToken:
    """The same of a token that came by another way than a request."""
    if (token := _by_key(given.key)) is None:
        raise NotAdmitted(NOT_GOOD)
    with in_practice(token.practice):
        _admit(token, given, scope, address=address, at=at)
    return token


def _by_key(key: str) -> ApiToken | None:
    with every_practice():
        return ApiToken.objects.select_related("practice", "made_by").filter(key=key).first()


def _admit(token: ApiToken, given: text.Written, scope: Scope, *, address: str, at: datetime) -> None:
    if why := _why_not(token, given, address=address, at=at):
        note_refusal(token, why, at=at)
        raise NotAdmitted(NOT_GOOD)
    if wait := use(token, address=address, at=at):
        note_refusal(token, WhyRefused.LIMIT, at=at)
        raise NotAdmitted(_too_many(token, wait))
    if scope not in token.scopes:
        note_refusal(token, WhyRefused.SCOPE, at=at)
        raise NotAdmitted(_out_of_scope(scope))


def _why_not(token: ApiToken, given: text.Written, *, address: str, at: datetime) -> WhyRefused | None:
    if not compare_digest(token.digest, given.digest):
        return WhyRefused.SECRET
    if token.ended_at is not None:
        return WhyRefused.ENDED
    if token.expires_at <= at:
        return WhyRefused.EXPIRED
    if not runs_practice(token.made_by.user_id, token.practice, at=at):
        return WhyRefused.MAKER
    return None if _is_from(token.networks, address) else WhyRefused.NETWORK


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


def _out_of_scope(scope: Scope) -> Refusal:
    challenge = f'{REALM}, error="insufficient_scope", scope="{scope}"'
    message = f"This token may not do this. It needs the scope {scope}."
    return Refusal(403, message, "forbidden", headers={"WWW-Authenticate": challenge})
