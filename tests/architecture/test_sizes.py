"""Short functions, short modules."""

import ast
from statistics import median

from tests.architecture.walk import modules, parsed, short, table_of

MODULE, FUNCTION, MEDIAN = 400, 40, 10


def functions():
    for path in modules(also=("devtools",)):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{short(path)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def test_no_module_is_longer_than_it_can_be_read():
    long = [
        f"{short(p)}: {n} lines"
        for p in modules(also=("devtools",))
        if (n := len(p.read_text().splitlines())) > MODULE
    ]
    assert not long, f"Split by noun, past {MODULE} lines:{table_of(long)}"


def test_no_function_is_longer_than_a_screen():
    long = [f"{name}: {lines} lines" for name, lines in functions() if lines > FUNCTION]
    assert not long, f"Split, past {FUNCTION} lines:{table_of(long)}"


def test_most_functions_are_short():
    assert median(lines for _, lines in functions()) < MEDIAN
