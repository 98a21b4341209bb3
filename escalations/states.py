"""From which state an escalation may take which step, and where that leads: the one table. The database holds the same.

No database.
"""

from django.db import models


class State(models.TextChoices):
    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    REFERRED = "referred", "Referred"
    ANSWERED = "answered", "Answered"
    RESOLVED = "resolved", "Resolved"


class Kind(models.TextChoices):
    """What a step is."""

    OPENED = "opened", "Opened"
    MERGED = "merged", "Found again"
    RAISED = "raised", "Became more severe"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    REFERRED = "referred", "Referred to a physician, NP or PA"
    ANSWERED = "answered", "Answered"
    HANDED_OVER = "handed_over", "Handed over"
    CLIMBED = "climbed", "Passed on by the system"
    NOTED = "noted", "Noted"
    ATTEMPTED = "attempted", "Tried to reach the patient"
    RESOLVED = "resolved", "Resolved"


_LOOKED_AT = {State.OPEN: State.OPEN, State.ACKNOWLEDGED: State.ACKNOWLEDGED}
_WITH_CLINICIAN = {State.REFERRED: State.REFERRED, State.ANSWERED: State.ANSWERED}
# Whoever gets it from another has not seen it yet.
_TO_SOMEBODY_ELSE = {State.OPEN: State.OPEN, State.ACKNOWLEDGED: State.OPEN, **_WITH_CLINICIAN}
_STAYS = {**_LOOKED_AT, **_WITH_CLINICIAN}

STEPS: dict[Kind, dict[State, State]] = {
    # Only by itself, before there is a state.
    Kind.OPENED: {},
    Kind.MERGED: _STAYS,
    # Who acknowledged a warning, or was answered about one, has not seen that it is critical now.
    Kind.RAISED: dict.fromkeys(_STAYS, State.OPEN) | {State.REFERRED: State.REFERRED},
    Kind.ACKNOWLEDGED: {State.OPEN: State.ACKNOWLEDGED, State.REFERRED: State.REFERRED},
    Kind.REFERRED: dict.fromkeys((State.OPEN, State.ACKNOWLEDGED, State.ANSWERED), State.REFERRED),
    Kind.ANSWERED: dict.fromkeys((State.OPEN, State.ACKNOWLEDGED, State.REFERRED), State.ANSWERED),
    Kind.HANDED_OVER: _TO_SOMEBODY_ELSE,
    Kind.CLIMBED: _TO_SOMEBODY_ELSE,
    Kind.NOTED: _STAYS,
    Kind.ATTEMPTED: _STAYS,
    Kind.RESOLVED: dict.fromkeys(_STAYS, State.RESOLVED),
}


def after(kind: Kind | str, state: State | str) -> State | None:
    """The state that a step leads to, None where it cannot be taken."""
    return STEPS[Kind(kind)].get(State(state))


def why_not(kind: Kind | str, state: State | str) -> str | None:
    """Why a step cannot be taken in a state, as a sentence."""
    if after(kind, state) is not None:
        return None
    if State(state) is State.RESOLVED:
        return "This escalation is resolved. Escalate again, if something is still to be done."
    done = Kind(kind).label.lower()
    return f"An escalation that is {State(state).label.lower()} cannot be {done}."
