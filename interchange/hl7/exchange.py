"""One message of a listener's connection: let in by the listener's token, answered once what it does is committed."""

import logging
from datetime import datetime
from uuid import uuid4

from django.db import close_old_connections, transaction
from django.utils import timezone

from authentication.models import ApiToken, WhyRefused
from authentication.tokens.check import NotAdmitted, NotGood, admit_written, still_good
from authentication.tokens.limits import note_refusal
from authentication.tokens.text import Written
from dispatch.operations import retried
from foundation.context import ActorKind, acting, in_request
from foundation.practice_scope import in_practice, nowhere
from interchange.hl7.ack import Answer, Code, Fault
from interchange.hl7.answer import BUSY, SCOPES, answered, reply

log = logging.getLogger(__name__)
NOT_GOOD = Answer(Code.REJECTED, "The token of this listener is not good here", Fault.INTERNAL)


def exchange(content: bytes, token: Written, *, address: str) -> bytes:
    """Never raises: whatever goes wrong, the other side is told that nothing was done and may send again."""
    at = timezone.now()
    close_old_connections()
    try:
        with nowhere(), in_request(uuid4()):
            return _admitted(content, token, address=address, at=at)
    except NotAdmitted as refused:
        throttled = refused.refusal.status == 429
        return answered(content, BUSY if throttled else NOT_GOOD, at=at)
    except Exception as error:
        # The name of the fault alone: its text may hold what the message says.
        log.error("A message was not taken in: %s", type(error).__name__)
        return answered(content, BUSY, at=at)
    finally:
        close_old_connections()


def _admitted(content: bytes, given: Written, *, address: str, at: datetime) -> bytes:
    token = admit_written(given, SCOPES, address=address, at=at)
    named = acting(f"token: {token.name}", kind=ActorKind.TOKEN, actor_id=token.pk)
    with named, in_practice(token.practice), timezone.override(token.practice.tz):
        try:
            found = retried(lambda: _whole(content, token, at))
        except NotGood as not_good:
            raise not_good.noted(at=at) from None
        if found.code != Code.ACCEPTED:
            note_refusal(token, WhyRefused.CONTENT if found.in_scope else WhyRefused.SCOPE, at=at)
        return found.content


def _whole(content: bytes, token: ApiToken, at: datetime):
    with transaction.atomic(durable=True):
        still_good(token, at=timezone.now())
        return reply(content, token.practice, sender=token.name, at=at, scopes=token.scopes)
