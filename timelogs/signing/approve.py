"""Another person lets late or hand-entered time count."""

from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from foundation.refusals import refuse_if
from timelogs.locks import (
    hold_entry,
)
from timelogs.models import TimeEntry
from timelogs.policies import (
    why_not_approve,
)
from timelogs.signing.months import lock_all, recount_all


@transaction.atomic
def approve(entry: TimeEntry, *, by: Membership, at: datetime) -> TimeEntry:
    """Another person lets late or hand-entered time count."""
    months = lock_all(entry, by=by, at=at)
    entry = hold_entry(entry)
    refuse_if(why_not_approve(entry, by=by))
    entry.approved_by, entry.approved_at = by, at
    entry.save()
    recount_all(months, [entry], at)
    return entry
