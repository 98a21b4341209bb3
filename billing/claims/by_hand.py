"""What people decide about one code of a claim: block it alone, or force it by two. One transaction and one name each.

The claim's version is asked for in each, and each writes the claim: whoever looked before must look again.
"""

from collections import defaultdict
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.models import Membership
from billing.alert_recipients import billers
from billing.claims.acts import as_seen, state_by_rows
from billing.claims.staleness import decided_now, why_not_as_shown, why_other_record, why_rules_changed
from billing.decisions.decide import stored, wanted_holds
from billing.decisions.lines import Line
from billing.decisions.standing import (
    Standing,
    forced_lines,
    laid_over,
    replace_holds,
    replace_lines,
    standing_of,
)
from billing.labels import BY_HAND
from billing.models import Claim, ClaimState, Force, Hold
from billing.policies import (
    block_of,
    why_not_block,
    why_not_confirm,
    why_not_end,
    why_not_force,
    why_not_unblock,
)
from billing.rules import bases
from dispatch import notices
from foundation.context import because
from foundation.refusals import StaleRow, refuse_if
from foundation.tracked import bulk_create_tracked, lock


@transaction.atomic
def block(claim: Claim, code: str, *, reason: str, version: int, by: Membership, at: datetime) -> Claim:
    """No line of this code is claimed until somebody takes that back. An approval falls."""
    claim = as_seen(claim, version, done="blocked")
    refuse_if(why_not_block(claim, code))
    with because(reason):
        placed = {"reason": reason.strip(), "placed_by": by, "placed_at": at}
        Hold(practice=claim.practice, claim=claim, code=code, slug=BY_HAND, **placed).save()
        return _follow(claim, why=reason, at=at)


@transaction.atomic
def unblock(claim: Claim, code: str, *, reason: str, version: int, by: Membership, at: datetime) -> Claim:
    """The code's lines stand again as the rules answer, or as two people forced them."""
    claim = as_seen(claim, version, done="changed")
    refuse_if(why_not_unblock(claim, code) or why_rules_changed(claim))
    placed = block_of(claim, code)
    with because(reason):
        placed.lifted_at, placed.lifted_reason = at, reason.strip()
        placed.save()
        return _follow(claim, why=reason, at=at)


@transaction.atomic
def ask_force(claim: Claim, code: str, *, reason: str, version: int, by: Membership, at: datetime) -> Force:
    """Ask for a held code to be released by a second person. Nothing is released yet, nothing approved meanwhile."""
    claim = as_seen(claim, version, done="asked for")
    refuse_if(why_not_force(claim, code, by=by))
    now = decided_now(claim)
    refuse_if(why_not_as_shown(claim, code, now))
    standing = claim.holds.filter(lifted_at=None, code=code).order_by("slug")
    held = claim.lines.filter(standing=True, code=code, released=False)
    with because(reason):
        force = Force(
            practice=claim.practice,
            claim=claim,
            selection=claim.selection,
            code=code,
            units=sum(held.values_list("units", flat=True)),
            holds=list(standing.values_list("slug", flat=True)),
            digest=now.digest,
            reason=reason.strip(),
            asked_by=by,
            asked_at=at,
        )
        force.save()
        claim.save()
    _tell(force, by=by, at=at)
    return force


def _tell(force: Force, *, by: Membership, at: datetime) -> None:
    """Whoever may confirm it: the other billers."""
    claim = force.claim
    notices.notify(
        claim.practice,
        billers(claim.practice, on=claim.practice.today(at)).exclude(pk=by.user_id),
        kind="force",
        cause=f"force:{force.pk}",
        text=f"{by.label} asks to force {force.code} on claim {claim.number}",
        url=reverse("billing:claim", args=[claim.pk]),
        patient_id=claim.patient_id,
    )


@transaction.atomic
def confirm_force(force: Force, *, reason: str, version: int, by: Membership, at: datetime) -> Force:
    """The second person releases what the first asked for, if the record still is what was asked about."""
    claim = as_seen(force.claim, version, done="forced")
    force = _held(force, claim)
    refuse_if(why_not_confirm(force, by=by))
    if changed := why_other_record(force, decided_now(claim)):
        raise StaleRow(changed)
    with because(reason):
        force.confirmed_by, force.confirmed_at, force.confirmed_reason = by, at, reason.strip()
        force.save()
        _follow(claim, why=reason, at=at)
    notices.withdraw(f"force:{force.pk}", at=at)
    return force


@transaction.atomic
def end_force(force: Force, *, reason: str, version: int, by: Membership, at: datetime) -> Force:
    """Withdraw what was asked, or take back what was confirmed: the code is held again. An approval falls."""
    claim = as_seen(force.claim, version, done="changed")
    force = _held(force, claim)
    refuse_if(why_not_end(force))
    with because(reason):
        force.ended_by, force.ended_at, force.ended_reason = by, at, reason.strip()
        force.save()
        _follow(claim, why=reason, at=at, ended=force)
    notices.withdraw(f"force:{force.pk}", at=at)
    return force


def _held(force: Force, claim: Claim) -> Force:
    """The same row as it is now that its claim is locked."""
    force = lock(force)
    force.claim = claim
    return force


def _follow(claim: Claim, *, why: str, at: datetime, ended: Force | None = None) -> Claim:
    """Lines, holds and state by the stored decision, with what stands by hand laid over it."""
    known = standing_of(claim.practice, [claim])[claim.pk]
    if why_rules_changed(claim):
        laid, holds = _less_than_stood(claim, known, ended)
    else:
        decided = stored(claim.selection)
        lines = decided.laid_over(blocked=known.blocked, forced=known.forced)
        laid, holds = (lines, forced_lines(decided.lines, known.forced)), wanted_holds(decided)
    bulk_create_tracked(replace_lines(known, claim.selection, *laid))
    bulk_create_tracked(replace_holds(known, holds, at=at, why=why.strip()))
    claim.state = ClaimState.ON_HOLD if known.held_by_hand else state_by_rows(claim)
    claim.approved_by = claim.approved_at = None
    claim.save()
    return claim


def _less_than_stood(claim: Claim, known: Standing, ended: Force | None):
    """Lines with their forces, and holds, without asking the rules: to hold more is always possible."""
    gone = ended.pk if ended else None
    stood: dict[Line, int] = defaultdict(int)
    for line in known.lines:
        falls = line.force_id is not None and line.force_id == gone
        stood[line.code, line.service_on, line.released and not falls] += line.units
    lines = laid_over(stood, blocked=known.blocked, forced=(), bases=bases(claim.selection.ruleset))
    forces = {
        (line.code, line.service_on, True): known.forced[line.code]
        for line in known.lines
        if line.force_id and line.code in known.forced
    }
    holds = [(hold.code, hold.slug) for hold in known.holds if hold.slug != BY_HAND]
    return (lines, forces), holds + [(ended.code, slug) for slug in (ended.holds if ended else ())]
