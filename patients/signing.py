"""Asking a clinician for her signature, and her answer: signed, or returned with a reason. Nobody signs for another."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import Membership
from accounts.permissions import Permission, may
from dispatch import notices
from foundation.context import because
from foundation.refusals import Refused, StaleRow, refuse_if
from foundation.tracked import lock
from patients.as_read import AsRead, as_read
from patients.models import (
    Attachment,
    CarePlan,
    Enrollment,
    Order,
    PaperKind,
    RequestState,
    SignatureKind,
    SignatureRequest,
)
from patients.policies import why_not_review
from patients.reviews import CLINICIANS, readers, withdraw_followed
from patients.services import permission_changed


def waiting_for(membership: Membership) -> QuerySet[SignatureRequest]:
    """What this clinician may sign now, the oldest first."""
    rows = SignatureRequest.objects.for_practice(membership.practice_id).filter(state=RequestState.WAITING)
    mine = rows.filter(Q(asked_of=None) | Q(asked_of__user=membership.user_id))
    return mine.select_related("enrollment__patient", "asked_by__user", "asked_of__user").order_by(
        "asked_at", "pk"
    )


def why_not_answer(request: SignatureRequest, *, by: Membership) -> str | None:
    """Why this person may neither sign it nor return it."""
    if request.state != RequestState.WAITING:
        return f"This {request.title.lower()} waits no more: {request.get_state_display().lower()}."
    if not may(by, Permission.CLINICIAN_ANSWER):
        return "Only a physician, NP or PA signs orders and care plans."
    if request.asked_of is not None and request.asked_of.user_id != by.user_id:
        return f"It waits for the signature of {request.asked_of}. Nobody signs for another."
    return None


def why_not_hold(request: SignatureRequest, *, on: date) -> str | None:
    """Why nobody can sign it on this day, whoever it waits for. It can be returned."""
    if request.enrollment.ended_on is not None:
        return "The enrollment ended meanwhile. Return it, and ask for a new one after enrolling again."
    if request.kind == PaperKind.CARE_PLAN and (
        message := why_not_review(_holds_from(request, on), request.review_by)
    ):
        return f"{message}. Return it, and have it written anew."
    return None


def _holds_from(request: SignatureRequest, signed_on: date) -> date:
    """Not before it was signed."""
    return max(request.effective_on, signed_on)


def why_not_sign(request: SignatureRequest, *, by: Membership, on: date) -> str | None:
    return why_not_answer(request, by=by) or why_not_hold(request, on=on)


def why_not_withdraw(request: SignatureRequest) -> str | None:
    if request.state != RequestState.WAITING:
        return f"This {request.title.lower()} waits no more: {request.get_state_display().lower()}."
    return None


def why_not_asked_of(membership: Membership | None) -> str | None:
    if membership is not None and not may(membership, Permission.CLINICIAN_ANSWER):
        return f"{membership} is no physician, NP or PA. Choose who can sign."
    return None


@transaction.atomic
def ask(
    episode: Enrollment,
    kind: PaperKind,
    *,
    asked_of: Membership | None,
    by: Membership,
    at: datetime,
    **words,
) -> SignatureRequest:
    """Put it into the clinician's queue and inbox. `words`: text; or goals, actions, effective_on, session_id."""
    refuse_if(why_not_asked_of(asked_of), field="signed_by")
    row = SignatureRequest(
        practice=episode.practice,
        enrollment=episode,
        kind=kind,
        asked_of=asked_of,
        asked_by=by,
        asked_at=at,
        **words,
    )
    row.save()
    _tell_clinicians(row)
    return row


@transaction.atomic
def sign(read: Iterable[AsRead], *, by: Membership, at: datetime) -> list:
    """Sign each as it was read. All of them, or none and which of them stands in the way. The orders and plans."""
    then = sorted(read, key=lambda each: each.request.pk)
    today = by.practice.today(at)
    now = _locked(by.practice, then, on=today)
    for before, after in zip(then, now, strict=True):
        _refuse_unless_as_read(before, after, by=by, on=today)
    # In the order they were asked for, so that the plan written last is the one in effect.
    in_turn = sorted((each.request for each in now), key=lambda request: (request.asked_at, request.pk))
    return [_sign(request, by=by, at=at) for request in in_turn]


def _locked(practice, read: Sequence[AsRead], *, on: date) -> list[AsRead]:
    """The same requests as they are now, with their enrollments, until the end of the transaction.

    Locks are taken in the order of keys, requests before enrollments, so that two who sign wait for each other.
    Meanwhile no enrollment ends, and no other plan comes into effect.
    """
    rows = [lock(each.request) for each in read]
    episodes = Enrollment.objects.for_practice(practice).filter(pk__in={row.enrollment_id for row in rows})
    episodes = episodes.order_by("pk").select_for_update(no_key=True, of=("self",))
    held = {episode.pk: episode for episode in episodes.select_related("patient__practice")}
    for row in rows:
        row.enrollment = held[row.enrollment_id]
    return as_read(practice, rows, on=on)


def _refuse_unless_as_read(before: AsRead, after: AsRead, *, by: Membership, on: date) -> None:
    called = f"{after.request.title} of {after.request.enrollment.patient}"
    if why := why_not_sign(after.request, by=by, on=on):
        raise Refused(f"{called}: {why}")
    if after != before:
        raise StaleRow(
            f"{called}: it was changed, or another plan came into effect, since you read it. Read it again, then sign."
        )


