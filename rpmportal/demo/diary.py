"""What each nurse did when: ordinary months drawn by chance, and a calendar in which nobody works twice at once."""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import Enum, auto
from random import Random

from foundation.months import next_month
from rpmportal.demo.cases import Case
from rpmportal.demo.people import nurses
from rpmportal.demo.stage import TZ, Stage
from timelogs.models import Activity

BREATH = timedelta(minutes=2)
# Minutes a month, and how often an ordinary patient takes that many.
_MINUTES = (
    ((0, 0), 4),
    ((4, 9), 9),
    ((10, 19), 22),
    ((20, 32), 44),
    ((33, 39), 4),
    ((40, 52), 12),
    ((60, 70), 5),
)


class Contact(Enum):
    NONE = auto()
    CALL = auto()
    CAREGIVER = auto()
    VIDEO = auto()
    MESSAGE = auto()
    CHAT = auto()
    VOICEMAIL = auto()
    DEVICE_HELP = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One piece of work to be written down. `parts` are (activity, seconds) one after the other.

    `note` are fields set word for word; `later` names what happens to it after signing (see `corrections`).
    """

    author: str
    starts_at: datetime
    parts: tuple[tuple[str, int], ...]
    contact: Contact = Contact.NONE
    note: dict = field(default_factory=dict)
    exact: bool = False
    by_hand: bool = False
    late_reason: str = ""
    signed_at: datetime | None = None
    later: str = ""
    new_plan: str = ""

    @property
    def length(self) -> timedelta:
        return timedelta(seconds=sum(seconds for _, seconds in self.parts))

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + self.length

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(TZ).date()

    def spans(self) -> Iterator[tuple[str, datetime, datetime]]:
        """(activity, start, end) of each part."""
        at = self.starts_at
        for activity, seconds in self.parts:
            yield activity, at, at + timedelta(seconds=seconds)
            at += timedelta(seconds=seconds)

    @property
    def call(self) -> tuple[datetime, int | None]:
        """When the contact began and how many seconds it took; None where it took no time of its own."""
        found = [
            (start, int((end - start).total_seconds()))
            for activity, start, end in self.spans()
            if activity == Activity.CONTACT
        ]
        return found[0] if found else (self.starts_at, None)


class Diary:
    """Everybody's calendar."""

    def __init__(self):
        self._busy: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)

    def keep(self, who: str, start: datetime, end: datetime) -> None:
        insort(self._busy[who], (start, end))

    def book(self, session: Session) -> Session:
        """The session at its own time, or as soon after it as its author is free."""
        start = session.starts_at
        for begins, ends in () if session.exact else self._busy[session.author]:
            if begins < start + session.length + BREATH and start < ends + BREATH:
                start = ends + BREATH
        booked = replace(session, starts_at=start)
        self.keep(session.author, start, booked.ends_at)
        return booked


def ordinary_month(stage: Stage, case: Case, month: date) -> list[Session]:
    """A month's sessions of an ordinary patient; fewer where the patient joined late or the month is still open."""
    rng = stage.random(case.path, "month", month)
    days = stage.workdays(max(month, case.started_on + timedelta(days=1)), next_month(month))
    days = [day for day in days if day not in case.visits]
    ranges, weights = zip(*_MINUTES, strict=True)
    seconds = rng.randint(*rng.choices(ranges, weights=weights)[0]) * 60 + rng.randrange(60)
    if len(days) < 15:
        seconds = int(seconds * len(days) / 21)
    if seconds < 240 or not days:
        return []
    lengths = _split(seconds, rng)
    chosen = sorted(rng.choice(days) for _ in lengths)
    return [_session(stage, case, day, length, rng) for day, length in zip(chosen, lengths, strict=True)]


def _split(seconds: int, rng: Random) -> list[int]:
    """Sessions of 4 to 14 minutes that add up."""
    lengths = []
    while seconds > 15 * 60:
        lengths.append(rng.randint(5 * 60, min(14 * 60, seconds - 5 * 60)))
        seconds -= lengths[-1]
    return [*lengths, seconds]


def _session(stage: Stage, case: Case, day: date, seconds: int, rng: Random) -> Session:
    who = rng.random()
    author = case.nurse if who < 0.82 else rng.choice(nurses(stage.patients)) if who < 0.95 else "lead"
    contacts, weights = zip(*_CONTACTS, strict=True)
    contact = rng.choices(contacts, weights=weights)[0] if seconds >= 300 else Contact.NONE
    starts_at = stage.at(day, "08:30") + timedelta(seconds=rng.randrange(7 * 3600))
    return Session(author=author, starts_at=starts_at, parts=parts(seconds, contact, rng), contact=contact)


_CONTACTS = (
    (Contact.NONE, 30),
    (Contact.CALL, 48),
    (Contact.CAREGIVER, 6),
    (Contact.VIDEO, 3),
    (Contact.MESSAGE, 4),
    (Contact.VOICEMAIL, 7),
    (Contact.DEVICE_HELP, 2),
)


def parts(seconds: int, contact: Contact, rng: Random) -> tuple[tuple[str, int], ...]:
    """Review, then the contact, then writing it up."""
    review = int(seconds * rng.uniform(0.3, 0.5))
    if contact in {Contact.NONE, Contact.MESSAGE, Contact.CHAT}:
        return ((Activity.DATA_REVIEW, review), (Activity.DOCUMENTATION, seconds - review))
    talk = 40 + rng.randrange(40) if contact is Contact.VOICEMAIL else int(seconds * rng.uniform(0.35, 0.5))
    return (
        (Activity.DATA_REVIEW, review),
        (Activity.CONTACT, talk),
        (Activity.DOCUMENTATION, seconds - review - talk),
    )
