"""When a month may be closed and re-opened: each policy gives the sentence that refuses, or None."""

from datetime import datetime

from billing.close.runs import running, stalled
from billing.rules import NoRuleSet, ruleset_for
from foundation.months import bounds
from timelogs.models import Period, PeriodState


def why_not_close(practice, month, *, at: datetime) -> str | None:
    """A month can be closed once it is over where the practice is, if there is a law to decide it by."""
    ends_at = bounds(month, tz=practice.tz)[1]
    if at < ends_at:
        first = ends_at.astimezone(practice.tz)
        return f"{month:%B %Y} is not over yet. It can be closed from {first:%d-%b-%Y}."
    try:
        ruleset_for(month)
    except NoRuleSet:
        return f"There are no billing rules for {month:%B %Y}."
    return None


def why_not_reopen(period: Period) -> str | None:
    """Only a closed month is re-opened; one that is closing finishes first, unless nobody works on it any more."""
    if period.state == PeriodState.CLOSED:
        return None
    if period.state == PeriodState.CLOSING and (run := running(period)) is not None and stalled(run):
        return None
    return f"{period.month:%B %Y} is {period.get_state_display().lower().rstrip('…')}, so there is nothing to re-open."
