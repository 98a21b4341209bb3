"""What if: changes laid over a patient-month's facts, calculated and shown. Nothing is stored but the visit."""

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from billing.rules import FactError, NoRuleSet
from billing.whatif.base import Base, base_of, profile_of
from billing.whatif.form import STALE, WhatIfForm
from billing.whatif.overlay import Difference, difference, lay_over
from foundation.refusals import Refused
from patients.chart_access import open_chart
from payers.selectors import payer_names


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MONTH_VIEW)
def what_if(request, patient_id, month):
    """The facts as they stand in a form; sent, what would come of them. By POST, so that no fact is in an address."""
    patient = open_chart(request, patient_id)
    base, payers = _base(patient, month), payer_names(request.practice)
    if request.method != "POST":
        return _page(request, patient, month, base, WhatIfForm(base=base, payers=payers))
    form = WhatIfForm(request.POST, base=base, payers=payers)
    if request.POST.get("digest", base.digest) != base.digest:
        form = WhatIfForm(form.completed(request.POST), base=base, payers=payers)
        return _page(request, patient, month, base, form, message=STALE, status=409)
    shown = _calculated(form, patient, month)
    return _page(request, patient, month, base, form, shown=shown, status=200 if shown else 422)


def _base(patient, month) -> Base:
    try:
        return base_of(patient, month)
    except NoRuleSet:
        raise Refused(
            f"There are no billing rules for {month:%B %Y}, so nothing can be calculated."
        ) from None


def _calculated(form: WhatIfForm, patient, month) -> Difference | None:
    """The difference; None where the form says what is wrong."""
    if not form.is_valid():
        return None
    try:
        laid = lay_over(form.facts, form.changes(lambda payer: profile_of(patient, month, payer)))
    except FactError as error:
        form.add_error(None, f"These facts do not go together: {error}.")
        return None
    return difference(form.facts, laid, form.payers)


def _page(request, patient, month, base, form, *, shown=None, message="", status=200):
    context = {
        "patient": patient,
        "month": month,
        "base": base,
        "form": form,
        "shown": shown,
        "message": message,
    }
    return render(request, "billing/what_if.html", context, status=status)
