"""When a biller may act on a claim: each policy gives the sentence that refuses, or None. The page shows it too."""

from datetime import date

from django.db.models import Q

from accounts.models import Membership
from accounts.practice_policies import policy
from billing.labels import BY_HAND, JUDGED, hold_words
from billing.models import Claim, ClaimState, Force, Hold
from billing.rules import bases
from foundation.months import bounds
from patients.merges import merge_of
from timelogs.models import PeriodState, Status, TimeEntry, TimeSegment

_CORRECT = "Correct the record, then have the month decided again."
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
    if merge := merge_of(claim.patient):
        return (
            f"This record was merged into that with MRN {merge.remaining.mrn}, which is billed from then on. "
            "If they are two people, have the merge undone first."
        )
    if hold := claim_holds(claim).first():
        return f"This claim is on hold: {hold_words(hold.slug, hold.reason)}. " + _way_out(hold)
    if asked := claim.forces.filter(ended_at=None, confirmed_at=None).first():
        return (
            f"{asked.asked_by.label} has asked to force {asked.code}. Confirm or withdraw that first: "
            "it decides what this claim comes to."
        )
    if not claim.lines.filter(standing=True, released=True).exists():
        return "Every line of this claim is held, so there is nothing to approve."
    return _why_own_time(claim, by=by, act="approve it") or _why_approved_time(claim, by=by)


def _why_approved_time(claim: Claim, *, by: Membership) -> str | None:
    if approved_time(claim, by=by) and _refused(claim.practice, "biller_did_not_approve_time"):
        return (
            f"You approved time of this patient in {claim.period.month:%B %Y}. By your practice’s policy "
            "somebody else must approve the claim."
        )
    return None


def _refused(practice, key: str) -> bool:
    """Whether the practice refuses today that one person does both; else it is reported."""
    return bool(policy(practice, key, on=practice.today()))


def why_not_release(practice, month: date, claims, *, by: Membership) -> str | None:
    """Exporting what one approved, or whose time one logged or approved, where the practice refuses it."""
    own = claims.filter(approved_by__user=by.user_id).count()
    if own and _refused(practice, "releaser_is_not_approver"):
        return f"You approved {_of_these(own)}. By your practice’s policy somebody else must export."
    worked = _worked_behind(practice, month, claims, by=by)
    if worked and _refused(practice, "releaser_did_not_log"):
        return (
            f"You logged or approved time behind {_of_these(worked)}. By your practice’s policy somebody else "
            "must export."
        )
    return None


def _worked_behind(practice, month: date, claims, *, by: Membership) -> int:
    """How many of the month's claims hold time that this person logged or approved."""
    logged = _own_segments(practice, month, by=by).values("entry__patient")
    approved = _approved_entries(practice, month, by=by).values("patient")
    return claims.filter(Q(patient__in=logged) | Q(patient__in=approved)).count()


def _of_these(count: int) -> str:
    return "1 of these claims" if count == 1 else f"{count} of these claims"


def _why_own_time(claim: Claim, *, by: Membership, act: str) -> str | None:
    if logged_time(claim, by=by):
        return f"You logged time for this patient in {claim.period.month:%B %Y}. Somebody else must {act}."
    return None


def why_not_hold(claim: Claim) -> str | None:
    if reason := why_not_touch(claim):
        return reason
    return "This claim is already on hold." if hold_by_hand(claim) else None


def why_not_lift(claim: Claim) -> str | None:
    if reason := why_not_touch(claim):
        return reason
    return None if hold_by_hand(claim) else "No hold placed by hand stands on this claim."


def why_not_block(claim: Claim, code: str) -> str | None:
    if reason := why_not_touch(claim):
        return reason
    if block_of(claim, code):
        return f"{code} is blocked already."
    if not claim.lines.filter(standing=True, code=code).exists():
        return f"This claim has no line of {code} to block."
    return None


def why_not_unblock(claim: Claim, code: str) -> str | None:
    if reason := why_not_touch(claim):
        return reason
    return None if block_of(claim, code) else f"{code} is not blocked on this claim."


def why_not_force(claim: Claim, code: str, *, by: Membership) -> str | None:
    """Only what is held, by nothing that another record or the law's own minimum would have to cure."""
    if reason := _why_not_forced_now(claim, code):
        return reason
    if not claim.lines.filter(standing=True, code=code, released=False).exists():
        return _why_no_held_line(claim, code)
    holds = claim.holds.filter(lifted_at=None, code__in=("", code)).exclude(slug=BY_HAND)
    if reason := why_alone(claim, code):
        return reason
    if never := sorted(set(holds.values_list("slug", flat=True)) - JUDGED):
        because = "; ".join(hold_words(slug) for slug in never)
        return f"{code} cannot be forced: {because}. No judgement cures that. {_CORRECT}"
    return _why_own_time(claim, by=by, act="ask for it")


