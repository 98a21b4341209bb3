"""Who acts, in which request, and why: the one context that every write needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID, uuid4

from foundation.refusals import UnsignedChange


class ActorKind(StrEnum):
    PERSON = "person"
    SYSTEM = "system"
    IMPORT = "import"
    TOKEN = "token"


@dataclass(frozen=True, slots=True)
class AuditContext:
    """The signature under a change. `actor_id`: a user's or a token's id, None for the system; the label never goes
    stale."""

    actor_label: str
    actor_kind: ActorKind
    actor_id: UUID | None = None
    request_id: UUID | None = None
    reason: str = ""


_current: ContextVar[AuditContext | None] = ContextVar("audit_context", default=None)
_request_id: ContextVar[UUID | None] = ContextVar("request_id", default=None)


def current() -> AuditContext:
    """The context in effect. Raises `UnsignedChange` where nobody has said who acts."""
    if (context := _current.get()) is None:
        raise UnsignedChange()
    return context


@contextmanager
def acting(
    label: str,
    *,
    kind: ActorKind = ActorKind.SYSTEM,
    actor_id: UUID | None = None,
    reason: str = "",
    request_id=None,
) -> Iterator[AuditContext]:
    """Everything written inside is signed by this actor."""
    context = AuditContext(label, kind, actor_id, request_id or _request_id.get() or uuid4(), reason)
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


@contextmanager
def because(reason: str) -> Iterator[AuditContext]:
    """The same actor, with the reason for the changes made inside."""
    token = _current.set(replace(current(), reason=reason.strip()))
    try:
        yield current()
    finally:
        _current.reset(token)


@contextmanager
def in_request(request_id: UUID) -> Iterator[None]:
    """Ties log lines and changes to one request or task."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


def request_reference() -> str:
    """The short reference that an error page shows and the log repeats; empty outside a request."""
    request_id = _request_id.get()
    return request_id.hex[:8].upper() if request_id else ""
