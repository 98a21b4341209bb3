"""Whether a claim still is what the record says: a closed month's consents, orders and episodes can change too."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from billing.claims.page import codes_in_words
from billing.decisions.decide import Decided, decide, holds_of, stored
from billing.decisions.lines import Line
from billing.decisions.standing import Standing, standing_of
from billing.facts.gather import gather
from billing.labels import BY_HAND, hold_words
from billing.models import Claim, ClaimState, Force
from payers.models import NO_PAYER
from payers.selectors import payer_names
from timelogs.models import PeriodState

CHECKED = {ClaimState.READY, ClaimState.ATTENTION, ClaimState.ON_HOLD, ClaimState.APPROVED}


def outdated(claims: Sequence[Claim]) -> dict[UUID, str]:
    """{claim: why it no longer stands} of claims of one practice's month, decided anew in one go and not stored."""
    if not claims:
        return {}
    period, practice = claims[0].period, claims[0].practice
    fresh = gather(practice, period.month, [claim.patient_id for claim in claims])
    standing = standing_of(practice, claims)
    pairs = [(claim, decide(fresh[claim.patient_id])) for claim in claims]
    names = _payer_names(practice, pairs)
    found = {claim.pk: _why(claim, standing[claim.pk], now, names) for claim, now in pairs}
    return {key: why for key, why in found.items() if why}


def _payer_names(practice, pairs: Sequence[tuple[Claim, Decided]]) -> dict[str, str]:
    """{slug: name}, asked for only where the payer is another by now."""
    another = any(claim.selection.payer != now.payer for claim, now in pairs)
    return payer_names(practice) if another else {}


def is_checked(claim: Claim) -> bool:
    """Not while its month is open or closing: it is about to be decided anew."""
    return claim.state in CHECKED and claim.period.state == PeriodState.CLOSED


def why_outdated(claim: Claim, now: Decided | None = None) -> str | None:
    """The sentence for one claim; `now`: what the record would be decided to, where that is known."""
    if not is_checked(claim):
        return None
    now = now or decided_now(claim)
    names = _payer_names(claim.practice, [(claim, now)])
    return _why(claim, standing_of(claim.practice, [claim])[claim.pk], now, names)


def _why(claim: Claim, known: Standing, now: Decided, names: Mapping[str, str]) -> str | None:
    if claim.selection.digest == now.digest or not (change := _change(claim, known, now, names)):
        return None
    return f"The record changed after this claim was decided: {change}. Re-open the month and close it again."


def decided_now(claim: Claim) -> Decided:
    """What the record would be decided to now. Not stored."""
    (gathered,) = gather(claim.practice, claim.period.month, [claim.patient_id]).values()
    return decide(gathered)


def why_rules_changed(claim: Claim) -> str | None:
    """Its stored facts come to something else by the rules of now, so they no longer say what may be released."""
    if stored(claim.selection).digest == claim.selection.digest:
        return None
    return "The rules changed since this month was decided. Re-open the month and close it again."


def why_not_as_shown(claim: Claim, code: str, now: Decided) -> str | None:
    """What a person judges must be what the record and the rules come to now."""
    return why_outdated(claim, now) or why_held_otherwise(claim, code, now) or why_rules_changed(claim)


def why_other_record(force: Force, now: Decided) -> str | None:
    """The record, or the claim's decision, is not the one that somebody asked about."""
    if force.selection_id == force.claim.selection_id and force.digest == now.digest:
        return why_rules_changed(force.claim)
    return (
        "The record changed after this was asked for. Withdraw it, look at the claim again, and ask anew if it "
        "still holds."
    )


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


def _change(claim: Claim, known: Standing, now: Decided, names: Mapping[str, str]) -> str:
    """What is billed otherwise now, or rests on other sessions; empty if only something that is not billed moved.

    A discarded draft, a late reading or a held line that a later month released would lock the claim for nothing.
    """
    before = claim.selection
    if now.is_merged and not before.evidence.get("merges"):
        return "it was merged into another record, which is billed from then on"
    # A force answers the holds that two people judged, and no other that the record has by now.
    forced = [code for code, force in known.forced.items() if holds_of(now, code) <= set(force.holds)]
    lines = now.laid_over(blocked=known.blocked, forced=forced)
    if (_billed(known), before.payer) != ({key: n for key, n in lines.items() if key[2]}, now.payer):
        if not now.decision["released"]:
            return "nothing on it would be released now"
        return f"it would come to {codes_in_words(now.decision)}{_another_payer(claim, now, names)} now"
    return "" if _sessions(before.evidence) == _sessions(now.evidence) else "other sessions count now"


def _another_payer(claim: Claim, now: Decided, names: Mapping[str, str]) -> str:
    if claim.selection.payer == now.payer:
        return ""
    return " without coverage" if now.payer == NO_PAYER else f" for {names.get(now.payer, now.payer)}"


def _billed(known: Standing) -> dict[Line, int]:
    """The released lines that stand on the claim."""
    return {(line.code, line.service_on, True): line.units for line in known.lines if line.released}


def _sessions(evidence: dict[str, Any]) -> tuple:
    """Which sessions count and for how long, and which hold a live contact."""
    counted = sorted((row["id"], row["seconds"]) for row in evidence["sessions"])
    return counted, sorted(evidence["contacts"])