def why_alone(claim: Claim, code: str) -> str | None:
    """Further units whose base is not claimed: neither released by the rules nor forced."""
    base = bases(claim.selection.ruleset).get(code)
    if base is None or claim.lines.filter(standing=True, code=base, released=True).exists():
        return None
    return f"{code} is claimed beside {base} only, and {base} is not released."


def held_with(claim: Claim, code: str) -> list[str]:
    """The codes on the claim whose units go with this one's."""
    beside = [further for further, base in bases(claim.selection.ruleset).items() if base == code]
    rows = claim.lines.filter(standing=True, code__in=beside)
    return sorted(set(rows.values_list("code", flat=True)))


def _why_not_forced_now(claim: Claim, code: str) -> str | None:
    if reason := why_not_touch(claim):
        return reason
    if claim.state == ClaimState.APPROVED:
        return (
            "This claim is approved. Put it on hold first; what is released is decided before the approval."
        )
    if block_of(claim, code):
        return f"{code} is blocked by hand. Take the block back first."
    if open_force(claim, code):
        return f"To force {code} is asked for already, or done."
    return None


def _why_no_held_line(claim: Claim, code: str) -> str:
    if claim.lines.filter(standing=True, code=code).exists():
        return f"{code} is released already."
    return (
        f"{code} was not earned: nothing of it is held. Units that the record does not hold cannot be "
        f"forced. {_CORRECT}"
    )


def why_not_confirm(force: Force, *, by: Membership) -> str | None:
    """Another person than the one who asked, while nothing happened to the claim and its record since."""
    claim = force.claim
    if force.ended_at is not None:
        return f"To force {force.code} was withdrawn."
    if force.confirmed_at is not None:
        return f"To force {force.code} is confirmed already."
    if reason := why_not_touch(claim):
        return reason
    if force.asked_by.user_id == by.user_id:
        return f"You asked to force {force.code}. Another person must confirm it."
    if claim.state == ClaimState.APPROVED:
        return (
            "This claim is approved. Put it on hold first; what is released is decided before the approval."
        )
    if block_of(claim, force.code):
        return f"{force.code} is blocked by hand. Take the block back first."
    if reason := why_alone(claim, force.code):
        return reason
    return _why_own_time(claim, by=by, act="confirm it")


def why_not_end(force: Force) -> str | None:
    if force.ended_at is not None:
        return f"To force {force.code} ended already."
    return why_not_touch(force.claim)


def block_of(claim: Claim, code: str) -> Hold | None:
    """The standing block of a code, placed by somebody's hand."""
    return claim.holds.filter(lifted_at=None, slug=BY_HAND, code=code).first() if code else None


def open_force(claim: Claim, code: str) -> Force | None:
    """What was asked for or confirmed and did not end."""
    return claim.forces.filter(ended_at=None, code=code).first()


def claim_holds(claim: Claim):
    """Standing holds on the claim as a whole; a rule's hold names the code whose line it holds."""
    return claim.holds.filter(lifted_at=None, code="").order_by("placed_at")


def hold_by_hand(claim: Claim) -> Hold | None:
    return claim_holds(claim).filter(slug=BY_HAND).first()


def _way_out(hold: Hold) -> str:
    return "Lift the hold first." if hold.slug == BY_HAND else _CORRECT


def logged_time(claim: Claim, *, by: Membership) -> bool:
    """Whether this person, in whatever role, signed time of the claim's patient inside its month."""
    mine = _own_segments(claim.practice, claim.period.month, by=by)
    return mine.filter(entry__patient=claim.patient_id).exists()


def _own_segments(practice, month: date, *, by: Membership):
    signed = [Status.SIGNED, Status.AMENDED, Status.VOIDED]
    mine = TimeSegment.objects.for_practice(practice).filter(staff=by.user_id, entry__status__in=signed)
    return mine.filter(during__overlap=bounds(month, tz=practice.tz))


def approved_time(claim: Claim, *, by: Membership) -> bool:
    """Whether this person, in whatever role, let time of the claim's patient count that began inside its month."""
    rows = _approved_entries(claim.practice, claim.period.month, by=by)
    return rows.filter(patient=claim.patient_id).exists()


def _approved_entries(practice, month: date, *, by: Membership):
    starts_at, ends_at = bounds(month, tz=practice.tz)
    rows = TimeEntry.objects.for_practice(practice).filter(approved_by__user=by.user_id)
    return rows.filter(started_at__gte=starts_at, started_at__lt=ends_at)
