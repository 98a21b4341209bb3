"""99453: set-up and teaching, once in an episode of care. It needs no management time."""

from __future__ import annotations

from .decision import Finding, Line, Verdict
from .facts import PeriodFacts, SetUp
from .gates import Gate, ask_covered
from .ruleset import RuleSet


def judge_setup(facts: PeriodFacts, ruleset: RuleSet, gate: Gate) -> Verdict:
    setup, service = facts.setup, ruleset.setup
    if setup is None:
        return Verdict((Line(service.code, 0, (), (Finding(service.done, False, None, True),)),))
    once = Finding(service.once, not setup.billed_in_episode, setup.billed_in_episode, False)
    if not once.met:
        return Verdict((Line(service.code, 0, (), (once,)),))
    own = Gate([once, *gate.findings], gate.holds.copy())
    _ask(own, setup, _least_days(facts, ruleset), ruleset)
    ask_covered(own, ruleset.checks["code-covered"], facts, service.code)
    return Verdict((Line(service.code, 1, tuple(own.holds), tuple(own.findings)),))


def _least_days(facts: PeriodFacts, ruleset: RuleSet) -> int:
    """A payer's number of days, or else that of the month's rule set."""
    chosen = facts.policy.setup_min_days
    return ruleset.checks["setup-days"].at_least if chosen is None else chosen


def _ask(own: Gate, setup: SetUp, least: int, ruleset: RuleSet) -> None:
    days, restarted = setup.first_window_reading_days, setup.episode_restarted
    own.ask(ruleset.checks["setup-documented"], setup.documented, setup.documented, True)
    own.ask(ruleset.checks["setup-days"], days >= least, days, least)
    own.ask(ruleset.checks["setup-episode"], not restarted, restarted, False)
