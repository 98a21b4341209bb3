"""What stands by hand beside each line, what this person may do about it, and everything that ever was decided so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Membership
from billing import policies
from billing.claims import staleness
from billing.decisions.decide import Decided
from billing.labels import BY_HAND, hold_words
from billing.models import Claim, Force, Hold


@dataclass(frozen=True, slots=True)
class ByHand:
    """One code of a claim. The sentences say why not; None: it may be done."""

    block: Hold | None
    force: Force | None
    may_block: bool
    may_unblock: bool
    why_alone: str | None
    """Further units that are held with their base, whatever else they wait for."""
    may_force: bool
    why_not_force: str | None
    why_not_confirm: str | None
    may_confirm: bool
    may_end: bool

    @property
    def asked(self) -> bool:
        """Whether somebody waits for a second person."""
        return self.force is not None and self.force.confirmed_at is None

    @property
    def overridden(self) -> str:
        return held_because(self.force) if self.force else ""


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence of the list of what was decided by hand, for ever."""

    at: datetime
    code: str
    word: str
    by: str
    reason: str


def held_because(force: Force) -> str:
    """What the two people judged otherwise than the rules."""
    return "; ".join(map(hold_words, force.holds))


def by_hand_of(
    claim: Claim, codes: Iterable[str], *, by: Membership, now: Decided | None = None
) -> dict[str, ByHand]:
    """{code: what stands and what may be done} of a claim's codes, and of blocked codes that have no line any more.

    `now`: what the record would be decided to; None while the claim is not worked on.
    """
    blocks = {hold.code: hold for hold in _blocks(claim).filter(lifted_at=None)}
    forces = {force.code: force for force in _forces(claim).filter(ended_at=None)}
    # The page says once that the claim is outdated, and nothing is forced on it.
    outdated = now is not None and staleness.why_outdated(claim, now) is not None
    found = {}
    for code in {*codes, *blocks}:
        found[code] = _one(
            claim, code, blocks.get(code), forces.get(code), by=by, now=None if outdated else now
        )
    return found


def _one(
    claim: Claim, code: str, block: Hold | None, force: Force | None, *, by: Membership, now: Decided | None
) -> ByHand:
    """`now`: what the record would be decided to; None where nothing of it may be forced."""
    if force:
        force.claim = claim
    why_not_force = policies.why_not_force(claim, code, by=by)
    if now and not why_not_force:
        why_not_force = staleness.why_held_otherwise(claim, code, now) or staleness.why_rules_changed(claim)
    why_not_confirm = _why_not_confirm(force, by, now) if force else None
    return ByHand(
        block=block,
        force=force,
        may_block=block is None and policies.why_not_block(claim, code) is None,
        may_unblock=block is not None
        and (policies.why_not_unblock(claim, code) or staleness.why_rules_changed(claim)) is None,
        why_alone=policies.why_alone(claim, code),
        may_force=now is not None and not why_not_force,
        may_confirm=now is not None and force is not None and not why_not_confirm,
        why_not_force=why_not_force,
        why_not_confirm=why_not_confirm,
        may_end=force is not None and policies.why_not_end(force) is None,
    )


def _why_not_confirm(force: Force, by: Membership, now: Decided | None) -> str | None:
    return policies.why_not_confirm(force, by=by) or (now and staleness.why_other_record(force, now))


def _blocks(claim: Claim):
    return claim.holds.filter(slug=BY_HAND).exclude(code="").select_related("placed_by__user")


def _forces(claim: Claim):
    return claim.forces.select_related("asked_by__user", "confirmed_by__user", "ended_by__user")


def decided_by_hand(claim: Claim) -> list[Told]:
    """Every block and every force of the claim, what ended included, in the order in which it happened."""
    lifted = {
        row.id: row.actor_label
        for row in Hold.history.filter(claim=claim, slug=BY_HAND, lifted_at__isnull=False)
    }
    found = []
    for hold in _blocks(claim):
        found.append(Told(hold.placed_at, hold.code, "Blocked", hold.placed_by.label, hold.reason))
        if hold.lifted_at:
            by = lifted.get(hold.pk, "")
            found.append(Told(hold.lifted_at, hold.code, "Block taken back", by, hold.lifted_reason))
    for force in _forces(claim):
        found += _told(force)
    return sorted(found, key=lambda each: each.at)


def _told(force: Force) -> list[Told]:
    asked = f"{force.reason} Held because: {held_because(force)}."
    found = [Told(force.asked_at, force.code, "Asked to force", force.asked_by.label, asked)]
    if force.confirmed_at:
        by = force.confirmed_by.label
        found.append(Told(force.confirmed_at, force.code, "Forced", by, force.confirmed_reason))
    if force.ended_at:
        word = "Force taken back" if force.confirmed_at else "Withdrawn"
        by = force.ended_by.label if force.ended_by else "The close"
        found.append(Told(force.ended_at, force.code, word, by, force.ended_reason))
    return found
