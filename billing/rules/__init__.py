"""The billing rules of remote physiologic monitoring: facts of a patient-month in, codes with reasons out.

Standard library only: no clock, no database, no settings. The law is in `rulesets/`, one file for each
period in effect; what is not a number is plain Python in the module of its family (`setup`, `device`,
`management`, `interpretation`, and `gates` for what holds whole families).

Not modelled: the exceptions of the public health emergency (March 2020 to 11 May 2023).
"""

from .catalog import NoRuleSet, bases, ruleset_for, rulesets
from .decide import WrongRuleSet, select_codes
from .decision import Decision, Finding, Outcome, canonical, decision_json, to_dict
from .facts import DeviceWindow, PeriodFacts, Policy, SetUp, facts_json
from .loading import RuleSetError
from .parse import FactError, parse_facts, parse_line
from .ruleset import Rule, RuleSet
from .vocabulary import HOLDS, WARNINGS

__all__ = [
    "HOLDS",
    "WARNINGS",
    "Decision",
    "DeviceWindow",
    "FactError",
    "Finding",
    "NoRuleSet",
    "Outcome",
    "PeriodFacts",
    "Policy",
    "Rule",
    "RuleSet",
    "RuleSetError",
    "SetUp",
    "WrongRuleSet",
    "bases",
    "canonical",
    "decision_json",
    "facts_json",
    "parse_facts",
    "parse_line",
    "ruleset_for",
    "rulesets",
    "select_codes",
    "to_dict",
]
