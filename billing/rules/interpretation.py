"""99091, and the choice between it and the management codes. The choice is never made by price."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .decision import Finding, Line, Verdict
from .facts import PeriodFacts
from .gates import Gate, ask_covered, ask_readings, ask_spacing, days_apart
from .ladder import earned
from .ruleset import RuleSet


class Standing(Enum):
    NOT_EARNED = "its minutes are not there"
    SELECTED = "no live contact, or no management code is earned"
    GIVES_WAY = "the management codes are selected instead"
    DUAL = "beside the management codes, under a policy, for a person to review"


@dataclass(frozen=True, slots=True)
class Split:
    """Where 99091 stands, and the seconds on which management is judged."""

    standing: Standing
    management_seconds: int


def is_earned(facts: PeriodFacts, ruleset: RuleSet) -> bool:
    return facts.interpretation_seconds // 60 >= ruleset.interpretation.at_least


def interpretation_gate(facts: PeriodFacts, ruleset: RuleSet, gate: Gate) -> Gate:
    """All that can hold 99091 but the review of the dual policy. Its date of service is the month's last day."""
    if not is_earned(facts, ruleset):
        return Gate()
    own = gate.copy()
    days = days_apart(facts.last_99091_service_on, facts.last_day)
    ask_spacing(own, ruleset.checks["spacing-99091"], days)
    ask_readings(own, ruleset.checks["readings-99091"], facts.auto_reading_days)
    ask_covered(own, ruleset.checks["code-covered"], facts, ruleset.interpretation.code)
    return own


def split_time(facts: PeriodFacts, ruleset: RuleSet, *, held: bool, unsigned: int = 0) -> Split:
    """Who gets the practitioner's seconds. `unsigned` asks the same with those seconds counted too."""
    staff = facts.clinical_staff_seconds + unsigned
    everything = staff + facts.qhp_seconds
    if not is_earned(facts, ruleset):
        return Split(Standing.NOT_EARNED, everything)
    if not (facts.contacts and earned(everything, facts, ruleset).base):
        return Split(Standing.SELECTED, everything if held else staff)
    if facts.policy.dual_99091 == "cms_2021":
        return Split(Standing.DUAL, staff)
    return Split(Standing.GIVES_WAY, everything)


def judge_interpretation(facts: PeriodFacts, ruleset: RuleSet, own: Gate, standing: Standing) -> Verdict:
    law = ruleset.interpretation
    seconds, needed = facts.interpretation_seconds, law.at_least * 60
    time = Finding(law.rule, standing is not Standing.NOT_EARNED, seconds, needed)
    if standing is Standing.NOT_EARNED:
        return Verdict((Line(law.code, 0, (), (time,)),))
    if standing is Standing.GIVES_WAY:
        instead = Finding(law.alternative, False, facts.contacts, 0)
        return Verdict((Line(law.code, 0, (), (time, instead)),), ("99091-available",))
    if standing is Standing.DUAL:
        own = own.copy()
        own.ask(ruleset.checks["dual-99091"], False, facts.policy.dual_99091, "never")
    return Verdict((Line(law.code, 1, tuple(own.holds), (time, *own.findings)),))
