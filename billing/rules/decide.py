"""The decision on a patient-month, from the first question to the last."""

from __future__ import annotations

from .decision import Decision, Verdict, decision_of
from .device import judge_device
from .facts import PeriodFacts
from .gates import Gate, gates
from .interpretation import interpretation_gate, judge_interpretation, split_time
from .management import judge_management
from .ruleset import RuleSet
from .setup import judge_setup


class WrongRuleSet(ValueError):
    """A month is decided by the law of its own time, and by no other."""


def select_codes(facts: PeriodFacts, ruleset: RuleSet) -> Decision:
    """Decide every code of the rule set for one patient-month, and say why for each one."""
    if not ruleset.effective_from <= facts.last_day <= ruleset.effective_to:
        raise WrongRuleSet(f"{ruleset.id} is not in effect in {facts.month}")
    gate = gates(facts, ruleset)
    verdicts = (
        judge_setup(facts, ruleset, gate["setup"]),
        judge_device(facts, ruleset, gate["device"]),
        *_judge_time(facts, ruleset, gate),
        Verdict((), ("global-attested",) if facts.global_period == "unrelated_attested" else ()),
    )
    return decision_of(facts.month, ruleset, verdicts)


def _judge_time(facts: PeriodFacts, ruleset: RuleSet, gate: dict[str, Gate]) -> tuple[Verdict, Verdict]:
    """99091 first: released it uses up the practitioner's seconds, held it uses up nothing."""
    own = interpretation_gate(facts, ruleset, gate["interpretation"])
    held = bool(own.holds)
    split = split_time(facts, ruleset, held=held)
    return (
        judge_interpretation(facts, ruleset, own, split.standing),
        judge_management(facts, ruleset, gate["management"], split, held=held),
    )
