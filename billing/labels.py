"""Billing's own words for states, holds and evidence, beside the rules' explanations."""

from billing.models import ClaimState

BY_HAND = "by-hand"
NO_COVERAGE = "no-coverage"
SECOND_COUNT = "second-count"
MERGED = "merged-record"
EARLIER_RECORD = "earlier-record"
# What the rules call each service that was billed elsewhere.
ELSEWHERE = "other-practice"

# The holds that end by somebody's judgement and not by another record: these alone two people may force. A minimum
# of the law, a paper that is missing and a service that somebody else billed are never among them.
JUDGED = frozenset(
    {"dual-99091-review", "episode-review", "payer-code", "payer-diagnosis", "straddles-rule-sets"}
)

# Tone of the status tag: shape and color go with the word.
TONES = {
    ClaimState.READY: "ready",
    ClaimState.ATTENTION: "attention",
    ClaimState.ON_HOLD: "hold",
    ClaimState.APPROVED: "ready",
    ClaimState.EXPORTED: "info",
    ClaimState.NOTHING: "none",
}


HOLD_WORDS = {
    "no-live-contact": "No live contact with the patient or caregiver in the month",
    "no-consent": "No consent on file by the end of the month",
    "no-order": "No signed order on file by the end of the month",
    "not-established": "The patient is not established with the practice",
    "no-necessity": "No statement of medical necessity",
    "no-supervision": "No supervising practitioner",
    "practitioner-type": "This kind of practitioner may not bill remote monitoring",
    "no-device-data": "No automatic reading in the month",
    "device-basis": "The device's basis as a medical device is not on file",
    "under-30-days": "Less than 30 days since the service before",
    "other-practice": "Another practice billed this service for the period",
    "rtm-conflict": "Therapeutic monitoring is billed for the same period",
    "smbp-conflict": "Self-measured blood pressure is billed for the same period",
    "global-period": "Inside a related surgical global period",
    "institutional": "In an institution for the whole month",
    "setup-undocumented": "The set-up has no note of the teaching",
    "setup-days": "Too few reading days in the first window for the set-up",
    "episode-review": "The episode was restarted: review whether set-up is owed again",
    "straddles-rule-sets": "The window began before the device rules changed",
    "dual-99091-review": "99091 beside management codes: review that the work was separate",
    "unsigned-time": "Unsigned time would change the codes",
    "payer-code": "The payer does not cover this code",
    "payer-diagnosis": "The payer does not cover monitoring for these diagnoses",
}

# Every slug that `hold_words` has words for.
HOLDS = frozenset({*HOLD_WORDS, BY_HAND, NO_COVERAGE, SECOND_COUNT, MERGED, EARLIER_RECORD})


def hold_in_words(slug: str) -> str:
    """Why a line waits."""
    return HOLD_WORDS[slug]


def hold_words(slug: str, reason: str = "") -> str:
    """Why a line or a claim waits, without the full stop."""
    if slug == BY_HAND:
        return f"Held by hand: {reason.rstrip('.')}" if reason else "Held by hand"
    if slug == NO_COVERAGE:
        return "No coverage in effect on the last day of service"
    if slug == SECOND_COUNT:
        return (
            "Two independent counts of the time do not agree; ask your administrator to have it looked into"
        )
    if slug == MERGED:
        return "The record was merged into another, which is billed from then on"
    if slug == EARLIER_RECORD:
        return "The month was billed on a record that was merged into this one"
    return hold_in_words(slug)
