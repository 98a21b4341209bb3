"""What a released line cites is enough, and none of it is too much: shown for 10,000 random months."""

from collections import Counter
from random import Random

from billing.decisions.evidence import cite, units_again
from billing.rules import decision_json, ruleset_for, select_codes
from tests.rulebook.random_records import a_month

MONTHS = 10_000


def test_what_is_cited_gives_the_code_and_less_does_not():
    random, seen = Random(20260301), Counter()
    for _ in range(MONTHS):
        month = a_month(random)
        ruleset = ruleset_for(month.facts.month)
        decision = select_codes(month.facts, ruleset)
        stored = month.records.stored()
        found = cite(month.facts, decision, month.records, ruleset)
        released = Counter()
        for cited in found:
            released[cited.code] += cited.units
            assert units_again(month.facts, stored, cited, ruleset) == cited.units, (month, cited)
            for less in cited.without():
                seen["taken away"] += 1
                assert units_again(month.facts, stored, less, ruleset) != cited.units, (month, less)
            seen[cited.code] += 1
        assert released == decision.released
    assert {"99453", "99445", "99454", "99470", "99457", "99458", "99091"} <= set(seen)
    assert min(seen.values()) > 100, seen


def test_citing_twice_cites_the_same():
    random = Random(7)
    for _ in range(200):
        month = a_month(random)
        ruleset = ruleset_for(month.facts.month)
        decision = select_codes(month.facts, ruleset)
        assert decision_json(decision) == decision_json(select_codes(month.facts, ruleset))
        assert cite(month.facts, decision, month.records, ruleset) == cite(
            month.facts, decision, month.records, ruleset
        )
