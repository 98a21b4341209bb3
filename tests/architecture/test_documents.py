"""What is written down agrees with what runs."""

import ast
import re
from dataclasses import fields

from accounts.models import PER_PAYER
from accounts.permissions import ROLES, Permission, Role
from accounts.practice_policies import POLICIES, RULE_KEYS
from billing.rules import Policy
from tests.architecture.walk import ROOT


def roles_table() -> str:
    """The table of docs/roles.md, printed from ROLES."""
    head = "| May | " + " | ".join(role.label for role in Role) + " |\n|---|" + "---|" * len(Role) + "\n"
    rows = [
        f"| {permission} | "
        + " | ".join("yes" if permission in ROLES[role].may else "–" for role in Role)
        + " |"
        for permission in Permission
    ]
    return head + "\n".join(rows) + "\n"


def test_the_roles_page_is_what_the_code_allows():
    page = (ROOT / "docs" / "roles.md").read_text()
    assert roles_table() in page, f"Replace the table of docs/roles.md by:\n\n{roles_table()}"
    for role, spec in ROLES.items():
        assert f"- **{role.label}.** {spec.purpose}" in page


def test_every_role_is_described():
    assert set(ROLES) == set(Role)


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "adr").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1)), "Two decisions under one number, or one is missing."


def test_every_policy_of_the_rules_is_a_policy_of_the_practice():
    assert {field.name for field in fields(Policy)} == set(RULE_KEYS)
    assert set(RULE_KEYS) <= set(POLICIES)


def test_every_policy_says_what_another_choice_gives_up():
    silent = [key for key, spec in POLICIES.items() if not (spec.question.strip() and spec.departs.strip())]
    assert not silent
    assert all(spec.accepts(spec.default) for spec in POLICIES.values())


def test_the_glossary_defines_each_word_once():
    page = (ROOT / "docs" / "glossary.md").read_text()
    words = re.findall(r"^\| \*\*([^*]+)\*\* \|", page, re.M)
    assert len(words) > 30
    assert len(words) == len(set(words))


def test_what_a_payer_may_have_of_its_own_is_what_is_looked_up_for_a_payer():
    """The database's list and the policies': the keys of the rules, and the diagnoses a payer covers."""
    assert set(PER_PAYER) == {*RULE_KEYS, "covered_diagnoses"}


def defined_in(path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text()).body if hasattr(node, "name")}


def test_every_step_of_a_minute_exists():
    page = (ROOT / "docs" / "follow-a-minute.md").read_text()
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", page, re.M)]
    steps = re.findall(r"^\d+\. .*`([\w/]+\.py):(\w+)`$", page, re.M)
    gone = [f"{file}:{name}" for file, name in steps if name not in defined_in(ROOT / file)]
    assert numbers == list(range(1, len(steps) + 1)), "Each step is a line that ends with `file.py:function`."
    assert not gone, f"docs/follow-a-minute.md names what is not there: {gone}"


def test_the_floor_plan_names_every_wing():
    """Each folder inside timelogs and billing stands in the plan, and the plan names none that is gone."""
    page = (ROOT / "docs" / "floor-plan.md").read_text()
    for app in ("timelogs", "billing"):
        wings = {path.parent.name for path in (ROOT / app).glob("*/__init__.py")} - {
            "management",
            "migrations",
        }
        section = page.split(f"### {app}\n", 1)[1].split("\n#", 1)[0]
        assert set(re.findall(r"^\| `(\w+)/`", section, re.M)) == wings
