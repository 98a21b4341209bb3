"""What an entry of the record is: computed from what happened to it, never chosen, and never to be taken off again."""

from enum import StrEnum

from timelogs.models import Addition, Status, TimeEntry


class Kind(StrEnum):
    ORIGINAL = "original"
    LATE = "late"
    CORRECTION = "correction"
    VOID = "void"
    ADDENDUM = "addendum"
    ATTESTATION = "attestation"


def kinds_of(row: TimeEntry | Addition) -> tuple[Kind, ...]:
    """Most telling first: a late entry that was corrected and voided is all three. None while it is not signed."""
    if isinstance(row, Addition):
        return (Kind(row.kind),)
    if row.signed_at is None:
        return ()
    marks = {
        Kind.VOID: row.status == Status.VOIDED,
        Kind.CORRECTION: row.supersedes_id is not None,
        Kind.LATE: row.late,
    }
    return tuple(kind for kind, holds in marks.items() if holds) or (Kind.ORIGINAL,)
