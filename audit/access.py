"""The read log: no chart is opened without a row here."""

from collections.abc import Iterable
from uuid import UUID

from audit.models import AccessEvent, Action
from foundation import context


def record_access(practice, *, route: str, patient_ids: Iterable[UUID], action: Action = Action.VIEW) -> None:
    """One row a patient shown, signed by the acting person."""
    actor = context.current()
    AccessEvent.objects.bulk_create(
        AccessEvent(
            practice=practice,
            actor_id=actor.actor_id,
            actor_label=actor.actor_label,
            request_id=actor.request_id,
            action=action,
            route=route,
            patient_id=patient_id,
        )
        for patient_id in patient_ids
    )
