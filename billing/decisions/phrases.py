"""A phrase for each rule: what a finding says, as a biller would say it to a payer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from billing.rules import PeriodFacts, RuleSet, rulesets


@dataclass(frozen=True, slots=True)
class Told:
    """What a sentence is about: the finding, its code, the facts behind it and the law in effect."""

    finding: Mapping[str, Any]
    code: str
    facts: PeriodFacts
    ruleset: RuleSet

    def in_words(self) -> str:
        return _phrases(self.ruleset.id).get(self.finding["rule"], _plainly)(self)

    @property
    def met(self) -> bool:
        return self.finding["met"]

    @property
    def observed(self) -> Any:
        return self.finding["observed"]

    @property
    def needed(self) -> Any:
        return self.finding["needed"]


Phrase = Callable[[Told], str]


# Amounts --------------------------------------------------------------------------------------------------


def clock(seconds: int) -> str:
    """Seconds as a person says them: 1553 is "25 min 53 s"."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"


def _contacts(number: int) -> str:
    return f"{number} live contact" if number == 1 else f"{number} live contacts"


# Phrases of codes that amounts earn -----------------------------------------------------------------------


@cache
def _phrases(ruleset_id: str) -> dict[str, Phrase]:
    """Rule id to phrase, for one rule set."""
    ruleset = next(each for each in rulesets() if each.id == ruleset_id)
    phrases = dict(PHRASES)
    for step in ruleset.management.steps:
        phrases[step.rule.id] = _minutes
    for step in ruleset.device:
        phrases[step.rule.id] = _reading_days
    if ruleset.management.addon:
        phrases[ruleset.management.addon.rule.id] = _minutes
        phrases[ruleset.management.addon.limit_rule.id] = _limit
    phrases |= {rule: _minutes_replaced(code) for rule, code in _replacements(ruleset.management.steps)}
    phrases |= {rule: _days_replaced(code) for rule, code in _replacements(ruleset.device)}
    phrases[ruleset.interpretation.rule.id] = _practitioner_minutes
    phrases[ruleset.interpretation.alternative.id] = _alternative
    phrases[ruleset.interpretation.single_use.id] = _single_use
    phrases[ruleset.setup.done.id] = lambda told: "No set-up is on file."
    phrases[ruleset.setup.once.id] = _once
    return phrases


def _replacements(steps: tuple) -> list[tuple[str, str]]:
    """The rule that lets a step give way, and the code that takes its place."""
    pairs = zip(steps, steps[1:], strict=False)
    return [(step.replaced.id, following.code) for step, following in pairs]


def _minutes(told: Told) -> str:
    needed = told.needed // 60
    if told.met:
        return f"{clock(told.observed)} signed; {needed} needed."
    if not told.observed:
        return f"{told.code} needs {needed} min; no time is signed."
    return f"{told.code} needs {needed}: {clock(told.needed - told.observed)} short."


def _practitioner_minutes(told: Told) -> str:
    needed = told.needed // 60
    if told.met:
        return f"{clock(told.observed)} of practitioner time signed in its 30 days; {needed} needed."
    if not told.observed:
        return f"{told.code} needs {needed} min of practitioner time; none is signed."
    return f"{told.code} needs {needed} of practitioner time: {clock(told.needed - told.observed)} short."


def _reading_days(told: Told) -> str:
    where = "over all devices" if told.facts.policy.device_days == "any_device" else "on one device"
    if told.met:
        return f"{_days(told.observed)} with readings {where}; {told.needed} needed."
    if not told.observed:
        return f"{told.code} needs {_days(told.needed)} with readings; there are none."
    return (
        f"{told.code} needs {_days(told.needed)} with readings: {told.observed} counted {where}, "
        f"{told.needed - told.observed} short."
    )


def _minutes_replaced(by: str) -> Phrase:
    return lambda told: f"From {told.needed // 60} min on {by} takes its place."


def _days_replaced(by: str) -> Phrase:
    return lambda told: f"From {_days(told.needed)} on {by} takes its place."


def _limit(told: Told) -> str:
    addon = told.ruleset.management.addon
    lowered = " under this payer's policy" if addon and told.needed < addon.limit else ""
    if told.met:
        return f"{told.observed} of at most {told.needed} units{lowered}."
    return f"The minutes come to {told.observed} units; at most {told.needed} are billed{lowered}."


def _alternative(told: Told) -> str:
    return (
        f"With {_contacts(told.observed)} and a management code earned, the management codes are selected; "
        f"{told.code} is the lawful alternative."
    )


def _single_use(told: Told) -> str:
    return f"{clock(told.observed)} of practitioner time belong to 99091 and are not counted again."


def _once(told: Told) -> str:
    return "It is not yet billed in this episode." if told.met else "It is already billed in this episode."


# Phrases of checks ----------------------------------------------------------------------------------------


