"""One person's inbox: what waits, what comes back later, what is done, what the bell shows."""

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

# The bell counts no further: past this the number says nothing new.
MOST = 99
PAGE = 50
# So many that say the same are shown as one line, which opens to the list of them.
FOLDED_FROM = 4
# Lines of the bell's list.
SHOWN = 6
MORNING = time(8)
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


def before(notices: QuerySet[Notice], notice_id: int | None) -> tuple[list[Notice], int | None]:
    """A page of notices older than `notice_id`, and the id to go on from, None at the end."""
    rows = list((notices.filter(id__lt=notice_id) if notice_id else notices)[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


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
    membership: Membership, *, kind: str, fold: str, oldest: int, newest: int, at: datetime
) -> int:
    """Those of a line that a page showed, by the ids at its ends: what came since stays. How many there were."""
    shown = within(waiting(membership, at=at), kind, fold).filter(id__range=(oldest, newest))
    return shown.order_by().update(read_at=at)


SNOOZES = {"hour": "1 hour", "hours": "4 hours", "tomorrow": "Tomorrow at 8:00", "monday": "Monday at 8:00"}


def snooze(notice: Notice, choice: str, *, at: datetime) -> datetime:
    """Out of the way until then; it comes back by itself."""
    until = _until(choice, notice.practice, at)
    Notice.objects.filter(_OPEN, pk=notice.pk).update(snoozed_until=until)
    return until


def wake(notice: Notice) -> None:
    Notice.objects.filter(pk=notice.pk).update(snoozed_until=None)


def _until(choice: str, practice, at: datetime) -> datetime:
    if choice in {"hour", "hours"}:
        return at + timedelta(hours=1 if choice == "hour" else 4)
    today = practice.today(at)
    days = 1 if choice == "tomorrow" else 7 - today.weekday()
    (morning,) = moments(today + timedelta(days=days), MORNING, tz=practice.tz)
    return morning
