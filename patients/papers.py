"""Orders and care plans: signed here by the clinician, transcribed from a paper, or sent to her for signature; and
withdrawn, if they were recorded in error."""

from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import transaction

from accounts.models import Membership
from accounts.permissions import Permission, may
from accounts.practice_policies import policy
from foundation.context import because
from foundation.refusals import StaleRow, refuse_if
from foundation.tracked import lock
from patients import policies
from patients.models import (
    PLAN_TARGETS,
    PLAN_TEXTS,
    VITALS,
    CarePlan,
    Enrollment,
    Order,
    PaperKind,
    SignatureRequest,
)
from patients.reviews import withdraw_reminders
from patients.selectors import plan_number_on, signers_gone
from patients.services import OrderGiven, PlanGiven, permission_changed
from patients.signing import ask, next_plan, own_signature, transcript, why_not_asked_of

Paper = TypeVar("Paper", Order, CarePlan)


@transaction.atomic
def record_order(
    episode: Enrollment, given: OrderGiven, *, by: Membership, at: datetime
) -> Order | SignatureRequest:
    """An order that stands, or the request for its signature."""
    signature = _signature(episode, given.signed_by, given.signed_on, by=by, at=at, field="order_on")
    if signature is None:
        return ask(episode, PaperKind.ORDER, asked_of=given.signed_by, by=by, at=at, text=given.text)
    order = Order(practice=episode.practice, enrollment=episode, text=given.text, **signature)
    order.save()
    permission_changed(episode.patient)
    return order


@transaction.atomic
def write_care_plan(
    episode: Enrollment,
    given: PlanGiven,
    *,
    by: Membership,
    at: datetime,
    session_id=None,
    over: int | None = None,
) -> CarePlan | SignatureRequest:
    """The next version of the plan, or the request for its signature. `session_id`: the session that caused it.

    `over`: the number of the plan in effect (0 without one) that its author saw. Raises StaleRow if it is another by
    now; a request is compared by who signs it.
    """
    signature = _signature(episode, given.signed_by, given.signed_on, by=by, at=at, field="plan_signed_on")
    # A signature of today dates no plan back; a paper may say from when it held.
    today = episode.practice.today(at)
    holds_from = given.effective_on if given.signed_on else max(given.effective_on, today)
    refuse_if(policies.why_not_effective(episode.patient, given.effective_on, at=at), field="effective_on")
    words = _content(episode, given, holds_from)
    if signature is None:
        asked = {"asked_of": given.signed_by, "session_id": session_id, "effective_on": given.effective_on}
        return ask(episode, PaperKind.CARE_PLAN, by=by, at=at, **words, **asked)
    _refuse_over_another(episode, over, at=at)
    cause = {"author": by, "session_id": session_id, "effective_on": holds_from}
    return next_plan(episode, at=at, **cause, **words, **signature)


def _content(episode: Enrollment, given: PlanGiven, holds_from: date) -> dict:
    """What the plan says, with the day of its review. Raises `Refused` for a target or a day that cannot be."""
    for vital in VITALS:
        bounds = (given.targets.get(vital.low), given.targets.get(vital.high))
        refuse_if(policies.why_not_target(vital, *bounds), field=vital.low)
    review_by = given.review_by or usual_review(episode.practice, holds_from)
    refuse_if(policies.why_not_review(holds_from, review_by), field="review_by")
    texts = {name: getattr(given, name) for name in PLAN_TEXTS}
    return {**texts, **{name: given.targets.get(name) for name in PLAN_TARGETS}, "review_by": review_by}


def usual_review(practice, holds_from: date) -> date:
    """The day by which a plan is reviewed where nobody says another."""
    return holds_from + timedelta(days=policy(practice, "plan_review_days", on=holds_from))


def _refuse_over_another(episode: Enrollment, over: int | None, *, at: datetime) -> None:
    lock(episode)
    now = plan_number_on(episode, episode.practice.today(at))
    if over is not None and now != over:
        changed = f"Version {now} of the care plan came into effect" if now else "The care plan was withdrawn"
        raise StaleRow(f"{changed} while you wrote. Look at what holds now, then save again.")


@transaction.atomic
def withdraw_paper(paper: Paper, *, reason: str, by: Membership, at: datetime) -> Paper:
    """Recorded in error, such as with a wrong date: it holds for nothing from its first day on, and stays readable."""
    # As who signs does: no signature is given beside a plan that is being withdrawn.
    lock(paper.enrollment)
    paper = lock(paper)
    gone = signers_gone(paper.practice, [paper], paper.practice.today(at))
    refuse_if(policies.why_not_withdraw_paper(paper, by=by, gone=gone))
    with because(reason):
        paper.withdrawn_at, paper.withdraw_reason = at, reason
        paper.save()
    if isinstance(paper, CarePlan):
        withdraw_reminders([paper], at=at)
    permission_changed(paper.enrollment.patient)
    return paper


def _signature(
    episode: Enrollment, who: Membership | None, on: date | None, *, by: Membership, at: datetime, field: str
) -> dict | None:
    """How it is signed; None where somebody else has to be asked."""
    if on is not None:
        refuse_if(policies.why_not_past(episode.patient, on, "The date of the signature", at=at), field=field)
        refuse_if(_why_no_signer(who), field="signed_by")
        refuse_if(why_not_asked_of(who), field="signed_by")
        return transcript(episode.practice, signed_by=who, signed_on=on, by=by, at=at)
    if may(by, Permission.CLINICIAN_ANSWER) and (who is None or who.user_id == by.user_id):
        return own_signature(episode.practice, by=by, at=at)
    return None


def _why_no_signer(who: Membership | None) -> str | None:
    return None if who else "Select whose signature is on the paper."
