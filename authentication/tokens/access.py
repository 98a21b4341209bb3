"""`@by_token` around the views that programs ask: let in by a token alone, in its practice and under its name."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import wraps

from django.db import DatabaseError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from audit.access import kept_through_rollback, write_again
from authentication.models import ApiToken, Scope, WhyRefused
from authentication.tokens.check import NotAdmitted, NotGood, admit, still_good
from authentication.tokens.limits import note_refusal
from dispatch.operations import retried
from foundation.context import ActorKind, acting
from foundation.practice_scope import in_practice
from foundation.programs import WORDS, Answer, Refusal, as_json, body_of, for_programs, said
from foundation.refusals import Refused

BODY_LIMIT = 2 * 1024 * 1024


def by_token(
    *scopes: Scope, to_write: Scope | None = None, answer: Answer = as_json, body_limit: int = BODY_LIMIT
):
    """Let in who shows a good token with this scope: 401, 403 or 429 for everybody else, said by `answer`. `to_write`:
    the scope that what changes something needs, where one address is asked both ways. Of several scopes one is enough
    to come in: which of them the contents need is for the view to ask.

    The view finds `request.token` and `request.practice`, and runs in one transaction, which an answer of 400 or more
    takes back, unless it is `kept`. It stands on top of all other decorators but those of methods.
    """

    def decorate(view):
        @for_programs(answer, body_limit=body_limit)
        @transaction.non_atomic_requests
        @wraps(view)
        def guarded(request, *args, **kwargs):
            reads = to_write is None or request.method in {"GET", "HEAD"}
            needed = scopes if reads else (to_write,)
            response = _answered(request, lambda: view(request, *args, **kwargs), needed, answer)
            add_never_cache_headers(response)
            return said(response)

        guarded.scope = scopes[0]
        return guarded

    return decorate


def _answered(request, view, scopes: Sequence[Scope], answer: Answer):
    try:
        token = admit(request, scopes)
    except NotAdmitted as refused:
        return answer(request, refused.refusal)
    with _as_token(request, token):
        try:
            response = _done(request, view, answer)
        except NotGood as not_good:
            return answer(request, not_good.noted(at=request.received_at).refusal)
        if response.status_code >= 400:
            why = WhyRefused.SCOPE if response.status_code == 403 else WhyRefused.CONTENT
            note_refusal(token, why, at=request.received_at)
    return response


@contextmanager
def _as_token(request, token: ApiToken) -> Iterator[None]:
    """What is read is read in its practice, what is written is signed with its name."""
    request.token, request.practice = token, token.practice
    named = acting(
        f"token: {token.name}", kind=ActorKind.TOKEN, actor_id=token.pk, request_id=request.request_id
    )
    with named, in_practice(token.practice), timezone.override(token.practice.tz):
        try:
            yield
        except Exception:
            # Answered by whoever answers faults; a database that is away counts nothing either.
            with suppress(DatabaseError):
                note_refusal(token, WhyRefused.FAULT, at=request.received_at)
            raise


class _NotDone(Exception):
    """Takes back what was written; carries what is answered."""

    def __init__(self, response):
        self.response = response


def _done(request, view, answer: Answer):
    with kept_through_rollback() as seen:
        try:
            # All of it before the transaction begins, however slowly it comes.
            body_of(request)
            return retried(lambda: _whole(request, view, answer))
        except _NotDone as not_done:
            write_again(seen)
            return not_done.response
        except Refused as refused:
            return _told(request, refused, answer)


def _told(request, refused: Refused, answer: Answer):
    return answer(request, Refusal(refused.status, refused.message, where=refused.field or ""))


def _whole(request, view, answer: Answer):
    with transaction.atomic(durable=True):
        still_good(request.token, at=timezone.now())
        try:
            response = view()
        except Refused as refused:
            response = _told(request, refused, answer)
        except Http404:
            response = answer(request, Refusal(404, WORDS[404], "not-found"))
        if response.status_code >= 400 and not getattr(response, "kept", False):
            raise _NotDone(response)
        return response
