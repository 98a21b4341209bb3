"""Decisions in words that a biller can read to a payer. All prose about them is here and in `phrases`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from billing.decisions.phrases import Told
from billing.labels import hold_in_words
from billing.rules import Decision, PeriodFacts, RuleSet, ruleset_for, rulesets, to_dict


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    rule: str
    met: bool
    source: str
    mark: str

    @property
    def firmness(self) -> str:
        """The mark in words."""
        return MARK_WORDS[self.mark]


@dataclass(frozen=True, slots=True)
class CodeExplanation:
    """One outcome in words: what it is, what holds it, and each finding behind it."""

    code: str
    label: str
    status: str
    units: int
    holds: tuple[str, ...]
    sentences: tuple[Sentence, ...]

    @property
    def because(self) -> str:
        """In short: what was seen first, and whatever was not met."""
        short = (*self.sentences[:1], *(each for each in self.sentences[1:] if not each.met))
        return " ".join(sentence.text for sentence in short)


def explain(decision: Decision | Mapping[str, Any], facts: PeriodFacts) -> list[CodeExplanation]:
    """Every outcome of a decision, refused codes included, in words."""
    plain = to_dict(decision) if isinstance(decision, Decision) else decision
    ruleset = _ruleset(plain)
    told = [_explanation(outcome, plain, facts, ruleset) for outcome in plain["outcomes"]]
    return _with_next_step(told, ruleset)


def explanation_dict(explanation: CodeExplanation) -> dict[str, Any]:
    """An explanation as plain JSON values."""
    sentences = [
        {"text": each.text, "rule": each.rule, "met": each.met, "source": each.source, "mark": each.mark}
        for each in explanation.sentences
    ]
    return {
        "code": explanation.code,
        "label": explanation.label,
        "status": explanation.status,
        "units": explanation.units,
        "holds": [hold_in_words(slug) for slug in explanation.holds],
        "sentences": sentences,
    }


def warning_in_words(slug: str) -> str:
    """What a biller should know although nothing waits for it."""
    return WARNING_WORDS[slug]


def _ruleset(decision: Mapping[str, Any]) -> RuleSet:
    by_id = {ruleset.id: ruleset for ruleset in rulesets()}
    return by_id.get(decision["ruleset"]) or ruleset_for(decision["month"])


def _explanation(
    outcome: Mapping[str, Any], decision: Mapping[str, Any], facts: PeriodFacts, ruleset: RuleSet
) -> CodeExplanation:
    code = outcome["code"]
    holds = decision["held"][code] if outcome["status"] == "held" else ()
    return CodeExplanation(
        code=code,
        label=ruleset.label(code),
        status=outcome["status"],
        units=outcome["units"],
        holds=tuple(holds),
        sentences=tuple(_sentence(Told(each, code, facts, ruleset)) for each in outcome["findings"]),
    )


def _sentence(told: Told) -> Sentence:
    finding = told.finding
    return Sentence(told.in_words(), finding["rule"], told.met, finding["source"], finding["mark"])


def _with_next_step(told: list[CodeExplanation], ruleset: RuleSet) -> list[CodeExplanation]:
    """To the highest management code earned, what the next one would have needed."""
    family = {code.code: code.family for code in ruleset.codes}
    management = [each for each in told if family[each.code] == "management"]
    earned = [each for each in management if each.units]
    missed = [each for each in management if not each.units]
    short = [each.sentences[0] for each in missed if not each.sentences[0].met]
    if not earned or not short:
        return told
    return [_and_short(each, short) if each.code == earned[-1].code else each for each in told]


def _and_short(explanation: CodeExplanation, short: list[Sentence]) -> CodeExplanation:
    return CodeExplanation(
        explanation.code,
        explanation.label,
        explanation.status,
        explanation.units,
        explanation.holds,
        (*explanation.sentences[:1], *short, *explanation.sentences[1:]),
    )


MARK_WORDS = {
    "A": "official text",
    "B": "restated by a reputable source",
    "C": "several commercial sources agree",
    "K": "to be checked against a licensed code book",
}

WARNING_WORDS = {
    "below-minimum": "Counted time or reading days stay below the least that any code needs",
    "unit-limit": "More 99458 units were worked than may be billed",
    "live-chat-accepted": "Live chats count as live contacts under this payer's policy",
    "99091-available": "99091 would be a lawful alternative to the management codes",
    "days-split-over-devices": "All devices together would earn a higher device code than the best one alone",
    "two-windows": "Two device windows end in the month and earn a code each",
    "unsigned-time": "There is unsigned time",
    "global-attested": "Inside a surgical global period, attested as unrelated",
}
