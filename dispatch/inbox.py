"""One person's inbox: what waits, what comes back later, what is done, what the bell shows."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zlib import crc32

from django.db.models import Count, Max, Min, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate
from django.utils import timezone

from accounts.models import Membership, Practice
from accounts.permissions import Permission, may
from dispatch.kinds import KINDS, kind_of
from dispatch.models import Notice
from foundation.local_time import moments
from foundation.refusals import refuse_if

# The bell counts no further: past this the number says nothing new.
MOST = 99
PAGE = 50
# So many that say the same are shown as one line, which opens to the list of them.
FOLDED_FROM = 4
# Lines of the bell's list.
SHOWN = 6
MORNING = time(8)
_PLACE = re.compile(r"(u?)([1-9][0-9]{0,17})")
_OPEN = Q(read_at=None, done_at=None, withdrawn_at=None)


def notices_of(membership: Membership) -> QuerySet[Notice]:
    """This person's notices in this practice, newest first: those that her role of today may read."""
    rows = Notice.objects.filter(recipient=membership.user_id, practice=membership.practice_id)
    if not may(membership, Permission.CHART_VIEW):
        rows = rows.filter(patient_id=None)
    hidden = [name for name, kind in KINDS.items() if not may(membership, kind.needs)]
    return (rows.exclude(kind__in=hidden) if hidden else rows).order_by("-id")


def _asleep(at: datetime) -> Q:
    return Q(snoozed_until__gt=at)


def waiting(membership: Membership, *, at: datetime | None = None) -> QuerySet[Notice]:
    return notices_of(membership).filter(_OPEN).exclude(_asleep(at or timezone.now()))


def snoozed(membership: Membership, *, at: datetime | None = None) -> QuerySet[Notice]:
    return notices_of(membership).filter(_OPEN, _asleep(at or timezone.now()))


def done(membership: Membership, *, at: datetime | None = None) -> QuerySet[Notice]:
    """Read, done, or no longer standing."""
    return notices_of(membership).exclude(_OPEN)


# The bell --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BellLine:
    """The newest of `count` notices of a day that say the same; `words` name no patient."""

    newest: Notice
    count: int

    @property
    def words(self) -> str:
        return in_words(self.newest.kind, self.newest.fold, self.count)


@dataclass(frozen=True, slots=True)
class Unread:
    """How many are unread (`count`, at most `MOST` + 1; `words` for people), and the bell's lines, urgent first."""

    count: int
    lines: tuple[BellLine, ...]
    practice: Practice
    at: datetime

    @property
    def words(self) -> str:
        return f"{MOST}+" if self.count > MOST else str(self.count)

    @property
    def urgent(self) -> list[BellLine]:
        return [line for line in self.lines if line.newest.urgent]

    @property
    def urgent_count(self) -> int:
        return sum(line.count for line in self.urgent)

    @property
    def mark(self) -> int:
        """Changes when anything that the bell shows does."""
        shown = [(line.newest.pk, line.count) for line in self.lines]
        return crc32(repr((self.practice.today(self.at), self.count, shown)).encode())

    @property
    def sections(self) -> list[tuple[str, list[BellLine]]]:
        """`Now`, `Today` and `Earlier`, each with its lines; none that is empty."""
        found: dict[str, list[BellLine]] = defaultdict(list)
        today = self.practice.today(self.at)
        for line in self.lines:
            old = self.practice.today(line.newest.created_at) < today
            found["Now" if line.newest.urgent else "Earlier" if old else "Today"].append(line)
        return [(title, found[title]) for title in ("Now", "Today", "Earlier") if found[title]]


def in_words(kind: str, fold: str, count: int) -> str:
    """`27 patients reached 20 min in October 2026`, `3 alerts: an escalation waits for you`; no patient's name."""
    headline = kind_of(kind).headline
    if fold:
        return f"{count} patient{'' if count == 1 else 's'} {fold}"
    return headline if count == 1 else f"{count} alerts: {headline[0].lower()}{headline[1:]}"


def unread(membership: Membership, *, at: datetime | None = None) -> Unread:
    """One query of a few rows, over a hundred at most, however many wait and however many were read."""
    now, practice = at or timezone.now(), membership.practice
    some = waiting(membership, at=now).order_by("-urgent", "-id")[: MOST + 1]
    same = ["urgent", "kind", "fold", TruncDate("created_at", tzinfo=practice.tz)]
    counted = Notice.objects.filter(pk__in=some.values("pk")).annotate(
        total=Window(Count("pk")),
        same=Window(Count("pk"), partition_by=same),
        place=Window(RowNumber(), partition_by=same, order_by="-id"),
    )
    rows = list(counted.filter(place=1).order_by("-urgent", "-id").defer("text", "cause")[:SHOWN])
    lines = tuple(BellLine(row, row.same) for row in rows)
    return Unread(rows[0].total if rows else 0, lines, practice, now)


# The page --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fold:
    """Waiting notices that say the same; `oldest` and `newest` are the ids at their ends."""

    kind: str
    fold: str
    count: int
    oldest: int
    newest: int
    latest: datetime

    @property
    def words(self) -> str:
        return in_words(self.kind, self.fold, self.count)


