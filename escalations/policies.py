"""When an act may be done, as the sentence that says why not; and by when the next step is due."""

from datetime import datetime, timedelta

from accounts.models import Membership
from accounts.permissions import Permission, may
from accounts.practice_policies import policies_for
from escalations.models import Answer, Cause, Escalation, Outcome
from escalations.states import State
from monitoring.findings import Severity

# What says too little by itself.
ANSWERS_WITH_WORDS = frozenset({Answer.OTHER, Answer.CHANGE_MEDICINE})
OUTCOMES_WITH_WORDS = frozenset({Outcome.NO_CHANGE, Outcome.NOT_REAL})


def time_given(practice, cause: str, severity: str, *, at: datetime) -> timedelta:
    """How long its owner has for the next step."""
    chosen = policies_for(practice, on=practice.today(at))
    if cause == Cause.SILENCE:
        return timedelta(hours=chosen["escalation_silence_hours"])
    if severity == Severity.CRITICAL:
        return timedelta(minutes=chosen["escalation_critical_minutes"])
    return timedelta(hours=chosen["escalation_warning_hours"])


def quiet_time(practice, *, at: datetime) -> timedelta:
    return timedelta(hours=policies_for(practice, on=practice.today(at))["escalation_quiet_hours"])


def why_not_acknowledge(escalation: Escalation, *, by: Membership) -> str | None:
    """What waits for a clinician is acknowledged by one."""
    if escalation.state == State.REFERRED and not may(by, Permission.CLINICIAN_ANSWER):
        return f"It waits for an answer of {escalation.owner.label}. Hand it over, if she is not there."
    return None


def why_not_refer(to: Membership, *, by: Membership) -> str | None:
    if not may(to, Permission.CLINICIAN_ANSWER):
        return "Only a physician, NP or PA answers an escalation. Choose one of the list."
    if to.user_id == by.user_id:
        return "It would come back to you. Answer it, or choose somebody else."
    return None


def why_not_answer(answer: str, words: str, *, by: Membership) -> str | None:
    if not may(by, Permission.CLINICIAN_ANSWER):
        return "Only a physician, NP or PA answers an escalation."
    if answer in ANSWERS_WITH_WORDS and not words.strip():
        return f"Say in a line what is to be done: “{Answer(answer).label}” alone does not."
    return None


def why_not_hand_over(escalation: Escalation, to: Membership) -> str | None:
    if to.user_id == escalation.owner.user_id:
        return f"It is {to.label}’s already."
    if escalation.state == State.REFERRED and not may(to, Permission.CLINICIAN_ANSWER):
        return "It waits for a clinician’s answer. Choose a physician, NP or PA."
    return None


def why_not_resolve(outcome: str, words: str) -> str | None:
    if outcome in OUTCOMES_WITH_WORDS and not words.strip():
        return f"Say in a line why: “{Outcome(outcome).label}” alone does not."
    return None
