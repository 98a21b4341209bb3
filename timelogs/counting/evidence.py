"""How counted time is known: seconds by class of evidence, which come to the total exactly."""

from collections import Counter
from collections.abc import Iterable, Mapping

from timelogs.intervals import microseconds
from timelogs.models import Evidence, TimeSegment

Mix = tuple[tuple[Evidence, int], ...]
_SECOND = 1_000_000


def mix(exact: Mapping[str, int]) -> Mix:
    """Whole seconds of each class, strongest evidence first, from microseconds.

    A sum of cut parts may fall short of the cut sum; the classes with the largest rests get those seconds, so that
    the parts always come to the total that pages show.
    """
    whole = sum(exact.values()) // _SECOND
    short = whole - sum(part // _SECOND for part in exact.values())
    rounded_up = set(sorted(exact, key=lambda name: -(exact[name] % _SECOND))[:short])
    parts = {name: part // _SECOND + (name in rounded_up) for name, part in exact.items()}
    return tuple((kind, parts[kind]) for kind in Evidence if parts.get(kind))


def mix_of_segments(segments: Iterable[TimeSegment]) -> Mix:
    """The same for finished segments of one session, counted or not."""
    exact: Counter[str] = Counter()
    for segment in segments:
        if segment.during.upper is not None:
            exact[segment.evidence] += microseconds([(segment.during.lower, segment.during.upper)])
    return mix(exact)
