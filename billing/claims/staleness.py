"""Whether a claim still is what the record says: a closed month's consents, orders and episodes can change too."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from billing.claims.page import codes_in_words
from billing.decisions.decide import Decided, decide, holds_of
from billing.decisions.lines import Line
from billing.decisions.standing import Standing, standing_of
from billing.facts.gather import gather
from billing.labels import BY_HAND, hold_words
from billing.models import Claim, ClaimState
from timelogs.models import PeriodState

CHECKED = {ClaimState.READY, ClaimState.ATTENTION, ClaimState.ON_HOLD, ClaimState.APPROVED}


def outdated(claims: Sequence[Claim]) -> dict[UUID, str]:
    """{claim: why it no longer stands} of claims of one practice's month, decided anew in one go and not stored."""
    if not claims:
        return {}
    period, practice = claims[0].period, claims[0].practice
    fresh = gather(practice, period.month, [claim.patient_id for claim in claims])
    standing = standing_of(practice, claims)
    found = {}
    for claim in claims:
        decided = decide(fresh[claim.patient_id])
        if claim.selection.digest != decided.digest and (
            change := _change(claim, standing[claim.pk], decided)
        ):
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


def decided_now(claim: Claim) -> Decided:
    """What the record would be decided to now. Not stored."""
    (gathered,) = gather(claim.practice, claim.period.month, [claim.patient_id]).values()
    return decide(gathered)


def why_held_otherwise(claim: Claim, code: str, now: Decided) -> str | None:
    """A code waits for something else by now than the claim shows, so nobody has judged that."""
    shown = claim.holds.filter(lifted_at=None, code__in=("", code)).exclude(slug=BY_HAND)
    standing, fresh = set(shown.values_list("slug", flat=True)), holds_of(now, code)
    if standing == fresh:
        return None
    because = "; ".join(map(hold_words, sorted(fresh))) or "nothing"
    return (
        f"The record changed after this claim was decided: {code} would be held because of other things now: "
        f"{because}. Re-open the month and close it again."
    )


def _change(claim: Claim, known: Standing, now: Decided) -> str:
    """What is billed otherwise now, or rests on other sessions; empty if only something that is not billed moved.

    A discarded draft, a late reading or a held line that a later month released would lock the claim for nothing.
    """
    before = claim.selection
    # A force answers the holds that two people judged, and no other that the record has by now.
    forced = [code for code, force in known.forced.items() if holds_of(now, code) <= set(force.holds)]
    lines = now.laid_over(blocked=known.blocked, forced=forced)
    if (_billed(known), before.payer) != ({key: n for key, n in lines.items() if key[2]}, now.payer):
        if not now.decision["released"]:
            return "nothing on it would be released now"
        payer = "" if before.payer == now.payer else f" for {now.payer}"
        return f"it would come to {codes_in_words(now.decision)}{payer} now"
    return "" if _sessions(before.evidence) == _sessions(now.evidence) else "other sessions count now"


def _billed(known: Standing) -> dict[Line, int]:
    """The released lines that stand on the claim."""
    return {(line.code, line.service_on, True): line.units for line in known.lines if line.released}


def _sessions(evidence: dict[str, Any]) -> tuple:
    """Which sessions count and for how long, and which hold a live contact."""
    counted = sorted((row["id"], row["seconds"]) for row in evidence["sessions"])
    return counted, sorted(evidence["contacts"])
