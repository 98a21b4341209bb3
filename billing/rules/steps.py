"""Reading a table of steps: which code an amount earns, and why each of the others is refused."""

from __future__ import annotations

from collections.abc import Iterator

from .decision import Finding
from .ruleset import Step


def earned_step(steps: tuple[Step, ...], amount: int) -> Step | None:
    """The highest step that the amount reaches. Days or whole minutes; nothing is rounded up."""
    reached = None
    for step in steps:
        if amount >= step.at_least:
            reached = step
    return reached


def reached(step: Step, amount: int, scale: int = 1) -> Finding:
    """Whether an amount reaches a step. `scale`: how many of the amount's units make one of the step's."""
    needed = step.at_least * scale
    return Finding(step.rule, amount >= needed, amount, needed)


def each_refusal(
    steps: tuple[Step, ...], amount: int, scale: int = 1
) -> Iterator[tuple[str, tuple[Finding, ...]]]:
    """The code of every step that the amount does not earn, and the findings that refuse it."""
    earned = earned_step(steps, amount // scale)
    for step, following in zip(steps, (*steps[1:], None), strict=True):
        if step is not earned:
            yield step.code, (reached(step, amount, scale), *_replacement(step, following, amount, scale))


def _replacement(step: Step, following: Step | None, amount: int, scale: int) -> tuple[Finding, ...]:
    if following is None or step.replaced is None or amount < following.at_least * scale:
        return ()
    return (Finding(step.replaced, False, amount, following.at_least * scale),)
