"""Whoever works past Django on psycopg's own connection gives its errors the names that everybody catches."""

import ast

from tests.architecture.walk import modules, parsed, short, table_of

WRAPS = "wrap_database_errors"


def names(node: ast.AST) -> set[str]:
    return {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}


def is_raw(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Attribute)
        and each.attr == "connection"
        and getattr(each.value, "id", getattr(each.value, "attr", "")) == "connection"
        for each in ast.walk(node)
    )


def raw_functions():
    for path in modules():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef) and is_raw(node):
                yield short(path), node


def test_every_use_of_the_raw_connection_wraps_its_errors():
    found = list(raw_functions())
    bare = [f"{path}: {node.name}" for path, node in found if WRAPS not in names(node)]
    assert found
    assert not bare, f"`with connection.{WRAPS}:` around it:{table_of(bare)}"
