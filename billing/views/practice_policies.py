"""The practice's policies: what holds, and setting one."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission, may, requires
from accounts.policy_specs import POLICIES, Read, is_per_payer
from authentication.recent import recently_signed_in
from billing.practice_policies.changes import lay_down, scope_words
from billing.practice_policies.form import DatedPolicyForm, EndForm, PolicyForm
from billing.practice_policies.list import policy_groups, policy_shown
from billing.practice_policies.preview import Effect, cursor_of, preview
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.months import next_month
from foundation.refusals import Refused
from patients.chart_access import show_list
from payers.selectors import payer_names


@require_safe
@requires(Permission.SETTINGS_VIEW)
def policies(request):
    """What the practice chose, then what it left at the default, by group."""
    groups = policy_groups(request.practice, today=request.practice.today())
    every = [shown for _, policies in groups for shown in policies]
    left = [(group, [shown for shown in policies if not shown.chosen]) for group, policies in groups]
    context = {
        "chosen": [shown for shown in every if shown.chosen],
        "defaults": [(group, policies) for group, policies in left if policies],
        "departing": sum(shown.departs for shown in every),
        "may_edit": may(request.membership, Permission.SETTINGS_EDIT),
    }
    return render(request, "billing/policies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def policy_change(request, key):
    """Set one policy from a day on. `?payer=` proposes for whom; `?as_practice=1` ends that payer's own value.

    Sent with `preview`, nothing is set: the same form comes back with what it would change.
    """
    if key not in POLICIES:
        raise Http404
    at = timezone.now()
    today = request.practice.today(at)
    proposed = {"payer": request.GET.get("payer", ""), "starts_on": _first_day(key, today)}
    ending = is_per_payer(key) and bool(request.GET.get("as_practice"))
    kind = EndForm if ending else PolicyForm
    looking = "preview" in request.POST
    payers = list(payer_names(request.practice).items())
    form = kind(request.POST or None, key=key, payers=payers, initial=proposed, looking=looking)
    status, effect = 422 if form.is_bound else 200, None
    if form.is_bound and form.is_valid():
        try:
            if not looking:
                return _done(request, form, at=at)
            effect, status = _effect(request, form, at=at), 200
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
    shown = policy_shown(request.practice, key, today=today)
    context = {"form": form, "shown": shown, "shown_list": [shown], "ending": ending, "effect": effect}
    return render(request, "billing/policy_change.html", context | _may(request), status=status)


def _effect(request, form: DatedPolicyForm, *, at) -> Effect:
    """What setting it would change. `@once` rolls back what answers with a page, and nothing was written anyway."""
    effect = preview(request.practice, form.policy(), after=cursor_of(request.POST["preview"]), at=at)
    if may(request.membership, Permission.CHART_VIEW):
        show_list(request, [row.patient for row in effect.rows])
    return effect


def _may(request) -> dict[str, bool]:
    """Names of patients are for those who see charts; an administrator sees them in an emergency only."""
    return {
        "may_see_names": may(request.membership, Permission.CHART_VIEW),
        "may_open": may(request.membership, Permission.MONTH_VIEW),
    }


def _done(request, form: DatedPolicyForm, *, at):
    given = form.policy()
    lay_down(request.practice, given, at=at)
    what, whom = form.spec.question.rstrip("?"), scope_words(request.practice, given.payer)
    messages.success(request, f"{what}: {given.words} from {given.starts_on:%d-%b-%Y}. {whom}.")
    return see_other(reverse("billing:policies") + f"#{form.key}")


def _first_day(key: str, today):
    """What the form proposes: today for what is looked up day by day, else the first of the next month."""
    return today if POLICIES[key].read is Read.THE_DAY else next_month(today.replace(day=1))
