"""Half-open spans as pairs of whole numbers. Nothing is shared with the spans of the code."""

from collections.abc import Iterable

Span = tuple[int, int]
FOR_EVER = 1 << 62


def meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


def within(spans: Iterable[Span], window: Span) -> list[Span]:
    clipped = ((max(start, window[0]), min(end, window[1])) for start, end in spans)
    return [(start, end) for start, end in clipped if start < end]


def common(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    other = list(other)
    return [part for span in one for part in within(other, span)]


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left: cut at every edge, and keep the pieces that nothing taken covers."""
    taken = list(taken)
    edges = sorted({edge for span in taken for edge in span})
    return [piece for span in spans for piece in _pieces(span, edges) if not _covered(piece, taken)]


def _pieces(span: Span, edges: list[int]) -> list[Span]:
    marks = [span[0], *(edge for edge in edges if span[0] < edge < span[1]), span[1]]
    return list(zip(marks, marks[1:], strict=False))


def _covered(piece: Span, taken: list[Span]) -> bool:
    return any(start <= piece[0] and piece[1] <= end for start, end in taken)


def joined(spans: Iterable[Span]) -> list[Span]:
    """Neighbours as one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and found[-1][1] == span[0]:
            found[-1] = (found[-1][0], span[1])
        else:
            found.append(span)
    return found


def overlap(spans: Iterable[Span]) -> bool:
    """Whether any two share a moment."""
    ordered = sorted(spans)
    return any(later[0] < earlier[1] for earlier, later in zip(ordered, ordered[1:], strict=False))
