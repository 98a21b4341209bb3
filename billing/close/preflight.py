"""Before a close: what stands in its way, what it will leave out, and what it will hold."""

from dataclasses import dataclass
from datetime import date, datetime

from billing.claims.queue import Preview
from billing.claims.told_above import preview
from billing.close.policies import why_not_close
from foundation.months import bounds, in_words
from timelogs.counting.workload import long_days
from timelogs.models import Clock, ClockState, Status, TimeEntry


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list: tone and word of its tag, and the sentence."""

    tone: str
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class Preflight:
    blocked: str | None
    items: list[Item]
    outcome: Preview | None

    @property
    def can_close(self) -> bool:
        return self.blocked is None


def preflight(practice, month: date, *, at: datetime) -> Preflight:
    """What closing this month now would meet. Reads only."""
    blocked = why_not_close(practice, month, at=at)
    if blocked:
        return Preflight(blocked, [Item("critical", "Stops the close", blocked)], None)
    return Preflight(None, _items(practice, month), preview(practice, month))


def _items(practice, month: date) -> list[Item]:
    starts_at, ends_at = bounds(month, tz=practice.tz)
    entries = TimeEntry.objects.for_practice(practice).filter(
        started_at__gte=starts_at, started_at__lt=ends_at
    )
    drafts = entries.filter(status=Status.DRAFT)
    running = Clock.objects.filter(entry__in=drafts).exclude(state=ClockState.ENDED).count()
    unapproved = entries.filter(status=Status.SIGNED, needs_approval=True, approved_at=None).count()
    return [
        _item(
            drafts.count() - running, "Every session is signed.", "not signed: its time will not be counted"
        ),
        _item(
            running,
            "No clock is running in this month.",
            "with its clock still going: its time will not be counted",
        ),
        _item(
            unapproved,
            "No session waits for approval.",
            "waiting for another person's approval: its time will not be counted",
        ),
        *_long_days(practice, month),
    ]


def _long_days(practice, month: date) -> list[Item]:
    """The time stays; whoever closes ought to have seen the day."""
    return [
        Item(
            "attention",
            "Look at it",
            f"{each.name} signed {in_words(each.seconds)} for {each.day:%-d %B}: more than a day of work.",
        )
        for each in long_days(practice, month)
    ]


def _item(count: int, fine: str, what: str) -> Item:
    """`fine` when there are none; else how many sessions, each of which is `what`."""
    if not count:
        return Item("ready", "Fine", fine)
    sessions = "1 session" if count == 1 else f"{count} sessions"
    words = (
        what if count == 1 else what.replace("its time", "their time").replace("its clock", "their clocks")
    )
    return Item("attention", "Left out", f"{sessions} {words}.")
