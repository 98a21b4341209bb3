"""Stored decisions proved once more: from their facts, and each released line from what it cites. No other table."""

from collections.abc import Iterator

from billing import rules
from billing.decisions.evidence import Cited, units_again
from billing.models import CodeSelection


def faults(selection: CodeSelection) -> Iterator[str]:
    """What does not hold any more of one decision, in words without a patient."""
    facts = rules.parse_facts(selection.facts)
    ruleset = rules.ruleset_for(facts.month)
    if rules.to_dict(rules.select_codes(facts, ruleset)) != selection.decision:
        yield "the decision does not follow from its facts"
    for cited in map(Cited.read, selection.evidence["lines"]):
        line = f"{cited.code} of {cited.service_on}"
        if units_again(facts, selection.evidence, cited, ruleset) != cited.units:
            yield f"{line}: what it cites is not enough"
        if any(
            units_again(facts, selection.evidence, less, ruleset) == cited.units for less in cited.without()
        ):
            yield f"{line}: it cites more than it needs"