def _sign(request: SignatureRequest, *, by: Membership, at: datetime):
    paper = (_order if request.kind == PaperKind.ORDER else _plan)(request, by=by, at=at)
    request.state, request.ended_at = RequestState.SIGNED, at
    setattr(request, "order" if request.kind == PaperKind.ORDER else "care_plan", paper)
    request.save()
    notices.withdraw(_cause(request), at=at)
    return paper


def own_signature(practice, *, by: Membership, at: datetime) -> dict:
    """Signed here and now. A signature is never dated back (Medicare Program Integrity Manual 3.3.2.4)."""
    return {
        "signature": SignatureKind.OWN,
        "signed_by": by,
        "signed_at": at,
        "signed_on": practice.today(at),
    }


def transcript(practice, *, signed_by: Membership, signed_on: date, by: Membership, at: datetime) -> dict:
    """Of a paper that `by` has seen today."""
    return {
        "signature": SignatureKind.TRANSCRIPT,
        "signed_by": signed_by,
        "signed_on": signed_on,
        "seen_by": by,
        "seen_on": practice.today(at),
    }


def _order(request: SignatureRequest, *, by: Membership, at: datetime) -> Order:
    signature = own_signature(request.practice, by=by, at=at)
    order = Order(practice=request.practice, enrollment=request.enrollment, text=request.text, **signature)
    order.save()
    permission_changed(request.enrollment.patient)
    return order


def _plan(request: SignatureRequest, *, by: Membership, at: datetime) -> CarePlan:
    signature = own_signature(request.practice, by=by, at=at)
    return next_plan(
        request.enrollment,
        at=at,
        **request.content,
        effective_on=_holds_from(request, signature["signed_on"]),
        session_id=request.session_id,
        author=request.asked_by,
        **signature,
    )


def next_plan(episode: Enrollment, *, at: datetime, **values) -> CarePlan:
    """The next version of the plan. Versions before it stay as they were."""
    lock(episode)
    latest = CarePlan.objects.for_practice(episode.practice_id).filter(enrollment=episode).first()
    plan = CarePlan(
        practice=episode.practice, enrollment=episode, number=latest.number + 1 if latest else 1, **values
    )
    plan.save()
    withdraw_followed(plan, at=at)
    return plan


@transaction.atomic
def return_unsigned(
    request: SignatureRequest, *, reason: str, by: Membership, at: datetime
) -> SignatureRequest:
    """The clinician does not sign; who asked is told."""
    request = lock(request)
    refuse_if(why_not_answer(request, by=by))
    _end(request, RequestState.RETURNED, reason, at=at)
    patient = request.enrollment.patient
    notices.notify(
        request.practice,
        readers(request.practice, [request.asked_by_id], request.practice.today(at)),
        kind="returned",
        cause=f"returned:{request.pk}",
        text=f"{patient}: {by} returned the {request.title.lower()} unsigned.",
        url=reverse("patients:enrollment", args=[patient.pk]),
        patient_id=patient.pk,
    )
    return request


@transaction.atomic
def withdraw(request: SignatureRequest, *, reason: str, by: Membership, at: datetime) -> SignatureRequest:
    """It is not to be signed after all."""
    request = lock(request)
    refuse_if(why_not_withdraw(request))
    return _end(request, RequestState.WITHDRAWN, reason, at=at)


def _end(request: SignatureRequest, state: RequestState, reason: str, *, at: datetime) -> SignatureRequest:
    with because(reason):
        request.state, request.ended_at, request.reason = state, at, reason
        request.save()
    notices.withdraw(_cause(request), at=at)
    return request


def why_not_scan(paper: Order | CarePlan, scan: Attachment) -> str | None:
    if paper.withdrawn_at:
        return f"This {paper._meta.verbose_name} was withdrawn. Record it again, then attach its scan."
    if paper.signature == SignatureKind.OWN:
        return "It was signed here by the clinician: there is no paper to scan."
    if paper.scan_id:
        return "Its scan is attached already."
    if scan.withdrawn_at:
        return "This paper was withdrawn. Attach another one."
    return None


@transaction.atomic
def add_scan(paper: Order | CarePlan, scan: Attachment, *, by: Membership, at: datetime) -> Order | CarePlan:
    """The scan of the paper that was transcribed."""
    # The file before the paper, as in `attachments.withdraw`.
    scan, paper = lock(scan), lock(paper)
    refuse_if(why_not_scan(paper, scan))
    paper.scan = scan
    paper.save()
    permission_changed(paper.enrollment.patient)
    return paper


def _cause(request: SignatureRequest) -> str:
    return f"signature:{request.pk}"


def _tell_clinicians(request: SignatureRequest) -> None:
    practice, patient = request.practice, request.enrollment.patient
    if request.asked_of is not None:
        who = [request.asked_of.user]
    else:
        members = Membership.objects.for_practice(practice).on(practice.today(request.asked_at))
        who = [m.user for m in members.filter(role__in=CLINICIANS).select_related("user")]
    notices.notify(
        practice,
        who,
        kind="signature",
        cause=_cause(request),
        text=f"{patient}: {request.title.lower()} to sign, written by {request.asked_by}.",
        url=reverse("patients:signature", args=[request.pk]),
        patient_id=patient.pk,
    )
