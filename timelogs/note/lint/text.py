"""A text made plain for searching, each character in its place, so that a find can be quoted as it was typed."""

import re
import string
from bisect import bisect
from collections.abc import Iterator
from functools import cached_property

# One character for one: an index into the plain text is an index into the typed one.
_PLAIN = str.maketrans(
    dict.fromkeys("‐‑‒–—―−﹣-", "-")
    | dict.fromkeys("\u00a0\u2007\u2009\u200a\u202f\t", " ")
    | dict.fromkeys("∕⁄/", "/")
    | dict.fromkeys("‘’ʼ", "'")
    | {"₂": "2", "٫": "."}
    | dict(zip(string.ascii_uppercase, string.ascii_lowercase, strict=True))
)
_END = re.compile(r"[.!?;]+(?=\s|$)|\n")
_SHORT = re.compile(r"\b(?:dr|mr|mrs|ms|st|approx|cont|vs|no|e\.g|i\.e)$")
# Within a sentence another time or place begins here: what excuses one number does not excuse the next.
_TURN = re.compile(r"\b(?:but|while|whereas|although)\b|(?<=[,:]) (?=(?:now|home|today)\b)")
WORDS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
# Measures and what they are called; a word between one of these and a number may not be another of them.
NUMBER_WORD = r"(?:\d{1,3}|" + "|".join(WORDS[1:]) + ")"


# How far the words around a find are looked at; a text without full stops must not cost its length for each find.
NEAR = 120


class Text:
    """A field's text: as typed, plain, and cut into sentences and clauses."""

    def __init__(self, typed: str):
        self.typed = typed
        self.plain = typed.translate(_PLAIN)

    def quote(self, start: int, end: int) -> str:
        """The words between two places, as they were typed."""
        return self.typed[start:end].strip(" ,:;(")

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """Start and end of each sentence; a full stop inside a number or after “Dr” ends none."""
        ends = [m.end() for m in _END.finditer(self.plain) if not self._is_short(m)]
        places = [0, *ends, len(self.plain)]
        return [(a, b) for a, b in zip(places, places[1:], strict=False) if self.plain[a:b].strip()]

    def _is_short(self, end: re.Match) -> bool:
        return end.group() == "." and bool(_SHORT.search(self.plain, max(0, end.start() - 8), end.start()))

    @cached_property
    def clauses(self) -> list[tuple[int, int]]:
        """Sentences cut again where they turn to something else."""
        return [clause for start, end in self.sentences for clause in self._cut(start, end)]

    def _cut(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        turns = [m.start() for m in _TURN.finditer(self.plain, start, end) if m.start() > start]
        places = [start, *turns, end]
        return zip(places, places[1:], strict=False)

    def around(self, start: int, end: int) -> tuple[str, str]:
        """What stands before and after a find in its clause."""
        first, last = self.clauses[bisect(self._clause_starts, start) - 1]
        return self.plain[max(first, start - NEAR) : start], self.plain[end : min(last, end + NEAR)]

    @cached_property
    def _clause_starts(self) -> list[int]:
        return [first for first, _ in self.clauses]


def whole(word: str) -> int:
    """`6` or `six`."""
    return int(word) if word.isdigit() else WORDS.index(word)
