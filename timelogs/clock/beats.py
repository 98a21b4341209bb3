"""What a heartbeat has to know, in one statement: a thousand pages say every five seconds that they are still there."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from accounts.practice_policies import POLICIES
from timelogs.clock.silence import LIMITS, Limits, nothing_to_settle
from timelogs.counting.segments import Pace
from timelogs.models import Clock, ClockState, Status

_LOOK = """
    SELECT a.user_id, e.status, c.state, c.heartbeat_at, c.input_at, c.asked_at, c.doubt_from, c.vouched,
        s.done, s.since, s.activity, p.chosen, i.counted
    FROM timelogs_timeentry e
    JOIN accounts_membership a ON a.id = e.author_id
    LEFT JOIN timelogs_clock c ON c.entry_id = e.id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(upper(during) - lower(during)), '0') AS done,
            min(lower(during)) FILTER (WHERE upper_inf(during)) AS since,
            coalesce(min(activity) FILTER (WHERE upper_inf(during)), '') AS activity
        FROM timelogs_timesegment WHERE entry_id = e.id AND standing) s
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(key, value ORDER BY starts_on) AS chosen FROM accounts_policysetting
        WHERE practice_id = e.practice_id AND payer = '' AND key = ANY (%(limits)s) AND starts_on <= %(today)s) p
    CROSS JOIN LATERAL (
        SELECT floor(coalesce(extract(epoch FROM sum(upper(i.during) - lower(i.during))), 0))::int AS counted
        FROM timelogs_patientmonth m JOIN timelogs_countedinterval i ON i.patient_month_id = m.id AND i.standing
        WHERE m.patient_id = e.patient_id AND m.starts_at <= e.started_at AND m.ends_at > e.started_at) i
    WHERE e.id = %(entry)s AND e.practice_id = %(practice)s
"""


@dataclass(frozen=True, slots=True)
class Beat:
    """How the clock stands, for its page. `counted` changes when the month's counted time did: then it looks again."""

    state: ClockState
    seconds: int
    counted: int

    @property
    def running(self) -> bool:
        return self.state in {ClockState.RUNNING, ClockState.ON_CALL}


@dataclass(frozen=True, slots=True)
class Seen:
    """A session as a heartbeat finds it. `clock` is a row that is not saved; None where it was entered by hand."""

    author_id: UUID
    is_draft: bool
    clock: Clock | None
    pace: Pace
    limits: Limits
    counted: int

    def may_stay(self, at: datetime) -> bool:
        """Whether its page may go on as it is: a draft with a clock about which nothing is to be said or done."""
        return (
            self.is_draft
            and self.clock is not None
            and nothing_to_settle(self.clock, self.pace, self.limits, at)
        )

    def beat(self, at: datetime) -> Beat:
        assert self.clock is not None
        until = self.clock.doubt_from or at
        return Beat(
            ClockState(self.clock.state), self.pace.until(until) // timedelta(seconds=1), self.counted
        )


def look(entry_id: UUID, practice, *, at: datetime) -> Seen | None:
    """None for a session that is not this practice's. Under the person's lock, so that nothing of it changes after."""
    asked = {
        "entry": entry_id,
        "practice": practice.pk,
        "limits": list(LIMITS),
        "today": practice.today(at),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, asked)
        row = cursor.fetchone()
    if row is None:
        return None
    author_id, status, *clock, done, since, activity, chosen, counted = row
    names = ("state", "heartbeat_at", "input_at", "asked_at", "doubt_from", "vouched")
    return Seen(
        author_id,
        status == Status.DRAFT,
        Clock(entry_id=entry_id, **dict(zip(names, clock, strict=True))) if clock[0] else None,
        Pace(done, since, activity),
        Limits.of({name: POLICIES[name].default for name in LIMITS} | json.loads(chosen or "{}")),
        counted,
    )
