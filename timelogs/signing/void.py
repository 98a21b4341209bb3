"""Taking a signed session out of the month."""

from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from foundation.context import because
from foundation.refusals import refuse_if
from timelogs.counting import shared_minutes
from timelogs.counting.segments import switch_off
from timelogs.locks import (
    hold_entry,
)
from timelogs.models import Status, TimeEntry
from timelogs.policies import (
    why_no_reason,
    why_not_correct,
)
from timelogs.signing.months import lock_all, recount_all


@transaction.atomic
def void(entry: TimeEntry, *, reason: str, by: Membership, at: datetime) -> TimeEntry:
    """Take a signed session out of the month. It stays readable, with the reason."""
    months = lock_all(entry, by=by, at=at, correcting=True)
    entry = hold_entry(entry)
    refuse_if(why_not_correct(entry, by=by))
    end(entry, Status.VOIDED, reason)
    shared_minutes.end_all(shared_minutes.decisions_on(entry), reason=reason, at=at)
    recount_all(months, [entry], at)
    return entry


def end(entry: TimeEntry, status: Status, reason: str) -> None:
    refuse_if(why_no_reason(reason), field="reason")
    with because(reason):
        entry.status, entry.ended_reason = status, reason.strip()
        entry.save()
        switch_off(entry)
