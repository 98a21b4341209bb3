"""What a policy changes that is no claim: who is told, which sessions wait, when a month closes. Reads only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from accounts.models import Membership, PolicySetting
from accounts.permissions import Role
from accounts.practice_policies import POLICIES, PolicyBook, supposing
from authentication.models import SecondFactor
from billing.alert_recipients import ALSO_TOLD, READERS
from billing.facts.gather import patients_of
from billing.practice_policies import watching
from billing.practice_policies.changes import PolicyGiven
from foundation.months import in_words, midnight, next_month, previous_month
from timelogs.counting.workload import long_days
from timelogs.models import Clock, ClockState, Evidence, Period, PeriodState, Status, TimeEntry, TimeSegment

MOST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Other:
    """One person, month or group of sessions: what holds now and what would hold."""

    what: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Beside:
    """What is said beside the claims: a sentence, and the rows that would change, of how many looked at."""

    says: str = ""
    rows: tuple[Other, ...] = ()
    looked_at: int = 0
    more: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A policy as it would be set, with what holds on its day before it."""

    practice: Any
    row: PolicySetting
    at: datetime
    before: dict[str, Any] = field(default_factory=dict)

    @property
    def day(self) -> date:
        return self.row.starts_on

    @property
    def values(self) -> tuple[Any, Any]:
        return self.before[self.row.key], self.row.value


def beside(practice, given: PolicyGiven, row: PolicySetting, *, at: datetime) -> Beside:
    """Empty for a policy that nothing but claims follows."""
    tell = _TOLD.get(given.key)
    if tell is None:
        return Beside(_FROM_THEN_ON.get(given.key, ""))
    change = Change(practice, row, at, PolicyBook(practice, on=row.starts_on).values())
    found = list(tell(change))
    changed = [each for each in found if each.changed]
    return Beside(
        _FROM_THEN_ON.get(given.key, ""), tuple(changed[:MOST_ROWS]), len(found), len(changed[MOST_ROWS:])
    )


# Who is told, who signs in how ----------------------------------------------------------------------------------


def _recipients(change: Change) -> Iterator[Other]:
    """Everybody who may see charts and has an inbox."""
    members = Membership.objects.for_practice(change.practice).on(change.day).filter(role__in=READERS)
    for member in members.filter(user__is_active=True).select_related("user").order_by("user__name", "pk"):
        yield Other(str(member), *(_told_of(value, member) for value in change.values))


def _told_of(value: str, member) -> str:
    roles, workers = ALSO_TOLD[value]
    if member.role in (Role.BILLER, *roles):
        return "told of every patient"
    return "told of the patients worked with in the month" if workers else "not told"


def _factors(change: Change) -> Iterator[Other]:
    has = SecondFactor.objects.filter(user=OuterRef("user"), removed_at=None)
    members = Membership.objects.for_practice(change.practice).on(change.day).filter(user__is_active=True)
    for member in members.annotate(has=Exists(has)).select_related("user").order_by("user__name", "pk"):
        yield Other(str(member), *(_signs_in(value, member) for value in change.values))


def _signs_in(required: bool, member) -> str:
    if member.has:
        return "signs in with a second factor"
    return "must set up a second factor" if required else "signs in with the password alone"


# Sessions that nobody signed yet --------------------------------------------------------------------------------


def _drafts(change: Change):
    return TimeEntry.objects.for_practice(change.practice).filter(status=Status.DRAFT)


def _late(change: Change) -> Iterator[Other]:
    """Of the sessions that wait to be signed, if each is signed on the policy's day."""
    counts = []
    for days in change.values:
        since = midnight(change.day - timedelta(days=days), tz=change.practice.tz)
        counts.append(_drafts(change).filter(started_at__lt=since).count())
    late = "marked late" if change.row.key == "late_flag_days" else "waiting for approval"
    yield Other(f"Unsigned sessions, if signed on {change.day:%d-%b-%Y}", *(f"{n} {late}" for n in counts))


def _by_hand(change: Change) -> Iterator[Other]:
    typed = TimeSegment.objects.filter(entry=OuterRef("pk"), standing=True, evidence=Evidence.MANUAL)
    count = _drafts(change).filter(Exists(typed)).count()
    words = (f"{count if value else 0} waiting for another person" for value in change.values)
    yield Other("Unsigned sessions with time entered by hand", *words)


# Readings that are watched -------------------------------------------------------------------------------------


def _silent(change: Change) -> Iterator[Other]:
    """Without names: who sets policies may see no chart."""
    counts = watching.silent_counts(change.practice, change.at, change.values)
    yield Other("Patients who are silent today", *map(str, counts))


def _trends(change: Change) -> Iterator[Other]:
    """As if it had held in the week before."""
    practice, today = change.practice, change.practice.today(change.at)
    ids, everybody = watching.whom(practice, today)
    both = (change.before, {**change.before, change.row.key: change.row.value})
    counts = watching.trend_counts(practice, today, ids, both)
    among = f", in {len(ids)} of {everybody} patients" if len(ids) < everybody else ""
    for kind, words in (("weight", "Gains of weight"), ("repeated", "Measures repeatedly out of range")):
        yield Other(f"{words} in the last 7 days{among}", *(str(count[kind]) for count in counts))


