"""What a move may be drawn from: spans of waiting, the edges ahead, lengths, places on the calendar."""

from datetime import date

from hypothesis import strategies as st

from tests.model.calendars import DAY, HOUR, MINUTE, SECOND
from tests.model.clock_model import ANSWER_WITHIN, LOST
from tests.model.services import NOTES
from tests.model.sessions import CALENDARS, LIMIT, PRACTICE_OF, Session
from tests.model.signing_model import Ledger
from timelogs.models import ClockState, Status

_SECONDS = (0, 0, 0, 1, 7, 20, 60, 60, 119, 120, 179, 180, 181, 299, 300, 301, 900)
WAITS = st.sampled_from([s * SECOND for s in _SECONDS] + [1, 250_000, 61 * SECOND + 1])
LONG_WAITS = st.sampled_from((HOUR, 8 * HOUR, DAY, 4 * DAY, 15 * DAY, 31 * DAY))
BESIDE = st.sampled_from((-60 * SECOND, -SECOND, -1, 0, 0, 0, 1, SECOND))
WHICH = st.integers(0, 11)
NURSES = st.sampled_from(("rosa", "luis"))
PATIENTS = st.sampled_from(tuple(PRACTICE_OF))
PRACTICES = st.sampled_from(tuple(CALENDARS))
NOTE = st.sampled_from(("reviewed", "reviewed", *NOTES))
# Against what was measured: so many seconds less or more, half of it, or so many whatever it was.
LENGTHS = st.sampled_from(
    ("as it is", "as it is", 0, -1, -60, -600, "half", 1, 60, 600, 3600, "nothing", "the limit", "too long")
)
REASONS = st.sampled_from(("Read the chart on paper.", "Read the chart on paper.", ""))
_PAST = (0, MINUTE, 10 * MINUTE, 20 * MINUTE, HOUR, 3 * HOUR, DAY, 4 * DAY, 13 * DAY, 15 * DAY)
PAST = st.sampled_from(_PAST)
HANDWRITTEN = st.sampled_from((MINUTE, 5 * MINUTE, 20 * MINUTE, 45 * MINUTE, LIMIT, LIMIT + SECOND))
SHIFTS = st.sampled_from((-20 * MINUTE, -5 * MINUTE, -SECOND, 0, 0, SECOND, 5 * MINUTE))
# How much of a gap is claimed; the last two are too little and too much. None: it is left.
PARTS = st.sampled_from(("all", "all", "seconds", "half", None, None, "nothing", "more"))


def wanted(length: str | int, measured: int) -> int | None:
    fixed = {
        "as it is": None,
        "half": measured // 2,
        "nothing": 0,
        "the limit": LIMIT // SECOND,
        "too long": LIMIT // SECOND + 1,
    }
    return fixed[length] if length in fixed else measured + length


def measured(s: Session, now: int) -> int:
    """What signing would find, if nothing else is in the way."""
    lives = s.watch is not None and s.watch.lives
    return s.worked(s.watch.proven(now) if lives else now) // SECOND


def part_of(gap: tuple[int, int | None], part: str, now: int) -> int | None:
    """The seconds claimed; None claims all there is."""
    start, until = gap[0], now if gap[1] is None else gap[1]
    whole = (until - start) // SECOND
    return {"all": None, "seconds": whole, "half": whole // 2, "nothing": 0, "more": whole + 1}[part]


def edges_ahead(model: Ledger) -> list[int]:
    """Moments of the next two hours at which something is due: of the clocks, and the ends of days and months."""
    found = [edge for s in model.sessions if s.watch and s.watch.lives for edge in _due(model, s)]
    for calendar in CALENDARS.values():
        behind = (calendar.day(model.now) + 1) * DAY - model.now
        found += [calendar.window(calendar.month(model.now))[1], model.now + behind % DAY, *calendar.summer]
    return sorted({edge for edge in found if model.now < edge <= model.now + LIMIT + MINUTE}) or [model.now]


def _due(model: Ledger, s: Session) -> list[int]:
    found = [asked for asked, _ in model.questions(s)]
    found += [s.watch.heard + LOST, model.now + LIMIT - s.worked(model.now)]
    return found if s.watch.asked is None else [*found, s.watch.asked + ANSWER_WITHIN]


def months_back(model: Ledger, practice: str, back: int) -> date:
    """This month, or so many before."""
    calendar = CALENDARS[practice]
    month = calendar.month(model.now)
    for _ in range(back):
        month = calendar.month(calendar.starts(month) - 1)
    return month


def landmarks(model: Ledger) -> list[int]:
    """Where other time begins or ends."""
    return sorted({edge for s in model.sessions for span in s.documented() for edge in span}) or [model.now]


# Which sessions something may happen to.


def drafts(model: Ledger) -> list[Session]:
    return [s for s in model.sessions if s.status == Status.DRAFT]


def many_drafts(model: Ledger) -> bool:
    return len(drafts(model)) > 3


def signed(model: Ledger) -> list[Session]:
    return [s for s in model.sessions if s.status == Status.SIGNED]


def some_signed(model: Ledger) -> bool:
    return len(signed(model)) > 1


def waiting(model: Ledger) -> list[Session]:
    return [s for s in signed(model) if s.waits and not s.approved]


def shared(model: Ledger) -> list[Session]:
    return [s for s in signed(model) if model.undecided(s)]


def beside(model: Ledger) -> list[Session]:
    return [s for s in signed(model) if s.beside]


def with_clock(model: Ledger) -> list[Session]:
    return [s for s in drafts(model) if s.watch]


def running(model: Ledger) -> list[Session]:
    return [s for s in with_clock(model) if s.watch.lives]


def asking(model: Ledger) -> list[Session]:
    return [s for s in running(model) if s.watch.state == ClockState.ASKING]


def paused(model: Ledger) -> list[Session]:
    return [s for s in with_clock(model) if not s.watch.lives]


def with_gap(model: Ledger) -> list[Session]:
    return [s for s in with_clock(model) if s.watch.gaps]
