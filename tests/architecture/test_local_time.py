"""A local time that was typed becomes a moment in one place, which neither guesses nor skips an hour."""

import ast

from tests.architecture.walk import modules, parsed, short, table_of

# A day's own midnight has no second reading to choose; made-up people are given moments by their author.
KNOWN = {"foundation/local_time.py", "foundation/months.py"}


def places():
    for path in modules():
        if short(path) in KNOWN or short(path).startswith("rpmportal/demo/"):
            continue
        for node in ast.walk(parsed(path)):
            name = getattr(
                getattr(node, "func", None), "attr", getattr(getattr(node, "func", None), "id", "")
            )
            zone = [
                k
                for k in getattr(node, "keywords", ())
                if k.arg == "tzinfo" and getattr(k.value, "id", "") != "UTC"
            ]
            if name == "make_aware" or (name in {"combine", "replace", "datetime"} and zone):
                yield f"{short(path)}:{node.lineno} {name}()"


def test_no_other_place_puts_a_zone_on_a_typed_time():
    found = list(places())
    assert not found, f"Use foundation.local_time.moment_of:{table_of(found)}"
