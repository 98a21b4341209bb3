"""What a clinician has read before she signs: the request at its version, and the plan that it would follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from patients import selectors
from patients.models import PaperKind, SignatureRequest


@dataclass(frozen=True, slots=True)
class AsRead:
    """A request as it is read on a day. `plan`: the key of the plan in effect, which the page of a new plan shows."""

    request: SignatureRequest
    version: int
    plan: UUID | None

    @property
    def mark(self) -> str:
        """What the session and the form hold of it. Whatever moves since makes another mark."""
        return f"{self.request.pk.hex}.{self.version}.{self.plan.hex if self.plan else ''}"

    @classmethod
    def of_mark(cls, mark: str, request: SignatureRequest) -> "AsRead":
        """What was read when the mark was made. A mark comes out of the session, where only `mark` put it."""
        _, version, plan = mark.split(".")
        return cls(request, int(version), UUID(plan) if plan else None)


def as_read(practice, requests: Sequence[SignatureRequest], *, on: date) -> list[AsRead]:
    """Each request as it stands, in their order; one query however many. An order is read beside no plan."""
    planned = {row.enrollment_id for row in requests if row.kind == PaperKind.CARE_PLAN}
    plans = selectors.care_plans_on(practice, planned, on)
    return [
        AsRead(row, row.version, plans.get(row.enrollment_id) if row.kind == PaperKind.CARE_PLAN else None)
        for row in requests
    ]
