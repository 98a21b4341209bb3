"""One person's inbox: what waits, what is done, what the bell shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from dispatch.models import Notice

# The bell counts no further: past this the number says nothing new.
MOST = 99
NEWEST = 5
PAGE = 50
# So many of one kind in one day are shown as one line, which opens.
FOLDED_FROM = 4
_OPEN = Q(read_at=None, withdrawn_at=None)


@dataclass(frozen=True, slots=True)
class Unread:
    """How many are unread (`count`, at most `MOST` + 1, `words` for people) and the newest five."""

    count: int
    newest: tuple[Notice, ...]

    @property
    def words(self) -> str:
        return f"{MOST}+" if self.count > MOST else str(self.count)


def notices_of(user, practice):
    """This person's notices in this practice, newest first."""
    return Notice.objects.filter(recipient=user, practice=practice).order_by("-id")


def unread(user, practice) -> Unread:
    found = waiting(user, practice)
    rows = list(found[: NEWEST + 1])
    count = len(rows) if len(rows) <= NEWEST else found[: MOST + 1].count()
    return Unread(count, tuple(rows[:NEWEST]))


def waiting(user, practice):
    return notices_of(user, practice).filter(_OPEN)


def done(user, practice):
    """Read, or no longer standing."""
    return notices_of(user, practice).exclude(_OPEN)


def before(notices, notice_id: int | None) -> tuple[list[Notice], int | None]:
    """A page of notices older than `notice_id`, and the id to go on from, None at the end."""
    rows = list((notices.filter(id__lt=notice_id) if notice_id else notices)[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


@dataclass(frozen=True, slots=True)
class Group:
    """Notices of one kind and one day of the practice, newest first; never empty."""

    kind: str
    day: date
    notices: tuple[Notice, ...]

    @property
    def folded(self) -> bool:
        return len(self.notices) >= FOLDED_FROM

    @property
    def words(self) -> str:
        """`27 alerts: a patient's month reached a line`."""
        headline = self.notices[0].headline
        return f"{len(self.notices)} alerts: {headline[0].lower()}{headline[1:]}"

    @property
    def newest(self) -> int:
        return self.notices[0].pk

    @property
    def oldest(self) -> int:
        return self.notices[-1].pk


def by_kind_and_day(practice, notices: Iterable[Notice]) -> list[Group]:
    """In the order of each group's newest."""
    groups: dict[tuple[date, str], list[Notice]] = {}
    for notice in notices:
        groups.setdefault((practice.today(notice.created_at), notice.kind), []).append(notice)
    return [Group(kind, day, tuple(found)) for (day, kind), found in groups.items()]


def mark_all_read(user, practice, *, kind: str, oldest: int, newest: int, at) -> int:
    """Those of a kind that a page showed, by the ids at its ends: what came since stays. How many there were."""
    shown = waiting(user, practice).filter(kind=kind, id__range=(oldest, newest))
    return shown.order_by().update(read_at=at)


def mark_read(notice: Notice, *, at) -> None:
    """Read once; the first time stands."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=at)
