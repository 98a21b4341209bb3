"""One person's inbox: what waits, what is done, what the bell shows."""

from dataclasses import dataclass

from django.db.models import Q

from dispatch.models import Notice

# The bell counts no further: past this the number says nothing new.
MOST = 99
PAGE = 50
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
    rows = list(notices_of(user, practice).filter(_OPEN)[: MOST + 1])
    return Unread(len(rows), tuple(rows[:5]))


def waiting(user, practice):
    return notices_of(user, practice).filter(_OPEN)


def done(user, practice):
    """Read, or no longer standing."""
    return notices_of(user, practice).exclude(_OPEN)


def before(notices, notice_id: int | None) -> tuple[list[Notice], int | None]:
    """A page of notices older than `notice_id`, and the id to go on from, None at the end."""
    rows = list((notices.filter(id__lt=notice_id) if notice_id else notices)[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def mark_read(notice: Notice, *, at) -> None:
    """Read once; the first time stands."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=at)
