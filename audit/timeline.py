"""The life of one record: its versions, and any two of them side by side."""

import difflib
import re
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from audit.changes import Change, changes_of, differences
from audit.formatting import EMPTY, moment, names_of
from audit.registry import Presentation

VERSIONS = 50
# Texts longer than this are compared by line: comparing by word takes time with the square of the length.
WORDS_UP_TO = 4_000
# Texts in which more pairs of words or lines are alike are shown whole: aligning what repeats takes minutes.
PAIRS_UP_TO = 15_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that stayed (`kept`), went (`removed`) or came (`added`)."""

    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One field at both points; `before` and `after` as pieces, whole when it did not change."""

    label: str
    changed: bool
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A version that can be chosen for comparing."""

    history_id: int
    number: int
    words: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """`changes` newest first, at most VERSIONS; `total` counts them all; `older` is the id to go on from."""

    presentation: Presentation
    changes: tuple[Change, ...]
    total: int
    older: int | None

    @property
    def latest(self) -> Change:
        return self.changes[0]

    @property
    def says_why(self) -> bool:
        return any(change.reason for change in self.changes)

    def numbered(self, *, above: int) -> list[tuple[int, Change]]:
        """Each change with its version number; `above` counts the versions newer than these."""
        newest = self.total - above
        return [(newest - i, change) for i, change in enumerate(self.changes)]


def _rows(practice, presentation: Presentation, row_id: UUID):
    """The record's history in this practice only, newest first."""
    table = presentation.history._meta.db_table
    scope = presentation.scope.replace("h.", f'"{table}".')
    return (
        presentation.history._default_manager.filter(id=row_id)
        .extra(where=[scope], params=[practice.pk])
        .order_by("-history_id")
    )


def timeline(
    practice, presentation: Presentation, row_id: UUID, *, older_than: int | None = None
) -> Timeline | None:
    """None where this practice has no such record."""
    rows = _rows(practice, presentation, row_id)
    if not (total := rows.count()):
        return None
    if older_than is not None:
        rows = rows.filter(history_id__lt=older_than)
    found = list(rows[: VERSIONS + 1])
    if not found:
        return None
    earlier = [*found[1:], None]
    pairs = [(presentation, row, before) for row, before in zip(found, earlier, strict=True)][:VERSIONS]
    more = len(found) > VERSIONS
    return Timeline(
        presentation,
        tuple(changes_of(practice, pairs)),
        total,
        found[VERSIONS - 1].history_id if more else None,
    )


def newer_than(practice, presentation: Presentation, row_id: UUID, history_id: int) -> int:
    """How many versions are newer than, or are, the one given."""
    return _rows(practice, presentation, row_id).filter(history_id__gte=history_id).count()


def compare(
    practice, presentation: Presentation, row_id: UUID, *, first: int | None, second: int, whole: bool
) -> tuple[Compared, ...] | None:
    """Every shown field at two points, `first` None meaning before there was anything. None if a point is not there."""
    wanted = [i for i in (first, second) if i is not None]
    rows = _rows(practice, presentation, row_id).in_bulk(wanted, field_name="history_id")
    if len(rows) < len(set(wanted)):
        return None
    before, after = rows.get(first), rows[second]
    names = names_of(practice, rows.values())
    fields = differences(presentation, before, after, names, whole=whole)
    return tuple(_compared(f.label, f.before, f.after) for f in fields)


def _compared(label: str, before: str, after: str) -> Compared:
    if before == after:
        same = (Piece("kept", before),)
        return Compared(label, False, same, same)
    return Compared(label, True, *_pieces(before, after))


def _pieces(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """What went on the left, what came on the right."""
    by_word = len(before) + len(after) <= WORDS_UP_TO
    if before in ("", EMPTY) or after in ("", EMPTY):
        return _whole("removed", before), _whole("added", after)
    old, new = (_split(before, by_word), _split(after, by_word))
    if _alike(old, new) > PAIRS_UP_TO:
        return _whole("removed", before), _whole("added", after)
    left, right = [], []
    for what, i, j, k, n in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        kept = what == "equal"
        left += _whole("kept" if kept else "removed", "".join(old[i:j]))
        right += _whole("kept" if kept else "added", "".join(new[k:n]))
    return tuple(left), tuple(right)


def _alike(old: list[str], new: list[str]) -> int:
    """How many pairs of a piece before and a piece after are the same."""
    after = Counter(new)
    return sum(times * after[piece] for piece, times in Counter(old).items())


def _split(text: str, by_word: bool) -> list[str]:
    """Words with the space after them, so that neighbours changed together read as one change."""
    return re.findall(r"\S+\s*|\s+", text) if by_word else text.splitlines(keepends=True)


def _whole(what: str, text: str) -> tuple[Piece, ...]:
    if text == EMPTY:
        return (Piece("kept", text),)
    return (Piece(what, text),) if text else ()


def points(timeline_of: Timeline, *, above: int) -> list[Point]:
    """The versions to choose from, newest first."""
    return [
        Point(change.history_id, number, f"Version {number} · {moment(change.at)} · {change.who}")
        for number, change in timeline_of.numbered(above=above)
    ]
