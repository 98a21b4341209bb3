"""When a biller may act on a claim: each policy gives the sentence that refuses, or None. The page shows it too."""

from accounts.models import Membership
from billing.labels import BY_HAND, hold_words
from billing.models import Claim, ClaimState, Hold
from foundation.months import bounds
from timelogs.models import PeriodState, Status, TimeSegment

_WITH_US = {ClaimState.READY, ClaimState.ATTENTION, ClaimState.ON_HOLD, ClaimState.APPROVED}


def why_not_touch(claim: Claim) -> str | None:
    """Claims are worked on while their month is closed: else they are about to be decided anew."""
    if claim.period.state != PeriodState.CLOSED:
        state = claim.period.get_state_display().lower().rstrip("…")
        return f"{claim.period.month:%B %Y} is {state}. Its claims are decided again when it closes."
    if claim.state == ClaimState.NOTHING:
        return "There is nothing to bill on this claim."
    if claim.state not in _WITH_US:
        return f"This claim is {claim.get_state_display().lower()}. It can no longer change here."
    return None


def why_not_approve(claim: Claim, *, by: Membership) -> str | None:
    """Released lines of a claim that nothing holds as a whole, by somebody who logged none of its time."""
    if reason := why_not_touch(claim):
        return reason
    if claim.state == ClaimState.APPROVED:
        return "This claim is already approved."
    if hold := claim_holds(claim).first():
        return f"This claim is on hold: {hold_words(hold.slug, hold.reason)}. " + _way_out(hold)
    if not claim.lines.filter(standing=True, released=True).exists():
        return "Every line of this claim is held, so there is nothing to approve."
    if logged_time(claim, by=by):
        return (
            f"You logged time for this patient in {claim.period.month:%B %Y}. Somebody else must approve it."
        )
    return None


def why_not_hold(claim: Claim) -> str | None:
    if reason := why_not_touch(claim):
        return reason
    return "This claim is already on hold." if hold_by_hand(claim) else None


def why_not_lift(claim: Claim) -> str | None:
    if reason := why_not_touch(claim):
        return reason
    return None if hold_by_hand(claim) else "No hold placed by hand stands on this claim."


def claim_holds(claim: Claim):
    """Standing holds on the claim as a whole; a rule's hold names the code whose line it holds."""
    return claim.holds.filter(lifted_at=None, code="").order_by("placed_at")


def hold_by_hand(claim: Claim) -> Hold | None:
    return claim_holds(claim).filter(slug=BY_HAND).first()


def _way_out(hold: Hold) -> str:
    return (
        "Lift the hold first."
        if hold.slug == BY_HAND
        else "Correct the record, then have the month decided again."
    )


def logged_time(claim: Claim, *, by: Membership) -> bool:
    """Whether this person, in whatever role, signed time of the claim's patient inside its month."""
    window = bounds(claim.period.month, tz=claim.practice.tz)
    mine = TimeSegment.objects.for_practice(claim.practice).filter(staff=by.user_id, during__overlap=window)
    return mine.filter(
        entry__patient=claim.patient_id, entry__status__in=[Status.SIGNED, Status.AMENDED, Status.VOIDED]
    ).exists()
