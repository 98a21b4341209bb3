"""The read log: no chart is opened without a row here."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from audit.models import AccessEvent, Action
from foundation import context

_kept: ContextVar[list[dict] | None] = ContextVar("kept_access_rows", default=None)


def record_access(request, patient_ids: Iterable[UUID], *, action: Action = Action.VIEW) -> None:
    """One row a patient shown, signed by the acting person. What is seen in an emergency says so, also in a list; an
    export says that it is one."""
    actor = context.current()
    if action in {Action.VIEW, Action.LIST} and request.membership and request.membership.emergency:
        action = Action.EMERGENCY
    signed = {
        "practice": request.practice,
        "actor_id": actor.actor_id,
        "actor_label": actor.actor_label,
        "request_id": actor.request_id,
        "action": action,
        "route": request.resolver_match.view_name or "",
    }
    rows = [{**signed, "patient_id": patient_id} for patient_id in patient_ids]
    if (kept := _kept.get()) is not None:
        kept.extend(rows)
    _write(rows)


def _write(rows: list[dict]) -> None:
    AccessEvent.objects.bulk_create(AccessEvent(**row) for row in rows)


@contextmanager
def kept_through_rollback() -> Iterator[list[dict]]:
    """Remembers the rows written inside. A page that is shown although its transaction is rolled back was seen
    all the same: `write_again` what this yields then."""
    rows: list[dict] = []
    token = _kept.set(rows)
    try:
        yield rows
    finally:
        _kept.reset(token)


write_again = _write
