"""What a claim holds: its lines and holds as the rules answer, with what people decided by hand laid over them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from billing.decisions.lines import Line
from billing.labels import BY_HAND
from billing.models import Claim, ClaimLine, CodeSelection, Force, Hold


@dataclass
class Standing:
    """What a patient's month holds so far: the claim with its lines and holds, nothing before the first close."""

    claim: Claim | None = None
    lines: list[ClaimLine] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    forces: list[Force] = field(default_factory=list)
    """Those that did not end, confirmed or only asked for."""

    @property
    def blocked(self) -> set[str]:
        return {hold.code for hold in self.holds if hold.slug == BY_HAND and hold.code and not hold.lifted_at}

    @property
    def forced(self) -> dict[str, Force]:
        return {force.code: force for force in self.forces if force.stands}

    @property
    def held_by_hand(self) -> bool:
        """Whether somebody holds the claim as a whole."""
        return any(hold.slug == BY_HAND and not hold.code and not hold.lifted_at for hold in self.holds)


def standing_of(practice, claims: Iterable[Claim]) -> dict[UUID, Standing]:
    """{claim: what stands on it}, from three queries for however many claims."""
    found = {claim.pk: Standing(claim) for claim in claims}
    for line in ClaimLine.objects.for_practice(practice).filter(claim__in=list(found), standing=True):
        found[line.claim_id].lines.append(line)
    for hold in Hold.objects.for_practice(practice).filter(claim__in=list(found), lifted_at=None):
        found[hold.claim_id].holds.append(hold)
    open_now = Force.objects.for_practice(practice).filter(claim__in=list(found), ended_at=None)
    for row in open_now:
        found[row.claim_id].forces.append(row)
    return found


def laid_over(
    lines: dict[Line, int], *, blocked: Collection[str], forced: Collection[str], bases: Mapping[str, str]
) -> dict[Line, int]:
    """The rules' lines with every unit of a blocked code held and every unit of a forced one released.

    Who blocks needs nobody else, so a block goes before a force. `bases`: {code of further units: its base}; where
    no line of the base is released, they are held with it.
    """
    out = {key: key[0] not in blocked and (key[2] or key[0] in set(forced)) for key in lines}
    released = {code for (code, _, _), goes in out.items() if goes}
    found: dict[Line, int] = defaultdict(int)
    for key, units in lines.items():
        code, day, _ = key
        found[code, day, out[key] and bases.get(code, code) in released] += units
    return dict(found)


def forced_lines(lines: Iterable[Line], forces: Mapping[str, Force]) -> dict[Line, Force]:
    """{line: its force} of the lines that the rules hold; a line that they release needs none."""
    return {(code, day, True): forces[code] for code, day, by_rule in lines if not by_rule and code in forces}


def new_line(
    claim: Claim, selection: CodeSelection, key: Line, units: int, force: Force | None = None
) -> ClaimLine:
    code, service_on, released = key
    return ClaimLine(
        practice_id=claim.practice_id,
        claim=claim,
        selection=selection,
        code=code,
        units=units,
        service_on=service_on,
        released=released,
        force=force if released else None,
    )


def new_hold(claim: Claim, code: str, slug: str, *, at: datetime) -> Hold:
    return Hold(practice_id=claim.practice_id, claim=claim, code=code, slug=slug, placed_at=at)


def replace_lines(
    known: Standing, selection: CodeSelection, wanted: dict[Line, int], forces: Mapping[Line, Force]
) -> list[ClaimLine]:
    """Switch off the lines that no longer hold; returns the new ones. Equal lines stay as they are."""
    stay = set()
    for line in known.lines:
        key = (line.code, line.service_on, line.released)
        by = forces.get(key)
        if wanted.get(key) == line.units and line.force_id == (by.pk if by else None):
            stay.add(key)
        else:
            line.standing = False
            line.save()
    return [
        new_line(known.claim, selection, key, units, forces.get(key))
        for key, units in wanted.items()
        if key not in stay
    ]


def replace_holds(
    known: Standing, wanted: Iterable[tuple[str, str]], *, at: datetime, why: str
) -> list[Hold]:
    """Lift the rules' holds that no longer hold; returns the new ones. Holds by hand are a person's to lift.

    A forced code waits for nothing that its force has answered.
    """
    wanted = {(code, slug) for code, slug in wanted if code not in known.forced}
    by_rule = [hold for hold in known.holds if hold.slug != BY_HAND]
    for hold in by_rule:
        if (hold.code, hold.slug) not in wanted:
            hold.lifted_at, hold.lifted_reason = at, why
            hold.save()
    stay = {(hold.code, hold.slug) for hold in by_rule}
    return [new_hold(known.claim, *key, at=at) for key in sorted(wanted - stay)]
