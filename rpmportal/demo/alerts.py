"""The alerts that signing raised over the months, with their lines in the inboxes: what `billing.alerts` would have
written one by one, written at once. A test lets it look again and sees that it changes nothing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse

from accounts.models import Practice, User
from accounts.practice_policies import POLICIES
from billing.alerts import WHILE_OPEN, reconcile, should_stand, words
from billing.models import AlertKind, ThresholdAlert
from dispatch.models import Notice
from foundation.context import acting
from foundation.tracked import bulk_create_tracked
from rpmportal.demo.people import Team
from rpmportal.demo.sessions import Written
from rpmportal.demo.stage import Stage
from timelogs.counting.totals import LINES, MonthTotal, month_totals
from timelogs.models import PatientMonth

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reached:
    """A patient-month's line, the signature with which it was reached, and who is told."""

    month: PatientMonth
    minutes: int
    at: datetime
    told: tuple[User, ...]


def write(stage: Stage, practice: Practice, team: Team, written: Sequence[Written]) -> None:
    """Every line that every month reached, in order of time."""
    reached = [found for month in stage.months for found in _of_month(practice, month, team, written)]
    reached.sort(key=lambda found: (found.at, found.month.pk, found.minutes))
    rows = [
        ThresholdAlert(
            practice=practice,
            patient_month=each.month,
            minutes=each.minutes,
            kind=AlertKind.REACHED,
            raised_at=each.at,
        )
        for each in reached
    ]
    with acting("system: timelogs.time_changed"):
        bulk_create_tracked(rows)
    lines = [_notice(row, user) for row, each in zip(rows, reached, strict=True) for user in each.told]
    Notice.objects.bulk_create(lines, batch_size=1000)
    with acting("system: timelogs.time_changed"):
        _look_at_open_month(stage, practice)


def _look_at_open_month(stage: Stage, practice: Practice) -> None:
    """Months that are near a line or lack a contact are told of while they are open."""
    totals = month_totals(practice, stage.current)
    for row in (
        PatientMonth.objects.for_practice(practice).filter(month=stage.current).order_by("patient__mrn")
    ):
        total = totals.get(row.patient_id, MonthTotal())
        talked = total.live_contact_on is not None
        wanted = should_stand(total.seconds, lead=POLICIES["alert_lead_minutes"].default, has_contact=talked)
        if any(kind in WHILE_OPEN for kind, _ in wanted):
            reconcile(row, at=stage.horizon - HOUR)


def _of_month(practice: Practice, month: date, team: Team, written: Sequence[Written]) -> Iterator[Reached]:
    totals = month_totals(practice, month)
    signed = defaultdict(list)
    for each in written:
        signed[each.entry.patient_id].append(each)
    for row in PatientMonth.objects.for_practice(practice).filter(month=month).select_related("patient"):
        total = totals[row.patient_id]
        worked = (share.entry.author.user for share in total.by_entry if share.counted_seconds)
        told = tuple(dict.fromkeys([team["biller"].user, *worked]))
        for minutes in LINES:
            if total.seconds >= minutes * 60:
                yield Reached(row, minutes, _when(minutes, total, signed[row.patient_id]), told)


def _when(minutes: int, total: MonthTotal, signed: Sequence[Written]) -> datetime:
    """When the session was signed with which the counted seconds reached the line."""
    counted = {share.entry_id: share.counted_seconds for share in total.by_entry}
    seconds = 0
    for each in signed:
        seconds += counted.get(each.entry.pk, 0)
        if seconds >= minutes * 60:
            return each.signed_at
    return signed[-1].signed_at


def _notice(alert: ThresholdAlert, user) -> Notice:
    month = alert.patient_month
    return Notice(
        practice_id=alert.practice_id,
        recipient=user,
        kind="threshold",
        cause=f"threshold:{alert.pk}",
        text=f"{month.patient} {words(alert.kind, alert.minutes, month.month, lead=0)}",
        fold=words(alert.kind, alert.minutes, month.month, lead=0),
        patient_id=month.patient_id,
        url=reverse("chart", args=[month.patient_id]),
        created_at=alert.raised_at,
    )
