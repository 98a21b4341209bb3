"""The rulebook: patient-months as rows. A change of the law begins here, just under the line, on it, just over."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from billing.rules import canonical, parse_facts, ruleset_for, rulesets, select_codes, to_dict
from tests.rulebook.reference import decide as reference

HERE = Path(__file__).parent


def cases(name):
    """The rows of a file, each laid over the base values in its first line."""
    first, *rows = (json.loads(line) for line in (HERE / name).read_text().splitlines())
    return [
        pytest.param(first["base"] | row["given"], row["expect"], id=f"{row['id']} {row['title']}")
        for row in rows
    ]


def decided(given):
    facts = parse_facts(given)
    return to_dict(select_codes(facts, ruleset_for(facts.month)))


@pytest.mark.parametrize(("given", "expect"), cases("select_codes.jsonl"))
def test_examples(given, expect):
    decision = decided(given)
    assert decision["released"] == expect["released"]
    assert decision["held"] == expect["held"]
    assert set(expect.get("warnings", ())) <= set(decision["warnings"])


@pytest.mark.parametrize(("given", "expect"), cases("edges.jsonl"))
def test_edges(given, expect):
    """Here the warnings are all there are."""
    decision = decided(given)
    assert {key: decision[key] for key in expect} == expect


@pytest.mark.parametrize(("given", "expect"), [*cases("select_codes.jsonl"), *cases("edges.jsonl")])
def test_the_reference_agrees(given, expect):
    answer = reference(given)
    assert answer["released"] == expect["released"]
    assert answer["held"] == expect["held"]


@pytest.mark.parametrize(
    ("ruleset", "case"),
    [pytest.param(each, case, id=f"{each.id}: {case.name}") for each in rulesets() for case in each.cases],
)
def test_the_cases_that_a_rule_set_carries(ruleset, case):
    decision = to_dict(select_codes(parse_facts(case.given), ruleset))
    assert (decision["released"], decision["held"]) == (case.released, case.held)
    assert decision["warnings"] == list(case.warnings)


WRITE = """
import json, sys
from billing.rules import decision_json, parse_facts, ruleset_for, select_codes
for given in json.load(sys.stdin):
    facts = parse_facts(given)
    sys.stdout.buffer.write(decision_json(select_codes(facts, ruleset_for(facts.month))).encode() + b"\\n")
"""


def test_the_same_bytes_in_every_process():
    """Two Pythons that put their sets in different orders, and neither knows Django."""
    rows = [case.values[0] for name in ("select_codes.jsonl", "edges.jsonl") for case in cases(name)]
    one, other = (_written(rows, seed) for seed in ("1", "2"))
    assert one == other
    assert one.decode().splitlines() == [canonical(decided(given)) for given in rows]


def _written(rows, seed):
    run = [sys.executable, "-S", "-c", WRITE]
    env = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(HERE.parents[1])}
    return subprocess.run(
        run, input=json.dumps(rows).encode(), capture_output=True, env=env, check=True
    ).stdout
