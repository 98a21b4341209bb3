"""What the rules answer: per code, how many units, released, held or refused, and the findings behind it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .ruleset import Rule, RuleSet

RELEASED, HELD, REFUSED = "released", "held", "refused"

Value = str | int | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was observed against what a rule needs. Times are in seconds."""

    law: Rule
    met: bool
    observed: Value
    needed: Value

    @property
    def rule(self) -> str:
        return self.law.id

    @property
    def source(self) -> str:
        return self.law.source

    @property
    def mark(self) -> str:
        return self.law.mark


@dataclass(frozen=True, slots=True)
class Line:
    """Units of a code that share their holds: none is released, some is held. No units: refused."""

    code: str
    units: int
    holds: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one family of codes comes to."""

    lines: tuple[Line, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    code: str
    units: int
    status: str
    holds: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole answer for a patient-month. The same facts and rule set give the same one."""

    month: str
    ruleset: str
    warnings: tuple[str, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def released(self) -> dict[str, int]:
        return {outcome.code: outcome.units for outcome in self.outcomes if outcome.status == RELEASED}

    @property
    def held(self) -> dict[str, tuple[str, ...]]:
        return {outcome.code: outcome.holds for outcome in self.outcomes if outcome.status == HELD}

    @property
    def held_units(self) -> dict[str, int]:
        return {outcome.code: outcome.units for outcome in self.outcomes if outcome.status == HELD}


def decision_of(month: str, ruleset: RuleSet, verdicts: Iterable[Verdict]) -> Decision:
    """Lines and warnings put together: outcomes by code, words sorted and once each."""
    lines: dict[str, list[Line]] = {code.code: [] for code in ruleset.codes}
    warnings: set[str] = set()
    for verdict in verdicts:
        warnings.update(verdict.warnings)
        for line in verdict.lines:
            lines[line.code].append(line)
    outcomes: list[Outcome] = []
    for code, its_lines in lines.items():
        outcomes += [_outcome(code, some) for some in _by_status(its_lines)]
    return Decision(month, ruleset.id, tuple(sorted(warnings)), tuple(outcomes))


def _by_status(lines: list[Line]) -> list[list[Line]]:
    """Released lines, then held ones. Refusals count only where nothing was earned."""
    if len(lines) == 1:
        return [lines]
    released = [line for line in lines if line.units and not line.holds]
    held = [line for line in lines if line.units and line.holds]
    return [some for some in (released, held) if some] or [lines]


def _outcome(code: str, lines: list[Line]) -> Outcome:
    """Lines of one status as one outcome."""
    first = lines[0]
    status = (HELD if first.holds else RELEASED) if first.units else REFUSED
    if len(lines) == 1:
        return Outcome(code, first.units, status, tuple(sorted(first.holds)), first.findings)
    holds = tuple(sorted({hold for line in lines for hold in line.holds}))
    findings = tuple(dict.fromkeys(finding for line in lines for finding in line.findings))
    return Outcome(code, sum(line.units for line in lines), status, holds, findings)


def to_dict(decision: Decision) -> dict[str, Any]:
    """The decision as plain JSON values."""
    return {
        "month": decision.month,
        "ruleset": decision.ruleset,
        "released": decision.released,
        "held": {code: list(holds) for code, holds in decision.held.items()},
        "held_units": decision.held_units,
        "warnings": list(decision.warnings),
        "outcomes": [_outcome_dict(outcome) for outcome in decision.outcomes],
    }


def _outcome_dict(outcome: Outcome) -> dict[str, Any]:
    findings = [_finding_dict(finding) for finding in outcome.findings]
    return {"code": outcome.code, "units": outcome.units, "status": outcome.status, "findings": findings}


def _finding_dict(finding: Finding) -> dict[str, Any]:
    needed = list(finding.needed) if isinstance(finding.needed, tuple) else finding.needed
    observed = list(finding.observed) if isinstance(finding.observed, tuple) else finding.observed
    law = finding.law
    return {
        "rule": law.id,
        "met": finding.met,
        "observed": observed,
        "needed": needed,
        "source": law.source,
        "mark": law.mark,
    }


def decision_json(decision: Decision) -> str:
    """The decision in its one agreed spelling: the same decision is the same text, byte for byte."""
    return canonical(to_dict(decision))


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