# Clocks ---------------------------------------------------------------------------------------------------------


def _clocks(change: Change) -> Iterator[Other]:
    """The clocks that run at this moment ask by it from its day on."""
    running = Clock.objects.filter(practice=change.practice).exclude(state=ClockState.ENDED).count()
    words = (POLICIES[change.row.key].words(value) for value in change.values)
    if running:
        yield Other(
            f"{running} clock{'' if running == 1 else 's'} going now, from {change.day:%d-%b-%Y}", *words
        )


# Months ---------------------------------------------------------------------------------------------------------


def _closes(change: Change) -> Iterator[Other]:
    """Every month that nobody closed or re-opened, and the day on which the schedule closes it."""
    practice, today = change.practice, change.practice.today(change.at)
    states = dict(Period.objects.for_practice(practice).values_list("month", "state"))
    this = today.replace(day=1)
    far = next_month(next_month(max(this, change.day.replace(day=1))))
    before = PolicyBook(practice, on=far)
    with supposing(change.row):
        after = PolicyBook(practice, on=far)
    month, last = min([*states, previous_month(this)]), max(this, change.day.replace(day=1))
    while month <= last:
        is_open = states.get(month, PeriodState.OPEN) == PeriodState.OPEN
        if is_open and patients_of(practice, month).exists():
            days = (_closes_on(month, book, today) for book in (before, after))
            yield Other(f"{month:%B %Y}", *(f"closes on {day:%d-%b-%Y}" for day in days))
        month = next_month(month)


def _closes_on(month: date, book: PolicyBook, today: date) -> date:
    """The first day, from today on, that is the month's or later by what is looked up on that day."""
    following = next_month(month)
    day = max(today, following)
    while day < following.replace(day=book.values(on=day)["close_day"]):
        day += timedelta(days=1)
    return day


def _long(change: Change) -> Iterator[Other]:
    """Days that the list before the close of this month and the one before would name."""
    this = change.practice.today(change.at).replace(day=1)
    for month in (previous_month(this), this):
        before = long_days(change.practice, month)
        with supposing(change.row):
            after = long_days(change.practice, month)
        for each in sorted({*before, *after}, key=lambda long: (long.day, long.name)):
            named = ("named" if each in days else "not named" for days in (before, after))
            yield Other(f"{each.name}, {each.day:%d-%b-%Y}, {in_words(each.seconds)}", *named)


_TOLD: dict[str, Callable[[Change], Iterator[Other]]] = {
    "alert_recipients": _recipients,
    "second_factor": _factors,
    "late_flag_days": _late,
    "late_approval_days": _late,
    "second_person_approval": _by_hand,
    "idle_minutes": _clocks,
    "lost_minutes": _clocks,
    "long_session_minutes": _clocks,
    "max_session_minutes": _clocks,
    "silent_days": _silent,
    "weight_gain_grams": _trends,
    "weight_gain_days": _trends,
    "repeated_readings": _trends,
    "repeated_days": _trends,
    "close_day": _closes,
    "staff_daily_ceiling_minutes": _long,
}
_FOUND = "Readings are looked at by the policy of their own day. What was found already stays."
_SIGNED = "Sessions that are signed stay as they are."
_DONE = "What is approved or exported already stays. The report of duties names who did both so far."
_FROM_THEN_ON = {
    "alert_lead_minutes": "Held against a month when its time changes; what stands until then stays.",
    "alert_recipients": "Who is told of the alerts that are raised from that day on; what was sent stays.",
    "second_factor": "Asked for at the next sign-in.",
    "late_flag_days": _SIGNED,
    "late_approval_days": _SIGNED,
    "second_person_approval": _SIGNED,
    "idle_minutes": "Time that is credited already stays.",
    "lost_minutes": "Time that is credited already stays.",
    "long_session_minutes": "Time that is credited already stays.",
    "max_session_minutes": "Asked of the clock and of each signature. " + _SIGNED,
    "staff_weekly_ceiling_minutes": "The report of unusual time names weeks by it. It changes no time.",
    "concurrent_time": "What reviewers have decided already stays as they decided it.",
    "plan_review_days": "Care plans that are written already keep the day of their review.",
    "range_review_days": "Ranges that are set already keep the day of their review.",
    "weight_gain_grams": _FOUND,
    "weight_gain_days": _FOUND,
    "repeated_readings": _FOUND,
    "repeated_days": _FOUND,
    "silence_pause_days": "A pause that was begun before keeps its length.",
    "old_reading_days": "Readings are looked at by the policy of the day on which they come. What was found stays.",
    "silent_days": "Who was found silent already stays on the list until something was tried and worked.",
    "biller_did_not_approve_time": _DONE,
    "releaser_is_not_approver": _DONE,
    "releaser_did_not_log": _DONE,
}
