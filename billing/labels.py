"""Billing's own words for states, holds and evidence, beside the rules' explanations."""

from billing.decisions.explain import hold_in_words
from billing.models import ClaimState

BY_HAND = "by-hand"
NO_COVERAGE = "no-coverage"
SECOND_COUNT = "second-count"

# Tone of the status tag: shape and colour go with the word.
TONES = {
    ClaimState.READY: "ready",
    ClaimState.ATTENTION: "attention",
    ClaimState.ON_HOLD: "hold",
    ClaimState.APPROVED: "ready",
    ClaimState.EXPORTED: "info",
    ClaimState.NOTHING: "none",
}


def hold_words(slug: str, reason: str = "") -> str:
    """Why a line or a claim waits, without the full stop."""
    if slug == BY_HAND:
        return f"Held by hand: {reason.rstrip('.')}" if reason else "Held by hand"
    if slug == NO_COVERAGE:
        return "No coverage in force on the last day of service"
    if slug == SECOND_COUNT:
        return (
            "Two independent counts of the time do not agree; ask your administrator to have it looked into"
        )
    return hold_in_words(slug)
