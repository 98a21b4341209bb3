"""The practice's list of people to whom an escalation climbs."""

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission, may, requires
from accounts.policy_specs import POLICIES, Group
from accounts.practice_policies import policies_for
from dispatch.operations import once
from escalations import ladder as the_list
from escalations import owners
from escalations.forms import PLACES, LadderForm
from foundation.htmx import see_other
from foundation.refusals import OperationReused, Refused, StaleRow


@require_safe
@requires(Permission.SETTINGS_VIEW)
def ladder(request):
    """Who is asked in which order, until when each has time, and what is nobody's to answer."""
    practice, at = request.practice, timezone.now()
    here = set(owners.workers(practice, at).values_list("user", flat=True))
    values = policies_for(practice, on=practice.today(at))
    context = {
        "places": [(place, place.member.user_id in here) for place in owners.places(practice)],
        "orphans": owners.orphaned(practice, at).count(),
        "topped": owners.at_the_top(practice).count(),
        "may_edit": may(request.membership, Permission.SETTINGS_EDIT),
        "policies": [
            (spec.question, spec.words(values[key]))
            for key, spec in POLICIES.items()
            if spec.group is Group.ESCALATIONS
        ],
    }
    return render(request, "escalations/ladder.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.SETTINGS_EDIT)
@once
def ladder_change(request):
    practice, at = request.practice, timezone.now()
    form = LadderForm(
        request.POST or None, people=owners.workers(practice, at), initial=_initial(practice, at)
    )
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        given = {"why": form.cleaned_data["why"], "seen": form.cleaned_data["seen"]}
        try:
            the_list.change(practice, form.members(), **given, at=at)
        except (OperationReused, StaleRow):
            raise
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, "The list was changed. It holds from now on.")
            return see_other(reverse("escalations:ladder"))
    context = {
        "form": form,
        "back": reverse("escalations:ladder"),
        "title": "Change the list",
        "submit": "Save the list",
    }
    return render(request, "staff/act.html", context, status=status)


def _initial(practice, at) -> dict:
    """Who works here no more is left out of the form, and with it out of the list."""
    here = {member.user_id: member for member in owners.workers(practice, at)}
    listed = [here[place.member.user_id] for place in owners.places(practice) if place.member.user_id in here]
    people = {f"place_{n}": member for n, member in enumerate(listed[:PLACES], start=1)}
    return {"seen": the_list.mark(practice), **people}
