"""Chances learned from the past: of those that stood here on such a day, how many got there. Standard library alone.

A curve never falls: who has more so far has no smaller chance. Between that nothing is assumed of how time or readings
come, so the curve is as right as the past is like the present.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# With fewer cases of the past no chance is given.
ENOUGH = 50


@dataclass(frozen=True, slots=True)
class Curve:
    """Steps in ascending order: from each value on, its chance. `cases` of the past are behind them."""

    starts: tuple[int, ...]
    chances: tuple[float, ...]
    cases: int

    def chance(self, value: int) -> float | None:
        """The share that got there of those who stood where this one stands. None: too little is known."""
        if self.cases < ENOUGH:
            return None
        return self.chances[max(bisect_right(self.starts, value) - 1, 0)]

    def below(self, chance: float, most: int) -> int:
        """The value, `most` at most, below which the chance is smaller. 0 where too little is known."""
        if self.cases < ENOUGH:
            return 0
        reached = (start for start, share in zip(self.starts, self.chances, strict=True) if share >= chance)
        first = next(reached, most)
        return 0 if first == self.starts[0] else min(first, most)


def learned(cases: Iterable[tuple[int, int, int]]) -> Curve:
    """From (value, how many had it, how many of them got there), each value once; by adjacent violators pooled."""
    blocks: list[list[int]] = []
    for value, count, reached in sorted(cases):
        blocks.append([value, count, reached])
        while len(blocks) > 1 and _share(blocks[-2]) >= _share(blocks[-1]):
            _, more, theirs = blocks.pop()
            blocks[-1][1] += more
            blocks[-1][2] += theirs
    return Curve(
        tuple(value for value, _, _ in blocks), tuple(map(_share, blocks)), sum(n for _, n, _ in blocks)
    )


def _share(block: Sequence[int]) -> float:
    """Half a case of each outcome beside those seen: of a few, nothing is certain."""
    return (block[2] + 0.5) / (block[1] + 1)


NEEDED, WINDOW = 16, 30


def days_learned(windows: Iterable[Sequence[int]], needed: int = NEEDED) -> list[Curve]:
    """From the days with readings (1 to 30) of past windows: for each count of days gone by, the chance by days had."""
    counted = [[[0, 0] for _ in range(WINDOW + 1)] for _ in range(WINDOW + 1)]
    for days in windows:
        had, reached, own = 0, len(days) >= needed, set(days)
        for gone in range(WINDOW + 1):
            had += gone in own
            counted[gone][had][0] += 1
            counted[gone][had][1] += reached
    return [learned((had, n, r) for had, (n, r) in enumerate(row) if n) for row in counted]


def days_chance(curves: Sequence[Curve], had: int, left: int, needed: int = NEEDED) -> float | None:
    """Of `had` days so far and `left` days to come. What is there is 1, what cannot be any more is 0: no guess."""
    if had >= needed:
        return 1.0
    if had + left < needed:
        return 0.0
    return curves[min(max(WINDOW - left, 0), WINDOW)].chance(had)
