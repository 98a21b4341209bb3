"""What a biller does with a claim: approve, hold, lift. One transaction and one name each."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q

from accounts.models import Membership
from billing.claims.staleness import outdated
from billing.decisions.decide import state_from
from billing.labels import BY_HAND
from billing.models import Claim, ClaimState, Hold
from billing.policies import hold_by_hand, why_not_approve, why_not_hold, why_not_lift, why_not_touch
from foundation.context import because
from foundation.refusals import StaleRow, refuse_if
from foundation.tracked import lock
from patients.merges import hold_records
from timelogs.models import PeriodState


def approve(claim: Claim, *, version: int, by: Membership, at: datetime) -> Claim:
    """Release the claim's released lines for export, if they still are what the record says; held lines stay behind."""
    return approve_all([(claim, version)], by=by, at=at)[0]


@transaction.atomic
def approve_all(seen: Sequence[tuple[Claim, int]], *, by: Membership, at: datetime) -> list[Claim]:
    """Claims of one month at the versions that were looked at, their facts gathered in one go. All of them, or none."""
    # By key: two who approve the same claims in different orders would else wait for each other.
    by_key = sorted(seen, key=lambda pair: pair[0].pk)
    locked = {claim.pk: as_seen(claim, version, done="approved") for claim, version in by_key}
    claims = [locked[claim.pk] for claim, _ in seen]
    hold_records(claim.patient_id for claim in claims)
    for claim in claims:
        refuse_if(why_not_approve(claim, by=by))
    changed = outdated(claims) if claims and claims[0].period.state == PeriodState.CLOSED else {}
    for claim in claims:
        refuse_if(changed.get(claim.pk))
        claim.state, claim.approved_by, claim.approved_at, claim.sent_back_at = (
            ClaimState.APPROVED,
            by,
            at,
            None,
        )
        claim.save()
    return claims


@transaction.atomic
def hold(claim: Claim, *, reason: str, version: int, by: Membership, at: datetime) -> Claim:
    """Keep a claim back for a reason of one's own. An approval falls."""
    claim = as_seen(claim, version, done="put on hold")
    refuse_if(why_not_hold(claim))
    with because(reason):
        Hold(
            practice=claim.practice,
            claim=claim,
            slug=BY_HAND,
            reason=reason.strip(),
            placed_by=by,
            placed_at=at,
        ).save()
        claim.state, claim.approved_by, claim.approved_at = ClaimState.ON_HOLD, None, None
        claim.save()
    return claim


@transaction.atomic
def lift(claim: Claim, *, reason: str, version: int, by: Membership, at: datetime) -> Claim:
    """Take a hold by hand away again; the claim stands as its decision left it."""
    claim = as_seen(claim, version, done="changed")
    refuse_if(why_not_lift(claim))
    standing = hold_by_hand(claim)
    with because(reason):
        standing.lifted_at, standing.lifted_reason = at, reason.strip()
        standing.save()
        claim.state = state_by_rows(claim)
        claim.save()
    return claim


def state_by_rows(claim: Claim) -> ClaimState:
    """The state by its standing lines and holds; the block of a code that has no line holds nothing."""
    codes = set(claim.lines.filter(standing=True).values_list("code", flat=True))
    holds = claim.holds.filter(lifted_at=None).exclude(Q(slug=BY_HAND) & ~Q(code__in={"", *codes}))
    return state_from(lines=bool(codes), holds=holds.exists())


def as_seen(claim: Claim, version: int, *, done: str) -> Claim:
    """The claim, locked, if it is still what the person looked at. Its month's gate is shared meanwhile.

    The gate comes first and decides alone whether to go on: a close holds claims while it wants the gate.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM timelogs_period WHERE id = %s FOR SHARE", [claim.period_id])
        claim.period.state = cursor.fetchone()[0]
    refuse_if(why_not_touch(claim))
    claim = lock(claim)
    if claim.version != version:
        raise StaleRow(
            f"This claim changed while you were looking. It was not {done}. Review it, then decide again."
        )
    return claim
