"""Imports go down the house only."""

import ast
import subprocess
import sys

from tests.architecture.walk import ROOT, modules, parsed, short, table_of

LINT = "from importlinter.cli import lint_imports_command as main; main()"


def imported(path):
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def test_import_contracts_hold():
    done = subprocess.run([sys.executable, "-c", LINT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def test_the_rules_import_the_standard_library_alone():
    rules = [path for path in modules() if short(path).startswith("billing/rules/")]
    foreign = [
        f"{short(path)}: {name}"
        for path in rules
        for name in imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("billing.rules")
    ]
    assert rules
    assert not foreign, f"The law depends on nothing that is released on another day:{table_of(foreign)}"


def test_a_product_never_imports_its_tests():
    found = [
        f"{short(p)}: {n}"
        for p in modules(also=("devtools",))
        for n in imported(p)
        if n.split(".")[0] in {"tests", "pytest"}
    ]
    assert not found, table_of(found)
