"""Whether a claim still is what the record says: a closed month's consents, orders and episodes can change too."""

from collections.abc import Sequence
from uuid import UUID

from billing.deciding import Decided, decide, wanted_lines
from billing.gather import gather
from billing.models import Claim, ClaimState, CodeSelection
from billing.proof import codes_in_words
from timelogs.models import PeriodState

CHECKED = {ClaimState.READY, ClaimState.ATTENTION, ClaimState.ON_HOLD, ClaimState.APPROVED}


def outdated(claims: Sequence[Claim]) -> dict[UUID, str]:
    """{claim: why it no longer stands} of claims of one practice's month, decided anew in one go and not stored."""
    if not claims:
        return {}
    period = claims[0].period
    fresh = gather(claims[0].practice, period.month, [claim.patient_id for claim in claims])
    found = {}
    for claim in claims:
        decided = decide(fresh[claim.patient_id])
        if claim.selection.digest != decided.digest and (change := _change(claim.selection, decided)):
            found[claim.pk] = (
                f"The record changed after this claim was decided: {change}. "
                "Re-open the month and close it again."
            )
    return found


def why_outdated(claim: Claim) -> str | None:
    """The sentence for one claim. Nothing while its month is open or closing: it is about to be decided anew."""
    if claim.state not in CHECKED or claim.period.state != PeriodState.CLOSED:
        return None
    return outdated([claim]).get(claim.pk)


def _change(before: CodeSelection, now: Decided) -> str:
    """What is billed otherwise now, or rests on other sessions; empty if only something that is not billed moved.

    A draft thrown away, a late reading or a held line that a later month released would lock the claim for nothing.
    """
    then = Decided(before.payer, before.facts, before.evidence, before.decision)
    if _billed(then) != _billed(now):
        if not now.decision["released"]:
            return "nothing on it would be released now"
        payer = "" if then.payer == now.payer else f" for {now.payer}"
        return f"it would come to {codes_in_words(now.decision)}{payer} now"
    return "" if _sessions(then) == _sessions(now) else "other sessions count now"


def _billed(decided: Decided) -> tuple:
    released = {key: units for key, units in wanted_lines(decided).items() if key[2]}
    return released, decided.payer


def _sessions(decided: Decided) -> tuple:
    """Which sessions count and for how long, and which hold a live contact."""
    counted = sorted((row["id"], row["seconds"]) for row in decided.evidence["sessions"])
    return counted, sorted(decided.evidence["contacts"])
