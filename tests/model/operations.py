"""Moves: what may happen next, how often beside the others, and when at all.

They are drawn by weight among those that are possible now. Rules of Hypothesis would be switched off by its swarm
half of the time, and then nobody gets as far as amending what was signed after a call.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st


@dataclass(frozen=True)
class Move:
    weight: int
    when: Callable
    drawn: st.SearchStrategy


def move(weight: int = 1, *, when: Callable = lambda model: True, **drawn):
    """`when` is asked of the model."""

    def marked(method):
        method.move = Move(weight, when, st.fixed_dictionaries(drawn))
        return method

    return marked


def moves_of(machine: type) -> dict[str, Move]:
    methods = {name: getattr(machine, name) for name in dir(machine)}
    return {name: method.move for name, method in methods.items() if hasattr(method, "move")}
