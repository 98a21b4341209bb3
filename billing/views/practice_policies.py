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
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.months import next_month
from foundation.refusals import Refused
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
    """Set one policy from a day on. `?payer=` proposes for whom; `?as_practice=1` ends that payer's own value."""
    if key not in POLICIES:
        raise Http404
    at = timezone.now()
    today = request.practice.today(at)
    proposed = {"payer": request.GET.get("payer", ""), "starts_on": _first_day(key, today)}
    ending = is_per_payer(key) and bool(request.GET.get("as_practice"))
    kind = EndForm if ending else PolicyForm
    payers = list(payer_names(request.practice).items())
    form = kind(request.POST or None, key=key, payers=payers, initial=proposed)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            return _done(request, form, at=at)
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
    shown = policy_shown(request.practice, key, today=today)
    context = {"form": form, "shown": shown, "shown_list": [shown], "ending": ending}
    return render(request, "billing/policy_change.html", context, status=status)


def _done(request, form: DatedPolicyForm, *, at):
    given = form.policy()
    lay_down(request.practice, given, at=at)
    what, whom = form.spec.question.rstrip("?"), scope_words(request.practice, given.payer)
    messages.success(request, f"{what}: {given.words} from {given.starts_on:%d-%b-%Y}. {whom}.")
    return see_other(reverse("billing:policies") + f"#{form.key}")


def _first_day(key: str, today):
    """What the form proposes: today for what is looked up day by day, else the first of the next month."""
    return today if POLICIES[key].read is Read.THE_DAY else next_month(today.replace(day=1))
