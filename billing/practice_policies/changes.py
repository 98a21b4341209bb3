"""Setting a policy: from which days it may hold, and what must be counted anew when it does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import PolicySetting
from accounts.policy_specs import POLICIES, Read, is_per_payer
from accounts.practice_policies import end_own_policy, own_policy, set_policy, setting_words
from foundation.context import because
from foundation.months import next_month
from foundation.refusals import Refused, refuse_if
from payers.selectors import payer_name, payer_of
from timelogs.counting import recount
from timelogs.locks import take_gate
from timelogs.models import Period, PeriodState

BACK = timedelta(days=366)
AHEAD = timedelta(days=5 * 366)
WHOLE_PRACTICE = "Whole practice"
_DECIDED = (PeriodState.CLOSING, PeriodState.CLOSED)


@dataclass(frozen=True, slots=True)
class PolicyGiven:
    """A policy as somebody sets it; `payer` empty means the whole practice. `as_practice` ends a payer's own value."""

    key: str
    value: Any
    starts_on: date
    why: str
    payer: str = ""
    as_practice: bool = False

    @property
    def words(self) -> str:
        return "as the practice" if self.as_practice else POLICIES[self.key].words(self.value)


def scope_words(practice, payer: str) -> str:
    """For whom a value holds."""
    return payer_name(practice, payer) if payer else WHOLE_PRACTICE


def first_month(key: str, starts_on: date) -> date | None:
    """The first month that is calculated with a value of that day; None for what is looked up day by day."""
    read, month = POLICIES[key].read, starts_on.replace(day=1)
    if read is Read.THE_DAY:
        return None
    return month if read is Read.LAST_DAY or starts_on == month else next_month(month)


# When it may ------------------------------------------------------------------------------------------------


def why_not_payer(practice, given: PolicyGiven) -> str | None:
    if given.payer and not is_per_payer(given.key):
        return "This policy is looked up for the whole practice, so no payer can have a value of its own."
    if given.payer and payer_of(practice, given.payer) is None:
        return "Select the whole practice or one of the payers."
    return None


def why_not_end(practice, given: PolicyGiven) -> str | None:
    """Only what a payer has of its own on that day can end."""
    if not given.as_practice or own_policy(practice, given.key, given.payer, on=given.starts_on):
        return None
    return (
        f"{scope_words(practice, given.payer)} has no value of its own on {given.starts_on:%d-%b-%Y}: "
        "the practice's counts for it already. Choose a day on which it has one."
    )


def why_not_start(key: str, starts_on: date, *, today: date) -> str | None:
    """Days that are over keep what was looked up on them; nobody plans further than five years ahead."""
    if POLICIES[key].read is Read.THE_DAY and starts_on < today:
        return (
            "This policy is looked up on the day itself, and days that are over keep theirs. "
            f"Choose {today:%d-%b-%Y} or a later day."
        )
    if not today - BACK <= starts_on <= today + AHEAD:
        return f"Choose a day from {today - BACK:%d-%b-%Y} to {today + AHEAD:%d-%b-%Y}."
    return None


def why_decided(practice, starts_on: date) -> str | None:
    """A month that is closed or closing keeps the policies that its claims were decided by, and so do those before."""
    decided = Period.objects.for_practice(practice).filter(
        state__in=_DECIDED, month__gte=starts_on.replace(day=1)
    )
    if (last := decided.order_by("-month").first()) is None:
        return None
    state = last.get_state_display().lower().rstrip("…")
    return (
        f"{last.month:%B %Y} is {state}, and a decided month keeps its policies. "
        f"Choose {next_month(last.month):%d-%b-%Y} or a later day, or have the month re-opened first."
    )


def why_twice(practice, given: PolicyGiven) -> str | None:
    """One value a day: what was set is never changed, only followed by another."""
    same = {"key": given.key, "payer": given.payer, "starts_on": given.starts_on}
    row = PolicySetting.objects.for_practice(practice).filter(**same).first()
    return row and _taken(practice, given, setting_words(row))


def _taken(practice, given: PolicyGiven, words: str) -> str:
    whom = f" for {scope_words(practice, given.payer)}" if given.payer else ""
    return (
        f"From {given.starts_on:%d-%b-%Y} a value is already set{whom}: {words}. "
        "It stays in the record. Choose another day."
    )


# Doing it ---------------------------------------------------------------------------------------------------


def check(practice, given: PolicyGiven, *, today: date) -> None:
    """What can be said of a policy by itself."""
    refuse_if(why_not_payer(practice, given), field="payer")
    refuse_if(why_not_start(given.key, given.starts_on, today=today), field="starts_on")


def check_rows(practice, given: PolicyGiven) -> None:
    """What months and other values stand in its way. Certain only while its months' gates are held."""
    refuse_if(why_decided(practice, given.starts_on), field="starts_on")
    refuse_if(why_twice(practice, given), field="starts_on")
    refuse_if(why_not_end(practice, given), field="starts_on")


@transaction.atomic
def lay_down(practice, given: PolicyGiven, *, at: datetime) -> PolicySetting:
    """The policy holds from its day on. Its months' gates are held alone: no close and no signature slips between."""
    today = practice.today(at)
    check(practice, given, today=today)
    months = _months(practice, given.starts_on, until=today)
    for month in months:
        take_gate(practice, month)
    check_rows(practice, given)
    with because(given.why):
        row = _save(practice, given)
        _count_anew(practice, given, months, at=at)
    return row


def _months(practice, starts_on: date, *, until: date) -> list[date]:
    """The months that can be closed or hold time, in order: from the day's to today's, none before the first gate.

    A gate made for an earlier month would tell the nightly close that the practice worked here then.
    """
    first = Period.objects.for_practice(practice).order_by("month").first()
    months: list[date] = []
    month = max(starts_on.replace(day=1), first.month) if first else next_month(until)
    while month <= until:
        months.append(month)
        month = next_month(month)
    return months


def _save(practice, given: PolicyGiven) -> PolicySetting:
    try:
        with transaction.atomic():
            same = {"key": given.key, "payer": given.payer, "starts_on": given.starts_on, "why": given.why}
            if given.as_practice:
                return end_own_policy(practice, **same)
            return set_policy(practice, value=given.value, **same)
    except IntegrityError as error:
        if "one_policy_value_per_start" not in str(error):
            raise
    raise Refused(why_twice(practice, given) or _taken(practice, given, "another"), field="starts_on")


def _count_anew(practice, given: PolicyGiven, months: list[date], *, at: datetime) -> None:
    """Three policies reach back: what the open months already count is corrected, and alerts follow."""
    anew: dict[str, Callable[[date], None]] = {
        "attempts_counted": lambda month: recount.recount_attempts(practice, month, at=at),
        "transcripts": lambda month: recount.tell_of_orders(practice, month),
        "same_day_visit": lambda month: recount.tell_of_visits(practice, month),
    }
    if given.key in anew:
        since = first_month(given.key, given.starts_on)
        for month in (month for month in months if month >= since):
            anew[given.key](month)