def folds(rows: QuerySet[Notice]) -> list[Fold]:
    """Where many say the same, newest first; counted by the database, over all of them. What is urgent stands alone."""
    same = rows.filter(urgent=False).order_by().values_list("kind", "fold")
    counted = same.annotate(count=Count("pk"), oldest=Min("pk"), newest=Max("pk"), latest=Max("created_at"))
    return [Fold(*row) for row in counted.filter(count__gte=FOLDED_FROM).order_by("-newest")]


def within(rows: QuerySet[Notice], kind: str, fold: str) -> QuerySet[Notice]:
    return rows.filter(kind=kind, fold=fold, urgent=False)


def without(rows: QuerySet[Notice], folded: Iterable[Fold]) -> QuerySet[Notice]:
    for each in folded:
        rows = rows.exclude(kind=each.kind, fold=each.fold, urgent=False)
    return rows


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which notice a page begins: `123`, or `u123` where that is urgent."""

    urgent: bool
    notice_id: int

    @classmethod
    def of(cls, words: str) -> "Place | None":
        found = _PLACE.fullmatch(words)
        return cls(bool(found[1]), int(found[2])) if found else None

    def __str__(self) -> str:
        return f"{'u' if self.urgent else ''}{self.notice_id}"


def page_of(
    notices: QuerySet[Notice], place: Place | None, *, urgent_first: bool
) -> tuple[list[Notice], Place | None]:
    """A page of notices, newest first, and the place to go on from, None at the end.

    `urgent_first`: whatever is urgent comes before all else, however old it is.
    """
    rows = notices.order_by("-urgent", "-id") if urgent_first else notices
    if place is not None:
        older = Q(id__lt=place.notice_id)
        if urgent_first:
            older &= Q(urgent=place.urgent)
        rows = rows.filter(older | Q(urgent=False) if urgent_first and place.urgent else older)
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], Place(last.urgent, last.pk) if last else None


@dataclass(frozen=True, slots=True)
class Others:
    """Who else was told of the same: how many, and who saw to it when, first come first."""

    told: int = 0
    done: tuple[tuple[str, datetime], ...] = ()


def others(membership: Membership, notices: Iterable[Notice]) -> Mapping[str, Others]:
    """By cause; two queries for a page."""
    causes = {notice.cause for notice in notices}
    rows = Notice.objects.filter(practice=membership.practice_id, cause__in=causes)
    rows = rows.exclude(recipient=membership.user_id).order_by()
    told = dict(rows.values_list("cause").annotate(n=Count("pk")))
    saw: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for cause, name, at in (
        rows.filter(done_at__isnull=False)
        .order_by("done_at")
        .values_list("cause", "recipient__name", "done_at")
    ):
        saw[cause].append((name, at))
    return {cause: Others(count, tuple(saw[cause])) for cause, count in told.items()}


# What a person does about a notice ------------------------------------------------------------------------------


def mark_read(notice: Notice, *, at: datetime) -> None:
    """Read once; the first time stands."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=at)


def mark_done(notice: Notice, *, at: datetime) -> None:
    """Seen to, which the others see; the first time stands."""
    Notice.objects.filter(pk=notice.pk, done_at=None).update(done_at=at)


def mark_all_read(
    membership: Membership, *, kind: str, fold: str, oldest: int, newest: int, shown: datetime, at: datetime
) -> int:
    """Those of a line that a page showed then, by the ids at its ends: what came, or came back, since stays.

    How many there were.
    """
    rows = within(waiting(membership, at=at), kind, fold).filter(id__range=(oldest, newest))
    return rows.exclude(snoozed_until__gt=shown).order_by().update(read_at=at)


OVER = "This line was read or done, or no longer stands: it is under Done and does not come back."
SNOOZES = {"hour": "1 hour", "hours": "4 hours", "tomorrow": "Tomorrow at 8:00", "monday": "Monday at 8:00"}


def snooze(notice: Notice, choice: str, *, at: datetime) -> datetime:
    """Out of the way until then; it comes back by itself. What is under *Done* would not."""
    until = _until(choice, notice.practice, at)
    still = Notice.objects.filter(_OPEN, pk=notice.pk).update(snoozed_until=until)
    refuse_if(None if still else OVER)
    return until


def wake(notice: Notice, *, at: datetime) -> None:
    """It waits again from now on, if it does not yet."""
    mine = Notice.objects.filter(_OPEN, pk=notice.pk)
    refuse_if(None if mine.exists() else OVER)
    mine.filter(_asleep(at)).update(snoozed_until=at)


def _until(choice: str, practice, at: datetime) -> datetime:
    if choice in {"hour", "hours"}:
        return at + timedelta(hours=1 if choice == "hour" else 4)
    today = practice.today(at)
    days = 1 if choice == "tomorrow" else 7 - today.weekday()
    (morning,) = moments(today + timedelta(days=days), MORNING, tz=practice.tz)
    return morning
