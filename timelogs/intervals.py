"""Half-open spans of time as plain pairs, and the arithmetic that counting needs. Seconds are cut, never rounded."""

from collections.abc import Iterable
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]


def span_of(row) -> Span:
    """The bounds of a row's `during`; the end is None while it runs."""
    return row.during.lower, row.during.upper


def clip(span: Span, window: Span) -> Span | None:
    """The part of `span` inside `window`, or None."""
    start, end = max(span[0], window[0]), min(span[1], window[1])
    return (start, end) if start < end else None


def subtract(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of `span` after everything `taken`, in order."""
    left = [span]
    for hole in taken:
        left = [part for piece in left for part in _without(piece, hole)]
    return left


def _without(piece: Span, hole: Span) -> list[Span]:
    if clip(piece, hole) is None:
        return [piece]
    before, after = (piece[0], min(piece[1], hole[0])), (max(piece[0], hole[1]), piece[1])
    return [part for part in (before, after) if part[0] < part[1]]


def trimmed(spans: Iterable[Span], length: int) -> list[Span]:
    """The first `length` seconds of the spans, in order."""
    kept, left = [], timedelta(seconds=length)
    for start, end in spans:
        if left > timedelta(0):
            kept.append((start, min(end, start + left)))
        left -= end - start
    return kept


def microseconds(spans: Iterable[Span]) -> int:
    """The exact length together; seconds are cut from a sum, once."""
    return sum(
        (end - start).days * 86_400_000_000 + (end - start).seconds * 1_000_000 + (end - start).microseconds
        for start, end in spans
    )


def seconds(spans: Iterable[Span]) -> int:
    """Whole seconds of the exact sum, cut."""
    return microseconds(spans) // 1_000_000
