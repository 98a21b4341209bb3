"""Pages about payers: the list, a payer new or changed, retired and taken into use again."""

from collections.abc import Callable

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission, may, requires
from accounts.policy_specs import POLICIES
from accounts.practice_policies import PolicyBook
from authentication.recent import recently_signed_in
from dispatch.operations import once
from foundation.context import because
from foundation.forms import ReasonForm
from foundation.htmx import see_other
from foundation.refusals import Refused
from payers import acts, selectors
from payers.forms import PayerChangeForm, PayerForm
from payers.models import Payer

NOT_COVERED = "codes_not_covered"
page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@requires(Permission.SETTINGS_VIEW)
def payers(request):
    """Every payer with what its claims need, and its own policies of today."""
    rows = selectors.payers_of(request.practice)
    book = PolicyBook(request.practice, on=request.practice.today())
    for row in rows:
        row.not_covered = book.values(row.slug)[NOT_COVERED]
        own = book.own(row.slug)
        row.own = [(key, POLICIES[key], POLICIES[key].words(own[key])) for key in own if key != NOT_COVERED]
    context = {"payers": rows, "may_edit": may(request.membership, Permission.SETTINGS_EDIT)}
    return render(request, "payers/payers.html", context)


def _act(request, form, do: Callable[[], Payer], *, done: str, **context):
    """Show the form, or do the act and go back to the list. `done` may hold {0}, the payer's name."""
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            payer = do()
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, done.format(payer.name))
            return see_other(reverse("payers:payers"))
    context |= {"form": form, "back": reverse("payers:payers")}
    return render(request, "staff/act.html", context, status=status)


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def payer_new(request):
    form = PayerForm(request.POST or None)
    words = {"title": "Add a payer", "submit": "Add the payer"}
    return _act(
        request, form, lambda: acts.add(request.practice, form.payer()), done="{0} was added.", **words
    )


@require_POST
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def payers_usual(request):
    added = acts.add_usual(request.practice)
    messages.success(request, f"{len(added)} payers were added. Complete each with its payer id.")
    return see_other(reverse("payers:payers"))


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def payer_change(request, payer_id):
    payer = _payer(request, payer_id)
    form = PayerChangeForm(request.POST or None, payer=payer)

    def do():
        with because(form.cleaned_data["reason"]):
            return acts.change(payer, form.payer(), version=form.cleaned_data["version"])

    note = (
        "Files that were exported before keep what they said. Which codes it covers is one of its policies."
    )
    words = {"title": f"Change {payer.name}", "submit": "Save", "note": note}
    return _act(request, form, do, done="{0} was changed.", **words)


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def payer_retire(request, payer_id):
    note = "No new coverage can name it. Coverages that stand, their claims and its policies stay."
    words = {"title": "Retire {0}", "submit": "Retire the payer", "note": note, "danger": True}
    return _with_reason(request, payer_id, acts.retire, done="{0} was retired.", **words)


@page
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def payer_restore(request, payer_id):
    words = {"title": "Use {0} again", "submit": "Use the payer again"}
    return _with_reason(request, payer_id, acts.restore, done="{0} is in use again.", **words)


def _with_reason(request, payer_id, act: Callable, *, title: str, **words):
    payer = _payer(request, payer_id)
    form = ReasonForm(request.POST or None, initial={"version": payer.version})

    def do():
        with because(form.cleaned_data["reason"]):
            return act(payer, version=form.cleaned_data["version"])

    return _act(request, form, do, title=title.format(payer.name), **words)


def _payer(request, payer_id) -> Payer:
    return get_object_or_404(
        Payer.objects.for_practice(request.practice).select_related("practice"), pk=payer_id
    )
