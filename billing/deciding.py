"""From facts to claims: the decision of each patient-month, its photograph, and the claim that follows it."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from billing import rules
from billing.gather import DEVICE_CODES, NO_PAYER, SETUP_CODE, Gathered, gather
from billing.models import Claim, ClaimLine, ClaimState, CloseRun, CodeSelection, Hold
from billing.policies import logged_time
from billing.words import BY_HAND, NO_COVERAGE
from foundation.context import because
from foundation.months import last_day
from foundation.tracked import bulk_create_tracked

DECIDED_AGAIN = "The month was decided again."

Line = tuple[str, date, bool]


@dataclass(frozen=True, slots=True)
class Decided:
    """One patient-month's answer as plain JSON values, with the digest of all that it stands on."""

    payer: str
    facts: dict[str, Any]
    evidence: dict[str, Any]
    decision: dict[str, Any]

    @property
    def digest(self) -> str:
        whole = {"facts": self.facts, "evidence": self.evidence, "decision": self.decision}
        return hashlib.sha256(rules.canonical(whole).encode()).hexdigest()


@dataclass
class Standing:
    """What a patient's month holds so far: the claim with its lines and holds, nothing before the first close."""

    claim: Claim | None = None
    lines: list[ClaimLine] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)


@dataclass
class Written:
    """New rows of one batch, written together, and how many approved claims went back to review."""

    selections: list[CodeSelection] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    lines: list[ClaimLine] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    sent_back: int = 0


def decide(gathered: Gathered) -> Decided:
    """The rules' answer to gathered facts. No database."""
    facts = rules.parse_facts(gathered.facts)
    decision = rules.select_codes(facts, rules.ruleset_for(facts.month))
    return Decided(facts.payer, rules.facts_json(facts), gathered.evidence, rules.to_dict(decision))


def decide_patients(run: CloseRun, patient_ids: Sequence[UUID], *, at: datetime) -> int:
    """Decide some patients of a close. Returns how many approved claims went back to review.

    Where facts, evidence and decision are what they were, nothing is written.
    """
    month = run.period.month
    standing = _standing(run, patient_ids)
    number = Claim.objects.for_practice(run.practice).filter(period=run.period).count()
    written = Written()
    for patient_id, gathered in gather(run.practice, month, patient_ids).items():
        decided = decide(gathered)
        known = standing[patient_id]
        if known.claim is None:
            number += 1
            _first(run, patient_id, decided, number, written, at=at)
        elif known.claim.selection.digest != decided.digest and known.claim.state != ClaimState.EXPORTED:
            _again(run, known, decided, written, at=at)
    for rows in (written.selections, written.claims, written.lines, written.holds):
        bulk_create_tracked(rows)
    return written.sent_back


def _standing(run: CloseRun, patient_ids) -> dict[UUID, Standing]:
    found: dict[UUID, Standing] = defaultdict(Standing)
    claims = Claim.objects.for_practice(run.practice).filter(period=run.period, patient__in=patient_ids)
    by_claim = {}
    for claim in claims.select_related("selection", "period", "practice", "approved_by"):
        by_claim[claim.pk] = found[claim.patient_id] = Standing(claim)
    for line in ClaimLine.objects.for_practice(run.practice).filter(claim__in=list(by_claim), standing=True):
        by_claim[line.claim_id].lines.append(line)
    for hold in Hold.objects.for_practice(run.practice).filter(claim__in=list(by_claim), lifted_at=None):
        by_claim[hold.claim_id].holds.append(hold)
    return found


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
        state=state_of(decided.decision, decided.payer),
    )
    written.selections.append(selection)
    written.claims.append(claim)
    written.lines += [_line(claim, selection, key, units) for key, units in wanted_lines(decided).items()]
    written.holds += [_hold(claim, *key, at=at) for key in wanted_holds(decided)]


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


def state_of(decision: dict[str, Any], payer: str) -> ClaimState:
    """The state that a decision alone gives a claim."""
    if not decision["released"] and not decision["held"]:
        return ClaimState.NOTHING
    return ClaimState.ATTENTION if decision["held"] or payer == NO_PAYER else ClaimState.READY


def wanted_lines(decided: Decided) -> dict[Line, int]:
    """{(code, date of service, released): units}. Each device window that earned a code has a line of its own."""
    lines = dict.fromkeys(_device_lines(decided.facts), 1)
    for units_of, released in ((decided.decision["released"], True), (decided.decision["held_units"], False)):
        for code, units in units_of.items():
            if code not in DEVICE_CODES:
                lines[code, _service_on(decided.facts, code), released] = units
    return lines


