"""What sessions were credited, against how long they truly ran."""

from collections import Counter
from dataclasses import dataclass
from statistics import median

from timelogs.counting.segments import standing
from timelogs.intervals import microseconds
from timelogs.models import TimeEntry

# What the measuring itself may be wrong by: a beat on its way, and a press that was not read yet.
TOLERANCE = 0.5
# What may be lost: the seconds since the last beat, where the page itself dies. Nothing else loses any.
MAY_LOSE = {"browser": 5.0, "web": 0.0, "worker": 0.0, "left alone": 0.0}


@dataclass(frozen=True)
class Outcome:
    """One session after `kind` was killed. Seconds, `true` at least and at most; `loading` are those at the end
    without an open page.
    """

    kind: str
    true: tuple[float, float]
    credited: float
    loading: float = 0.0
    story: str = ""

    @property
    def difference(self) -> float:
        """By how much the credited lie below or above what can be true; nothing inside it."""
        least, most = self.true
        return self.credited - min(max(self.credited, least), most)

    @property
    def is_gain(self) -> bool:
        return self.difference > TOLERANCE

    @property
    def is_too_lossy(self) -> bool:
        return -self.difference > MAY_LOSE[self.kind] + self.loading + TOLERANCE


def credited(entry: TimeEntry) -> float:
    """The seconds of a session whose clock has stopped, as the database holds them."""
    return microseconds((s.during.lower, s.during.upper) for s in standing(entry)) / 1e6


def report(outcomes: list[Outcome]) -> str:
    """Credited minus true, by what was killed."""
    lines = ["credited - true, in seconds:"]
    for kind, count in sorted(Counter(o.kind for o in outcomes).items()):
        all_of_them = sorted(o.difference for o in outcomes if o.kind == kind)
        low, middle, high = all_of_them[0], median(all_of_them), all_of_them[-1]
        lines.append(f"  {kind:<10} {count:>4}   min {low:+.3f}   median {middle:+.3f}   max {high:+.3f}")
    loading = [o for o in outcomes if o.loading]
    longest = max((o.loading for o in loading), default=0)
    open_pages = [o.difference for o in outcomes if o.kind == "browser" and not o.loading]
    lines.append(f"  killed with its page open: {len(open_pages)}, min {min(open_pages, default=0):+.3f}")
    lines.append(f"  killed while a page was being loaded: {len(loading)}, for {longest:.3f} at the longest")
    return "\n".join(lines)
