"""From facts to claims: the decision of each patient-month, its photograph, and the claim that follows it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from billing import rules
from billing.decisions.evidence import cite
from billing.decisions.lines import Line, claim_lines, withheld
from billing.decisions.second_count import SecondCount, alarm, dissent, second_counts
from billing.decisions.standing import (
    Standing,
    laid_over,
    new_hold,
    new_line,
    replace_holds,
    replace_lines,
    standing_of,
)
from billing.facts.gather import Gathered, gather
from billing.facts.patient_month import MANAGEMENT_CODES
from billing.labels import EARLIER_RECORD, ELSEWHERE, MERGED, NO_COVERAGE, SECOND_COUNT
from billing.models import Claim, ClaimLine, ClaimState, CloseRun, CodeSelection, Hold
from billing.policies import logged_time
from dispatch import notices
from foundation.context import because
from foundation.tracked import bulk_create_tracked
from payers.models import NO_PAYER

DECIDED_AGAIN = "The month was decided again."


@dataclass(frozen=True, slots=True)
class Decided:
    """One patient-month's answer as plain JSON values, with the digest of all that it stands on."""

    payer: str
    facts: dict[str, Any]
    evidence: dict[str, Any]
    decision: dict[str, Any]
    lines: dict[Line, int]
    withheld: dict[str, str]

    @property
    def digest(self) -> str:
        return hashlib.sha256(decided_text(self.facts, self.evidence, self.decision).encode()).hexdigest()

    def laid_over(self, *, blocked: Collection[str], forced: Collection[str]) -> dict[Line, int]:
        """Its lines, with what people decided by hand laid over them."""
        bases = rules.bases(self.decision["ruleset"])
        return laid_over(self.lines, blocked=blocked, forced=forced, bases=bases)

    @property
    def agreed(self) -> bool:
        """Whether the second count came to the same. Not asked: nothing speaks against it."""
        return not self.evidence.get("dissent")

    @property
    def is_merged(self) -> bool:
        """Whether the record was merged into another before the month was exported on it."""
        return bool(self.evidence.get("merges"))


def decided_text(facts: dict, evidence: dict, decision: dict) -> str:
    """What a decision's digest is of."""
    return rules.canonical({"facts": facts, "evidence": evidence, "decision": decision})


@dataclass
class Written:
    """New rows of one batch, written together, and how many approved claims went back to review."""

    selections: list[CodeSelection] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    lines: list[ClaimLine] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    sent_back: int = 0


def decide(gathered: Gathered, counted: SecondCount | None = None) -> Decided:
    """The rules' answer to gathered facts, and what a second count makes of it. No database."""
    facts = rules.parse_facts(gathered.facts)
    ruleset = rules.ruleset_for(facts.month)
    decision, records = rules.select_codes(facts, ruleset), gathered.records
    cited = cite(facts, decision, records, ruleset)
    evidence = records.stored() | {
        "lines": [asdict(each) for each in cited],
        "notes": list(gathered.notes),
        "dissent": dissent(facts, decision, counted) if counted else [],
    }
    return Decided(
        payer=facts.payer,
        facts=rules.facts_json(facts),
        # As the database gives it back: lists, not tuples.
        evidence=json.loads(rules.canonical(evidence)),
        decision=rules.to_dict(decision),
        lines=claim_lines(facts, decision, records.served_until),
        withheld=withheld(facts, decision, records.served_until),
    )


def decide_patients(run: CloseRun, patient_ids: Sequence[UUID], *, at: datetime) -> int:
    """Decide some patients of a close. Returns how many approved claims went back to review.

    Where facts, evidence and decision are what they were, nothing is written.
    """
    month = run.period.month
    standing = _standing(run, patient_ids)
    number = Claim.objects.for_practice(run.practice).filter(period=run.period).count()
    written = Written()
    counts = second_counts(run.practice, month, patient_ids)
    for patient_id, gathered in gather(run.practice, month, patient_ids).items():
        decided = decide(gathered, counts[patient_id])
        known = standing[patient_id]
        exported = known.claim is not None and known.claim.state == ClaimState.EXPORTED
        if not decided.agreed:
            alarm(run, patient_id, decided.evidence["dissent"], exported=exported)
        if known.claim is None:
            number += 1
            _first(run, patient_id, decided, number, written, at=at)
        elif known.claim.selection.digest != decided.digest and not exported:
            _again(run, known, decided, written, at=at)
    for rows in (written.selections, written.claims, written.lines, written.holds):
        bulk_create_tracked(rows)
    return written.sent_back


def _standing(run: CloseRun, patient_ids) -> dict[UUID, Standing]:
    claims = Claim.objects.for_practice(run.practice).filter(period=run.period, patient__in=patient_ids)
    rows = list(claims.select_related("selection", "period", "practice", "approved_by"))
    of_claim = standing_of(run.practice, rows)
    return defaultdict(Standing, {claim.patient_id: of_claim[claim.pk] for claim in rows})


# The first decision of a patient-month ----------------------------------------------------------------------


def _first(
    run: CloseRun, patient_id: UUID, decided: Decided, number: int, written: Written, *, at: datetime
) -> None:
    selection = _selection(run, patient_id, decided, at=at)
    claim = Claim(
        practice=run.practice,
        patient_id=patient_id,
        period=run.period,
        selection=selection,
        payer=decided.payer,
        number=f"RPM-{run.period.month:%Y%m}-{number:06d}",
        state=state_of(decided),
    )
    written.selections.append(selection)
    written.claims.append(claim)
    written.lines += [new_line(claim, selection, key, units) for key, units in decided.lines.items()]
    written.holds += [new_hold(claim, *key, at=at) for key in wanted_holds(decided)]