def _device_lines(facts_json: dict[str, Any]) -> Iterator[Line]:
    """What each window comes to by itself, after those that ended before it: the decision gives only their sum."""
    facts = rules.parse_facts(facts_json)
    latest = facts.last_device_service_on
    for window in facts.device_windows:
        alone = replace(facts, device_windows=(window,), last_device_service_on=latest)
        answer = rules.select_codes(alone, rules.ruleset_for(facts.month))
        for code in {*answer.released, *answer.held}.intersection(DEVICE_CODES):
            yield code, window.ends_on, code in answer.released
            latest = max(latest or window.ends_on, window.ends_on)


def _service_on(facts: dict[str, Any], code: str) -> date:
    """Set-up: the day it was done. Management and 99091: the last day of the month."""
    if code == SETUP_CODE:
        return date.fromisoformat(facts["setup"]["completed_on"])
    return last_day(date.fromisoformat(facts["month"] + "-01"))


def wanted_holds(decided: Decided) -> list[tuple[str, str]]:
    """(code, slug) of each hold; without a code it holds the whole claim."""
    holds = [(code, slug) for code, slugs in decided.decision["held"].items() for slug in slugs]
    has_lines = decided.decision["released"] or decided.decision["held"]
    return [("", NO_COVERAGE), *holds] if has_lines and decided.payer == NO_PAYER else holds


def _line(claim: Claim, selection: CodeSelection, key: Line, units: int) -> ClaimLine:
    code, service_on, released = key
    return ClaimLine(
        practice_id=claim.practice_id,
        claim=claim,
        selection=selection,
        code=code,
        units=units,
        service_on=service_on,
        released=released,
    )


def _hold(claim: Claim, code: str, slug: str, *, at: datetime) -> Hold:
    return Hold(practice_id=claim.practice_id, claim=claim, code=code, slug=slug, placed_at=at)


# Deciding again ---------------------------------------------------------------------------------------------


def _again(run: CloseRun, known: Standing, decided: Decided, written: Written, *, at: datetime) -> None:
    """A new photograph; lines and holds follow it, and an approved claim whose outcome changed is reviewed again."""
    claim, before = known.claim, known.claim.selection
    selection = _selection(run, claim.patient_id, decided, at=at, supersedes=before)
    selection.save()
    with because(DECIDED_AGAIN):
        lines = wanted_lines(decided)
        was_approved = claim.state == ClaimState.APPROVED
        # Nobody approves their own time, not even by logging it afterwards.
        own = was_approved and logged_time(claim, by=claim.approved_by)
        changed = own or _changed(known, before, decided, lines)
        written.lines += _replace_lines(known, selection, lines)
        written.holds += _replace_holds(known, set(wanted_holds(decided)), at=at)
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
    stood = {(line.code, line.service_on, line.released): line.units for line in known.lines}
    return stood != lines or outcome(before.decision, before.payer) != outcome(
        decided.decision, decided.payer
    )


def outcome(decision: dict[str, Any], payer: str) -> tuple:
    """What a claim comes to, apart from the days of its lines."""
    return decision["released"], decision["held"], decision["held_units"], decision["warnings"], payer


def _state_again(known: Standing, decided: Decided) -> ClaimState:
    by_decision = state_of(decided.decision, decided.payer)
    by_hand = any(hold.slug == BY_HAND for hold in known.holds)
    return ClaimState.ON_HOLD if by_hand and by_decision != ClaimState.NOTHING else by_decision


def _replace_lines(known: Standing, selection: CodeSelection, wanted: dict[Line, int]) -> list[ClaimLine]:
    """Switch off the lines that no longer hold; returns the new ones. Equal lines stay as they are."""
    stay = {}
    for line in known.lines:
        key = (line.code, line.service_on, line.released)
        if wanted.get(key) == line.units:
            stay[key] = line
        else:
            line.standing = False
            line.save()
    return [_line(known.claim, selection, key, units) for key, units in wanted.items() if key not in stay]


def _replace_holds(known: Standing, wanted: set[tuple[str, str]], *, at: datetime) -> list[Hold]:
    """Lift the rules' holds that no longer hold; returns the new ones. Holds by hand are a person's to lift."""
    by_rule = [hold for hold in known.holds if hold.slug != BY_HAND]
    for hold in by_rule:
        if (hold.code, hold.slug) not in wanted:
            hold.lifted_at, hold.lifted_reason = at, DECIDED_AGAIN
            hold.save()
    stay = {(hold.code, hold.slug) for hold in by_rule}
    return [_hold(known.claim, *key, at=at) for key in sorted(wanted - stay)]
