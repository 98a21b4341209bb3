"""A body as JSON: one object, with numbers as they are written and texts that a person could read. Pure."""

import json
from decimal import Decimal
from typing import Any

from foundation.plain_text import has_hidden_characters

DEEPEST = 12


class Malformed(Exception):
    """The whole message is none. `where`: the place in it; neither holds a value of it."""

    def __init__(self, problem: str, where: str = ""):
        super().__init__(problem)
        self.problem, self.where = problem, where


def read(content: bytes) -> dict[str, Any]:
    """Raises `Malformed`."""
    try:
        found = json.loads(
            content.decode(),
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_none,
            object_pairs_hook=_once,
        )
    except (ValueError, RecursionError):
        raise Malformed("The body is no JSON in UTF-8.") from None
    if not isinstance(found, dict):
        raise Malformed("The body must be one JSON object.")
    _look(found, 1)
    return found


def _decimal(text: str) -> Decimal:
    if len(text) > 30 or "e" in text.lower():
        raise Malformed("A number is too long, or written with an exponent.")
    return Decimal(text)


def _integer(text: str) -> int:
    if len(text) > 20:
        raise Malformed("A number is too long.")
    return int(text)


def _none(text: str) -> None:
    raise Malformed("NaN and Infinity are no JSON.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("An object names one of its properties twice.")
    return found


def _look(value: Any, depth: int) -> None:
    """No text that the database refuses or that reads otherwise than it is, and no tower of lists."""
    if depth > DEEPEST:
        raise Malformed(f"The body is nested deeper than {DEEPEST} levels.")
    if isinstance(value, dict):
        for key, inner in value.items():
            _look(key, depth)
            _look(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _look(inner, depth + 1)
    elif isinstance(value, str) and (has_hidden_characters(value) or _is_broken(value)):
        raise Malformed("A text holds signs that cannot be read.")


def _is_broken(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)