def _live_contact(told: Told) -> str:
    seen = _contacts(told.observed) if told.observed else "No live contact"
    each = " for this many units" if told.facts.policy.live_contact_per_unit else ""
    return f"{seen} in the month; {told.needed} needed{each}."


def _signed(told: Told) -> str:
    if not told.observed:
        return "No time waits for a signature."
    if told.met:
        return f"{clock(told.observed)} are not signed; counting them would change nothing here."
    return f"{clock(told.observed)} are not signed; counting them would change the codes or their units."


def _readings(told: Told) -> str:
    if told.met:
        return f"{_days(told.observed)} with automatic readings in the month."
    return "No automatic reading in the month: there was nothing to manage or interpret."


def _spacing(told: Told) -> str:
    if told.observed is None:
        return "No earlier service of its kind is on file."
    if told.observed < 0:
        return f"A service {_days(-told.observed)} later is on file; {told.needed} days must lie between."
    return f"{_days(told.observed)} since the service before; {told.needed} needed."


def _one_rule_set(told: Told) -> str:
    if told.met:
        return "The whole window lies under one set of device rules."
    began, changed = _on(told.observed), _on(told.needed)
    return f"The window began on {began}; the device rules changed on {changed}. A person looks at it."


def _on(day: str) -> str:
    """`02-Nov-2025`, as the pages write days."""
    return f"{date.fromisoformat(day):%d-%b-%Y}"


def _covered(told: Told) -> str:
    if told.met:
        return "The payer covers it."
    return f"The payer does not cover {' and '.join(told.observed)}, by its policy of the month's last day."


def _setup_days(told: Told) -> str:
    own = told.facts.policy.setup_min_days is not None
    asks = " by this payer's policy" if own else ""
    return f"{_days(told.observed)} with readings in the first window; {told.needed} needed{asks}."


def _either(met: str, unmet: str) -> Phrase:
    return lambda told: met if told.met else unmet


# Phrases of preconditions and exclusions --------------------------------------------------------------------


def _paper(what: str) -> Phrase:
    def phrase(told: Told) -> str:
        if told.observed is None:
            return f"No {what} is on file."
        if told.met:
            return f"The {what} of {_on(told.observed)} is on file."
        return f"The {what} is of {_on(told.observed)}, after the month's last day."

    return phrase


def _practitioner(told: Told) -> str:
    return f"The billing practitioner is a {told.observed}" + (
        " and may bill." if told.met else ": may not bill."
    )


def _global(told: Told) -> str:
    words = {
        "none": "No surgical global period.",
        "unrelated_attested": "Inside a surgical global period; attested as unrelated to it.",
    }
    return words.get(
        told.observed, "Inside a surgical global period of the same practitioner, and related to it."
    )


def _beside(what: str) -> Phrase:
    def phrase(told: Told) -> str:
        if told.met:
            return f"No {what} is reported for the period."
        return f"{', '.join(told.observed)} is reported for the period: {what}."

    return phrase


def _plainly(told: Told) -> str:
    """For a finding of a rule that has no phrase: a stored decision may name one of long ago."""
    return f"{told.finding['rule']}: observed {told.observed}, needed {told.needed}."


PHRASES: dict[str, Phrase] = {
    "live-contact": _live_contact,
    "signed-time": _signed,
    "readings-management": _readings,
    "readings-99091": _readings,
    "spacing-device": _spacing,
    "spacing-99091": _spacing,
    "one-rule-set": _one_rule_set,
    "setup-documented": _either("The teaching is documented.", "The set-up has no note of the teaching."),
    "setup-days": _setup_days,
    "setup-episode": _either(
        "The episode was not restarted.",
        "The episode was restarted: a person decides whether it is a new one.",
    ),
    "code-covered": _covered,
    "dual-99091": _either(
        "No second service is claimed.",
        "Billed beside the management codes under a policy: a person reviews that the work was separate.",
    ),
    "consent": _paper("consent"),
    "order": _paper("signed order"),
    "established": _either(
        "The patient is established with the practice.", "The patient is not established."
    ),
    "necessity": _either("Necessity is documented.", "No statement of necessity is on file."),
    "supervision": _either("A supervising practitioner is named.", "No supervising practitioner is named."),
    "practitioner": _practitioner,
    "diagnosis": _either(
        "The payer covers monitoring for the diagnoses on file.",
        "The payer does not cover monitoring for the diagnoses on file.",
    ),
    "global": _global,
    "institution": _either(
        "The patient was not in an institution all month.", "The patient was in an institution all month."
    ),
    "device-basis": _either(
        "The device's basis as a medical device is on file.",
        "The device's basis as a medical device that sends by itself is not on file.",
    ),
    "rtm": _beside("therapeutic-monitoring code"),
    "smbp": _beside("self-measured-blood-pressure code"),
    "other-device": _beside("device or set-up code of another practice"),
    "other-management": _beside("management code of another practice"),
    "other-99091": _beside("interpretation code of another practice"),
}
