"""Who did more than one duty for a patient's month: what the report of duties lists, and who took claims away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, overload
from uuid import UUID

from django.db import connection
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Membership, User
from audit.models import AccessEvent, Action
from billing.models import Claim, Release
from foundation.months import bounds
from foundation.tracked import bulk_create_tracked
from staff.models import Emergency

# In the order in which they happen.
DUTIES = {
    "logged": "logged time",
    "approved_time": "approved time",
    "approved": "approved the claim",
    "released": "exported the claim",
}

_DID = """
    WITH claims AS (
        SELECT c.id, c.number, c.patient_id, c.approved_by_id FROM billing_claim c
        JOIN timelogs_period p ON p.id = c.period_id WHERE c.practice_id = %(practice)s AND p.month = %(month)s
    ), did AS (
        -- From the month's time, not from every session that its patients ever had.
        SELECT c.id AS claim_id, s.staff_id AS user_id, 'logged' AS duty FROM timelogs_timesegment s
        JOIN timelogs_timeentry e ON e.id = s.entry_id AND e.status IN ('signed', 'amended', 'voided')
        JOIN claims c ON c.patient_id = e.patient_id
        WHERE s.practice_id = %(practice)s AND s.during && tstzrange(%(since)s, %(until)s)
        UNION SELECT c.id, m.user_id, 'approved_time' FROM timelogs_timeentry e
        JOIN claims c ON c.patient_id = e.patient_id JOIN accounts_membership m ON m.id = e.approved_by_id
        WHERE e.practice_id = %(practice)s AND e.status IN ('signed', 'amended', 'voided')
          AND e.started_at >= %(since)s AND e.started_at < %(until)s
        UNION SELECT c.id, m.user_id, 'approved' FROM claims c JOIN accounts_membership m ON m.id = c.approved_by_id
        UNION SELECT c.id, m.user_id, 'released' FROM claims c JOIN billing_release r ON r.claim_id = c.id
        JOIN accounts_membership m ON m.id = r.released_by_id
    ), several AS (
        SELECT claim_id, user_id, array_agg(duty) AS duties FROM did GROUP BY 1, 2 HAVING count(*) > 1
    )
"""


_FILE = """SELECT c.number, c.patient_id, u.name, s.duties FROM several s JOIN claims c ON c.id = s.claim_id
    JOIN accounts_user u ON u.id = s.user_id ORDER BY c.number, u.name, u.id"""


@dataclass(frozen=True, slots=True)
class Line:
    """The same as a line of a file: the patient is not named, and is written down as one whose claim was told."""

    number: str
    patient_id: UUID
    who: str
    duties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TwoDuties:
    """One person who did more than one duty for one patient's month."""

    claim: Claim
    who: str
    duties: tuple[str, ...]


class Exceptions(Sequence[TwoDuties]):
    """The rows of a month's report in order of claim and name; only those asked for are read."""

    def __init__(self, practice, month: date) -> None:
        self.practice = practice
        since, until = bounds(month, tz=practice.tz)
        self._of = {"practice": practice.pk, "month": month, "since": since, "until": until}

    def __len__(self) -> int:
        return self._rows("SELECT count(*) FROM several")[0][0]

    @overload
    def __getitem__(self, index: int) -> TwoDuties: ...
    @overload
    def __getitem__(self, index: slice) -> list[TwoDuties]: ...
    def __getitem__(self, index):
        if not isinstance(index, slice):
            return self[index : index + 1][0]
        start = index.start or 0
        rows = self._rows(
            """SELECT s.claim_id, s.user_id, s.duties FROM several s JOIN claims c ON c.id = s.claim_id
               JOIN accounts_user u ON u.id = s.user_id ORDER BY c.number, u.name, u.id
               OFFSET %(start)s LIMIT %(most)s""",
            start=start,
            most=None if index.stop is None else max(index.stop - start, 0),
        )
        return self._told(rows)

    def lines(self) -> list[Line]:
        """All of them, in the same order."""
        return [Line(number, pk, who, tuple(duties)) for number, pk, who, duties in self._rows(_FILE)]

    def _rows(self, select: str, **more: Any) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(_DID + select, self._of | more)
            return cursor.fetchall()

    def _told(self, rows: list[tuple[UUID, UUID, list[str]]]) -> list[TwoDuties]:
        claims = Claim.objects.for_practice(self.practice).filter(pk__in=[row[0] for row in rows])
        by_id = {claim.pk: claim for claim in claims.select_related("patient")}
        names = dict(User.objects.filter(pk__in=[row[1] for row in rows]).values_list("pk", "name"))
        return [
            TwoDuties(by_id[claim], names[who], tuple(DUTIES[each] for each in DUTIES if each in duties))
            for claim, who, duties in rows
        ]


def note_release(claims: Iterable[Claim], *, by: Membership, at: datetime) -> None:
    """Write down who takes which claims away."""
    bulk_create_tracked(
        [
            Release(practice_id=claim.practice_id, claim=claim, released_by=by, released_at=at)
            for claim in claims
        ]
    )


MOST_EMERGENCIES = 50


def emergencies_of(practice, month: date) -> list[Emergency]:
    """Who opened charts in an emergency in the month, the latest first, with how many patients each then saw."""
    since, until = bounds(month, tz=practice.tz)
    rows = Emergency.objects.for_practice(practice).filter(opened_at__gte=since, opened_at__lt=until)
    seen = AccessEvent.objects.filter(
        practice=OuterRef("practice"),
        actor_id=OuterRef("member__user"),
        action=Action.EMERGENCY,
        at__gte=OuterRef("opened_at"),
        at__lte=OuterRef("ends_at"),
    )
    patients = seen.order_by().values("actor_id").annotate(n=Count("patient_id", distinct=True)).values("n")
    rows = rows.annotate(patients=Coalesce(Subquery(patients), 0)).select_related("member__user")
    return list(rows.order_by("-opened_at")[:MOST_EMERGENCIES])