def _selection(
    run: CloseRun, patient_id: UUID, decided: Decided, *, at: datetime, supersedes=None
) -> CodeSelection:
    return CodeSelection(
        practice=run.practice,
        patient_id=patient_id,
        period=run.period,
        run=run,
        payer=decided.payer,
        facts=decided.facts,
        evidence=decided.evidence,
        ruleset=decided.decision["ruleset"],
        decision=decided.decision,
        digest=decided.digest,
        supersedes=supersedes,
        decided_at=at,
    )


def state_of(decided: Decided) -> ClaimState:
    """The state that a decision alone gives a claim."""
    return state_from(lines=bool(decided.lines), holds=bool(wanted_holds(decided)))


def state_from(*, lines: bool, holds: bool) -> ClaimState:
    """What waits for a person comes first, then what may be billed."""
    if holds:
        return ClaimState.ATTENTION
    return ClaimState.READY if lines else ClaimState.NOTHING


def wanted_holds(decided: Decided) -> list[tuple[str, str]]:
    """(code, slug) of each hold; without a code it holds the whole claim."""
    holds = [
        (code, _as_known(code, slug, decided))
        for code, slugs in decided.decision["held"].items()
        for slug in slugs
    ]
    asked = (
        (MERGED, decided.is_merged),
        (NO_COVERAGE, decided.payer == NO_PAYER),
        (SECOND_COUNT, not decided.agreed),
    )
    whole = [("", slug) for slug, held in asked if held and (decided.lines or slug == SECOND_COUNT)]
    # Once each: the rules may hold for the same reason on the month's last day.
    return list(dict.fromkeys([*whole, *holds, *decided.withheld.items()]))


def _as_known(code: str, slug: str, decided: Decided) -> str:
    """The rules know that the month was billed elsewhere, and not that it was on another record of this practice."""
    earlier = code in MANAGEMENT_CODES and decided.evidence.get("billed_on_merged")
    return EARLIER_RECORD if slug == ELSEWHERE and earlier else slug


def holds_of(decided: Decided, code: str) -> set[str]:
    """Everything that holds a code: its own holds and those of the whole claim."""
    return {slug for held, slug in wanted_holds(decided) if held in ("", code)}


def stored(selection: CodeSelection) -> Decided:
    """A stored decision as it came out: from its own facts, by the rules of its month. No other table."""
    facts = rules.parse_facts(selection.facts)
    decision = rules.select_codes(facts, rules.ruleset_for(facts.month))
    until = selection.evidence.get("served_until")
    served_until = date.fromisoformat(until) if until else None
    return Decided(
        payer=selection.payer,
        facts=selection.facts,
        evidence=selection.evidence,
        decision=rules.to_dict(decision),
        lines=claim_lines(facts, decision, served_until),
        withheld=withheld(facts, decision, served_until),
    )


# Deciding again ---------------------------------------------------------------------------------------------


def _again(run: CloseRun, known: Standing, decided: Decided, written: Written, *, at: datetime) -> None:
    """A new photograph; lines and holds follow it, and an approved claim whose outcome changed is reviewed again."""
    claim, before = known.claim, known.claim.selection
    selection = _selection(run, claim.patient_id, decided, at=at, supersedes=before)
    selection.save()
    with because(DECIDED_AGAIN):
        # Whoever forced a code judged another record.
        _end_forces(known, at=at)
        lines = decided.laid_over(blocked=known.blocked, forced=())
        was_approved = claim.state == ClaimState.APPROVED
        # Nobody approves their own time, not even by logging it afterwards.
        own = was_approved and logged_time(claim, by=claim.approved_by)
        changed = own or _changed(known, before, decided, lines)
        written.lines += replace_lines(known, selection, lines, {})
        written.holds += replace_holds(known, wanted_holds(decided), at=at, why=DECIDED_AGAIN)
        if changed and was_approved:
            claim.approved_by = claim.approved_at = None
            claim.sent_back_at = at
            written.sent_back += 1
        if changed or not was_approved:
            claim.state = _state_again(known, decided)
        claim.selection, claim.payer = selection, decided.payer
        claim.save()


def _changed(known: Standing, before: CodeSelection, decided: Decided, lines: dict[Line, int]) -> bool:
    """Whether what was approved is no longer what comes out: codes, units, holds, warnings, payer or a day."""
    if not decided.agreed or decided.is_merged:
        return True
    stood = {(line.code, line.service_on, line.released): line.units for line in known.lines}
    return stood != lines or outcome(before.decision, before.payer) != outcome(
        decided.decision, decided.payer
    )


def outcome(decision: dict[str, Any], payer: str) -> tuple:
    """What a claim comes to, apart from the days of its lines."""
    return decision["released"], decision["held"], decision["held_units"], decision["warnings"], payer


def _end_forces(known: Standing, *, at: datetime) -> None:
    for force in known.forces:
        force.ended_at, force.ended_reason = at, DECIDED_AGAIN
        force.save()
        notices.withdraw(f"force:{force.pk}", at=at)
    known.forces.clear()


def _state_again(known: Standing, decided: Decided) -> ClaimState:
    """What the decision alone gives it, and what people hold by hand; blocks of lines that are gone hold nothing."""
    if known.held_by_hand and state_of(decided) != ClaimState.NOTHING:
        return ClaimState.ON_HOLD
    blocks = any(code in known.blocked for code, _, _ in decided.lines)
    return state_from(lines=bool(decided.lines), holds=bool(wanted_holds(decided)) or blocks)
