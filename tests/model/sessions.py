"""What the model keeps: sessions with their pieces of time, and for running ones a watch."""

from dataclasses import dataclass, field
from datetime import date

from tests.model.calendars import LOS_ANGELES, MINUTE, NEW_YORK, SECOND, Calendar
from tests.model.intervals import FOR_EVER, Span, common, length
from timelogs.models import Activity, ClockState, Evidence, Status

LIVE = {ClockState.RUNNING, ClockState.ON_CALL, ClockState.ASKING}
LIMIT = 120 * MINUTE
PRACTICE_OF = {"jane": "maple", "max": "maple", "nora": "elsewhere"}
PATIENTS_OF = {"rosa": ("jane", "max", "nora"), "luis": ("jane", "max")}
CALENDARS = {"maple": NEW_YORK, "elsewhere": LOS_ANGELES}
# Where time entered by hand waits for another person.
SECOND_PERSON = {"elsewhere"}


class No(Exception):
    """The model refuses: nothing may have changed."""


def no_if(wrong: object) -> None:
    if wrong:
        raise No


@dataclass(slots=True)
class Piece:
    """Time of one session. `end` is None while it runs."""

    start: int
    end: int | None
    activity: str = Activity.DATA_REVIEW
    evidence: str = Evidence.OBSERVED

    def until(self, now: int) -> Span:
        return self.start, max(self.start, now) if self.end is None else self.end


@dataclass(slots=True)
class Watch:
    """The running part: when the page was heard and the person felt last, and what is in doubt since when."""

    heard: int
    felt: int
    state: str = ClockState.RUNNING
    asked: int | None = None
    doubt: int | None = None
    # Work of which she has said that the long session really goes on.
    vouched: int = 0
    # (from, until) of what nobody answered for yet; until None while she is away.
    gaps: list[tuple[int, int | None]] = field(default_factory=list)

    @property
    def lives(self) -> bool:
        return self.state in LIVE

    def proven(self, moment: int) -> int:
        """The last moment that is not in doubt."""
        return moment if self.doubt is None else min(moment, self.doubt)


@dataclass(slots=True)
class Session:
    number: int
    nurse: str
    patient: str
    began: int
    pieces: list[Piece] = field(default_factory=list)
    watch: Watch | None = None
    status: str = Status.DRAFT
    note: str = "reviewed"
    says_why_late: bool = False
    # Its place in the order of signing, and the whole seconds signed.
    order: int | None = None
    signed: int | None = None
    shown: int | None = None
    late: bool = False
    waits: bool = False
    approved: bool = False
    # The numbers of sessions with which its minutes both count, because somebody said why.
    beside: set[int] = field(default_factory=set)
    corrects: int | None = None

    @property
    def practice(self) -> str:
        return PRACTICE_OF[self.patient]

    @property
    def calendar(self) -> Calendar:
        return CALENDARS[self.practice]

    @property
    def by_hand(self) -> bool:
        return any(piece.evidence == Evidence.MANUAL for piece in self.pieces)

    @property
    def counts(self) -> bool:
        return self.status == Status.SIGNED and (self.approved or not self.waits)

    def runs(self) -> Piece | None:
        return next((piece for piece in self.pieces if piece.end is None), None)

    def in_call(self) -> bool:
        piece = self.runs()
        return piece is not None and piece.activity == Activity.CONTACT

    def worked(self, now: int) -> int:
        return length(piece.until(now) for piece in self.pieces)

    def documented(self) -> list[Span]:
        """Its finished pieces, in order."""
        return sorted((piece.start, piece.end) for piece in self.pieces if piece.end is not None)

    def seconds(self) -> int:
        return length(self.documented()) // SECOND

    def taken(self) -> list[Span]:
        """What of its nurse's life it holds; a running piece holds everything to come."""
        return [piece.until(FOR_EVER) for piece in self.pieces]

    def months(self, now: int) -> set[date]:
        spans = [piece.until(now) for piece in self.pieces] or [(self.began, self.began)]
        return {month for span in spans for month in self.calendar.months(*span)}

    def countable(self) -> list[Span]:
        """A call nobody answered is no care; was nothing else done, the whole session is none."""
        return sorted((p.start, p.end) for p in self.pieces if p.end is not None and self.is_care(p))

    def shared_with(self, other: "Session") -> list[Span]:
        """What another nurse's time with the same patient has in common with its own, if both count."""
        if other.patient != self.patient or other.nurse == self.nurse or not (self.counts and other.counts):
            return []
        return common(self.countable(), other.countable())

    def is_care(self, piece: Piece) -> bool:
        if self.note == "nobody answered":
            return False
        return self.note != "read, nobody answered" or piece.activity != Activity.CONTACT
