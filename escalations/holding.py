"""Whether what an escalation was opened for still holds, by the last that the system said of its readings."""

from collections.abc import Iterable

from escalations.models import TOP, EscalationStep
from escalations.states import Kind

GONE = "What it was opened for no longer holds. Look at it, and resolve it if nothing else is to be done."
_OF_READINGS = (Kind.OPENED, Kind.MERGED, Kind.RAISED, Kind.NOTED)


def is_over(steps: Iterable[EscalationStep]) -> bool:
    """By its steps, the first first."""
    said = [step for step in steps if step.by_id is None and step.kind in _OF_READINGS and step.words != TOP]
    return bool(said) and said[-1].words.endswith(GONE)
