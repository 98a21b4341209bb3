"""What the biller and the administrator did, by the real services: closes, approvals, holds, a re-opening."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Practice
from billing import alerts
from billing.claims import acts as claim_acts
from billing.close import acts as close
from billing.models import Claim, ClaimState, RunState, ThresholdAlert
from billing.policies import why_not_approve
from dispatch.models import EmailDelivery, Notice, OutboxMessage
from foundation.context import acting
from rpmportal.demo import corrections
from rpmportal.demo.people import Team, signed_by
from rpmportal.demo.sessions import Written
from rpmportal.demo.stage import Stage
from timelogs.models import PatientMonth, Period

HOUR = timedelta(hours=1)
# In a closed month of long ago everything that may be is approved; in the month shown, every so many-th claim.
_EVERY = 3
_HOLDS = (
    "Asked the nurse whether the second call really reached the patient.",
    "Payer wants the order resent; waiting for the fax.",
)
# Approved, and then decided otherwise; and the two of the guide, left for whoever looks on to approve.
COMES_BACK, LEFT = "Demo-Larch", ("Demo-Maple", "Demo-Birch")
_KEPT_UNREAD = timedelta(days=4)


def look_again(practice: Practice, *, at: datetime) -> None:
    """The alerts of the months that the outbox names, as its worker would; its messages are done then."""
    waiting = OutboxMessage.objects.filter(practice=practice, done_at=None, topic="timelogs.time_changed")
    keys = {body["patient_month"] for body in waiting.values_list("body", flat=True)}
    rows = PatientMonth.objects.for_practice(practice).filter(pk__in=keys).select_related("patient__practice")
    with acting("system: timelogs.time_changed"):
        for month in rows.order_by("month", "pk"):
            alerts.reconcile(month, at=at)
    mark_done(practice)


def mark_done(practice: Practice) -> None:
    """The demo did what these messages ask for."""
    now = timezone.now()
    waiting = OutboxMessage.objects.filter(practice=practice, done_at=None)
    waiting.update(published_at=now, done_at=now, attempts=1)


def close_months(stage: Stage, practice: Practice, team: Team, written: Sequence[Written]) -> None:
    """Every month but the open one, oldest first, each reviewed before the next was closed."""
    for month in stage.months[:-1]:
        at = stage.closing_at(month)
        close_month(practice, team, month, at=at)
        if month == stage.shown:
            _review(practice, team, month, every=_EVERY, at=at + HOUR)
            _reopen_and_close(practice, team, month, written, at=at + 2 * HOUR)
        else:
            _review(practice, team, month, every=1, at=at + HOUR)


def close_month(practice: Practice, team: Team, month: date, *, at: datetime) -> None:
    """The close with all its chunks, worked here and now."""
    with signed_by(team["biller"]):
        run = close.start_close(practice, month, by=team["biller"], at=at)
    with acting("system: billing.close_chunk"):
        while run.state == RunState.RUNNING:
            close.work_chunk(practice, run.pk, at=at)
            run.refresh_from_db()
    mark_done(practice)


def _claims(practice: Practice, month: date) -> QuerySet[Claim]:
    rows = Claim.objects.for_practice(practice).filter(period__month=month)
    return rows.select_related("practice", "period", "selection", "patient").order_by("-patient__mrn")


def _review(practice: Practice, team: Team, month: date, *, every: int, at: datetime) -> None:
    """Approve what is ready, or a part of it, and hold two by hand. The claim that is to come back is approved."""
    biller, ready = team["biller"], _claims(practice, month).filter(state=ClaimState.READY)
    numbered = list(enumerate(ready.exclude(patient__family_name__in=LEFT)))
    with signed_by(biller):
        _approve(
            [c for n, c in numbered if n % every == 0 or c.patient.family_name == COMES_BACK], team, at=at
        )
        for (_, claim), reason in zip(
            [each for each in numbered if each[0] % every == 1], _HOLDS, strict=False
        ):
            claim_acts.hold(claim, reason=reason, version=claim.version, by=biller, at=at)
        if every == 1:
            _approve_in_part(practice, team, month, at=at + timedelta(minutes=50))


def _approve(claims: Sequence[Claim], team: Team, *, at: datetime) -> None:
    claim_acts.approve_all([(claim, claim.version) for claim in claims], by=team["biller"], at=at)


def _approve_in_part(practice: Practice, team: Team, month: date, *, at: datetime) -> None:
    """Claims of which some lines are held and others are not."""
    claims = _claims(practice, month).filter(state=ClaimState.ATTENTION)
    _approve([claim for claim in claims if why_not_approve(claim, by=team["biller"]) is None], team, at=at)


def _reopen_and_close(
    practice: Practice, team: Team, month: date, written: Sequence[Written], *, at: datetime
) -> None:
    """One approved month is corrected: re-opened, a session amended, closed again, the claim back in review."""
    again = [each for each in written if each.session.later == corrections.WHEN_REOPENED]
    if not again:
        return
    with signed_by(team["admin"]):
        period = Period.objects.for_practice(practice).get(month=month)
        close.reopen(
            period,
            reason="A call of one session was written too long; its nurse corrects it.",
            by=team["admin"],
            at=at,
        )
    for each in again:
        reason = "The call took 5 minutes, not 14; checked against the phone's list."
        corrections.shorten(each.entry, seconds=corrections.CUT_SECONDS, reason=reason, at=at + HOUR / 3)
    look_again(practice, at=at + HOUR / 2)
    close_month(practice, team, month, at=at + HOUR)


def tidy_inboxes(stage: Stage, practice: Practice) -> None:
    """Notices come from when they were raised; older ones were read, and no mail of the past goes out now."""
    raised = {
        f"threshold:{pk}": at
        for pk, at in ThresholdAlert.objects.for_practice(practice).values_list("pk", "raised_at")
    }
    notices = list(Notice.objects.filter(practice=practice))
    for notice in notices:
        notice.created_at = raised.get(notice.cause, stage.closing_at(stage.shown))
        if notice.created_at < stage.horizon - _KEPT_UNREAD and notice.withdrawn_at is None:
            notice.read_at = notice.created_at + HOUR
    Notice.objects.bulk_update(notices, ["created_at", "read_at"], batch_size=500)
    EmailDelivery.objects.filter(notice__practice=practice, sent_at=None).update(sent_at=timezone.now())
