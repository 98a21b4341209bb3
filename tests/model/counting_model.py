"""The model of a patient's month: every second once, to who signed it first, and a reason for all the others.

To the later as well where somebody said of the two that both count.
"""

from dataclasses import dataclass, field
from datetime import date

from tests.model.calendars import SECOND
from tests.model.intervals import Span, length, within, without
from tests.model.sessions import CALENDARS, PRACTICE_OF, Session
from timelogs.models import Status


@dataclass
class Total:
    """Whole seconds, cut once; by session the exact counted time, and the seconds left out by reason."""

    seconds: int = 0
    unsigned: int = 0
    counted: dict[int, int] = field(default_factory=dict)
    left_out: dict[int, dict[str, int]] = field(default_factory=dict)


def holders(sessions: list[Session], patient: str) -> dict[int, list[Span]]:
    """Which spans of a patient's life count for which session."""
    counting = sorted((s for s in sessions if s.patient == patient and s.counts), key=lambda s: s.order)
    held: dict[int, list[Span]] = {}
    for place, s in enumerate(counting):
        apart = (other for other in counting[:place] if other.number not in s.beside)
        held[s.number] = without(s.countable(), [span for other in apart for span in other.countable()])
    return held


def total(sessions: list[Session], patient: str, month: date) -> Total:
    window = CALENDARS[PRACTICE_OF[patient]].window(month)
    held = {number: within(spans, window) for number, spans in holders(sessions, patient).items()}
    found = Total(counted={number: length(spans) for number, spans in held.items() if spans})
    found.seconds = sum(found.counted.values()) // SECOND
    mine = [s for s in sessions if s.patient == patient]
    found.unsigned = unsigned(mine, window, [span for spans in held.values() for span in spans])
    for s in mine:
        if reasons := left_out(s, window, held.get(s.number, [])):
            found.left_out[s.number] = reasons
    return found


def unsigned(sessions: list[Session], window: Span, taken: list[Span]) -> int:
    """What the drafts would add, no second twice."""
    added: list[Span] = []
    for s in sessions:
        if s.status == Status.DRAFT:
            added += without(within(s.documented(), window), [*taken, *added])
    return length(added) // SECOND


def left_out(s: Session, window: Span, held: list[Span]) -> dict[str, int]:
    """Every second of it in the month that does not count, with the reason."""
    documented = within(s.documented(), window)
    care = within(s.countable(), window)
    if s.status == Status.DRAFT:
        parts = {"not-signed": documented}
    elif not s.counts:
        parts = {"needs-approval": care, "not-countable": without(documented, care)}
    else:
        parts = {"concurrent": without(care, held), "not-countable": without(documented, care)}
    return {reason: length(spans) // SECOND for reason, spans in parts.items() if spans}
