"""The pages on which one code of a claim is blocked, forced by two people, or given back."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from authentication.recent import recently_signed_in
from billing import policies
from billing.claims import by_hand as acts
from billing.claims import staleness
from billing.claims.by_hand_page import held_because
from billing.forms import LineForm
from billing.models import Claim, Force
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused, StaleRow
from patients.chart_access import open_chart

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@requires(Permission.CLAIM_REVIEW)
@once
def line_block(request, claim_id, code):
    claim = _claim(request, claim_id)
    with_it = "".join(f" {each} is held with it." for each in policies.held_with(claim, code))
    shown = {
        "title": f"Block {code}",
        "note": "No line of this code is exported until somebody takes the block back."
        + with_it
        + " An approval falls.",
        "submit": f"Block {code}",
        "blocked": policies.why_not_block(claim, code),
    }
    return _act(request, claim, lambda **given: acts.block(claim, code, **given), shown)


@page
@requires(Permission.CLAIM_REVIEW)
@once
def line_unblock(request, claim_id, code):
    claim = _claim(request, claim_id)
    shown = {
        "title": f"Take the block of {code} back",
        "note": "Its lines stand again as the rules answer. The block stays on the claim’s page, and so does this.",
        "submit": "Take the block back",
        "blocked": policies.why_not_unblock(claim, code) or staleness.why_rules_changed(claim),
    }
    return _act(request, claim, lambda **given: acts.unblock(claim, code, **given), shown)


@page
@requires(Permission.CLAIM_REVIEW)
@once
def line_force(request, claim_id, code):
    claim = _claim(request, claim_id)
    shown = {
        "title": f"Ask to force {code}",
        "note": "Nothing is released before another biller confirms it. Say what you judge, and on what.",
        "submit": "Ask for a second person",
        "blocked": policies.why_not_force(claim, code, by=request.membership)
        or staleness.why_not_as_shown(claim, code, staleness.decided_now(claim)),
    }
    return _act(request, claim, lambda **given: acts.ask_force(claim, code, **given), shown)


@page
@requires(Permission.CLAIM_REVIEW)
@recently_signed_in
@once
def force_confirm(request, force_id):
    force = _force(request, force_id)
    shown = {
        "title": f"Confirm that {force.code} is forced",
        "note": "With your name and reason the line is released although the rules hold it.",
        "submit": "Confirm the force",
        "force": force,
        "held": held_because(force),
        "blocked": policies.why_not_confirm(force, by=request.membership)
        or staleness.why_other_record(force, staleness.decided_now(force.claim)),
    }
    return _act(request, force.claim, lambda **given: acts.confirm_force(force, **given), shown)


@page
@requires(Permission.CLAIM_REVIEW)
@once
def force_end(request, force_id):
    force = _force(request, force_id)
    confirmed = force.confirmed_at is not None
    shown = {
        "title": f"Take the force of {force.code} back"
        if confirmed
        else f"Withdraw the request for {force.code}",
        "note": "The line is held again. An approval falls." if confirmed else "Nothing was released.",
        "submit": "Take the force back" if confirmed else "Withdraw the request",
        "force": force,
        "held": held_because(force),
        "blocked": policies.why_not_end(force),
    }
    return _act(request, force.claim, lambda **given: acts.end_force(force, **given), shown)


def _claim(request, claim_id) -> Claim:
    claims = Claim.objects.for_practice(request.practice).select_related("period", "practice", "selection")
    found = get_object_or_404(claims, pk=claim_id)
    found.patient = open_chart(request, found.patient_id)
    return found


def _force(request, force_id) -> Force:
    forces = Force.objects.for_practice(request.practice).select_related(
        "asked_by__user", "confirmed_by__user"
    )
    force = get_object_or_404(forces, pk=force_id)
    force.claim = _claim(request, force.claim_id)
    return force


def _act(request, claim: Claim, do, shown: dict):
    """Show the form, or do the act and go back to the claim. What was typed stays through every refusal."""
    form = LineForm(request.POST if request.method == "POST" else None, initial={"version": claim.version})
    status = 200
    if form.is_bound:
        status = 422
        try:
            if form.is_valid():
                return _done(request, claim, form, do)
        except StaleRow as stale:
            # On the claim as it is now, to be looked at and sent again.
            status, typed = stale.status, form.cleaned_data["reason"]
            fresh = Claim.objects.for_practice(request.practice).get(pk=claim.pk)
            form = LineForm(initial={"version": fresh.version, "reason": typed})
            shown = shown | {"refusal": stale}
        except Refused as refusal:
            form.refuse(refusal)
    context = {"claim": claim, "patient": claim.patient, "month": claim.period.month, "form": form, **shown}
    return render(request, "billing/by_hand.html", context, status=status)


def _done(request, claim: Claim, form: LineForm, do):
    version = form.cleaned_data["version"]
    if version is None:
        raise Refused("This form was not sent whole. Reload the page, then send it again.")
    do(reason=form.cleaned_data["reason"], version=version, by=request.membership, at=timezone.now())
    return see_other(reverse("billing:claim", args=[claim.pk]))
