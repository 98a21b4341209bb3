"""One claim: what is billed, on what rule, with what proof; and what a biller does with it."""

from uuid import uuid4

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, may, requires
from billing import policies
from billing.claims import acts as claim_acts
from billing.claims import queue, staleness
from billing.claims.by_hand_page import by_hand_of, decided_by_hand
from billing.claims.page import proof_of
from billing.forms import ApproveForm, HoldForm, LiftForm
from billing.labels import TONES, hold_words
from billing.models import Claim
from billing.views.queue import row_context
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused, StaleRow
from patients.chart_access import open_chart


@require_safe
@requires(Permission.MONTH_VIEW)
def claim(request, claim_id):
    found = _claim(request, claim_id)
    open_chart(request, found.patient_id)
    return _page(request, found)


def _claim(request, claim_id) -> Claim:
    return get_object_or_404(queue.with_parts(Claim.objects.for_practice(request.practice)), pk=claim_id)


def _page(request, found: Claim, *, refusal: Refused | None = None, form=None):
    """The whole page, with the refusal or the form at fault where an act was not done."""
    by = request.membership
    may_review = may(by, Permission.CLAIM_REVIEW)
    by_hand = policies.hold_by_hand(found)
    now = staleness.decided_now(found) if staleness.is_checked(found) else None
    outdated, proof = staleness.why_outdated(found, now), proof_of(found)
    hands = by_hand_of(found, [proven.line.code for proven in proof.lines], by=by, now=now)
    context = {
        "claim": found,
        "patient": found.patient,
        "month": found.period.month,
        "tone": TONES[found.state],
        "proof": proof,
        "lines": [(proven, hands[proven.line.code]) for proven in proof.lines],
        "blocked_alone": _without_lines(hands, proof),
        "told_by_hand": decided_by_hand(found),
        "claim_holds": [
            (hold, hold_words(hold.slug, hold.reason))
            for hold in policies.claim_holds(found).select_related("placed_by__user")
        ],
        "may_review": may_review,
        "outdated": outdated,
        "why_not_approve": (policies.why_not_approve(found, by=by) or outdated) if may_review else "",
        "may_hold": may_review and policies.why_not_hold(found) is None,
        "may_lift": may_review and policies.why_not_lift(found) is None,
        "by_hand": by_hand,
        "approve_operation": uuid4(),
        "hold_form": form
        if isinstance(form, HoldForm)
        else HoldForm(initial={"version": found.version}, auto_id="hold_%s"),
        "lift_form": form
        if isinstance(form, LiftForm)
        else LiftForm(initial={"version": found.version}, auto_id="lift_%s"),
        "form": form,
        "refusal": refusal,
    }
    status = refusal.status if refusal else 422 if form is not None else 200
    return render(request, "billing/claim.html", context, status=status)


def _without_lines(hands: dict, proof) -> list:
    """What stands by hand on codes that the claim has no line of any more."""
    codes = {proven.line.code for proven in proof.lines}
    return [hand for code, hand in sorted(hands.items()) if code not in codes]


@require_POST
@requires(Permission.CLAIM_REVIEW)
@once
def claim_approve(request, claim_id):
    """Approve. Asked from the queue, the answer is the row; else the claim's page."""
    found = _claim(request, claim_id)
    form = ApproveForm(request.POST)
    try:
        if not form.is_valid() or form.cleaned_data["version"] is None:
            raise Refused("This form was not sent whole. Reload the page, then approve again.")
        claim_acts.approve(
            found, version=form.cleaned_data["version"], by=request.membership, at=timezone.now()
        )
    except Refused as refusal:
        return _not_done(request, claim_id, refusal)
    return see_other(reverse("billing:claim_row" if request.htmx else "billing:claim", args=[claim_id]))


def _not_done(request, claim_id, refusal: Refused):
    found = _claim(request, claim_id)
    if request.htmx:
        return render(
            request, "billing/_row.html", row_context(request, found, refusal=refusal), status=refusal.status
        )
    open_chart(request, found.patient_id)
    return _page(request, found, refusal=refusal)


@require_POST
@requires(Permission.CLAIM_REVIEW)
@once
def claim_hold(request, claim_id):
    return _with_reason(request, claim_id, HoldForm(request.POST, auto_id="hold_%s"), claim_acts.hold)


@require_POST
@requires(Permission.CLAIM_REVIEW)
@once
def claim_lift(request, claim_id):
    return _with_reason(request, claim_id, LiftForm(request.POST, auto_id="lift_%s"), claim_acts.lift)


def _with_reason(request, claim_id, form, act):
    found = _claim(request, claim_id)
    open_chart(request, found.patient_id)
    if not form.is_valid() or form.cleaned_data["version"] is None:
        return _page(request, found, form=form)
    try:
        act(
            found,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
            by=request.membership,
            at=timezone.now(),
        )
    except StaleRow as stale:
        return _page(request, fresh := _claim(request, claim_id), refusal=stale, form=_kept(form, fresh))
    except Refused as refusal:
        form.refuse(refusal)
        return _page(request, found, form=form)
    return see_other(reverse("billing:claim", args=[claim_id]))


def _kept(form, fresh: Claim):
    """What was typed, on the claim as it is now."""
    typed = {"version": fresh.version, "reason": form.cleaned_data["reason"]}
    return type(form)(initial=typed, auto_id=form.auto_id)


@require_safe
@requires(Permission.MONTH_VIEW)
def month_panel(request, patient_id):
    """The patient's claims of late, for the chart. Nurses never see it."""
    patient = open_chart(request, patient_id)
    rows = queue.with_parts(Claim.objects.for_practice(request.practice).filter(patient=patient)).order_by(
        "-period__month"
    )[:6]
    return render(
        request,
        "billing/_month_panel.html",
        {"patient": patient, "rows": queue.queue_rows(request.practice, rows)},
    )
