"""Papers that auditors ask for, ready to print: the order, the consents, a version of the care plan."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.identities import identity_on
from accounts.permissions import Permission, requires
from patients.chart_access import open_chart
from patients.models import (
    Attachment,
    AttachmentKind,
    CarePlan,
    Consent,
    DeviceAssignment,
    Diagnosis,
    Order,
    SignedPaper,
)
from patients.plans import changes
from patients.selectors import plan_before


def _sheet(request, patient, template: str, **context):
    at = timezone.now()
    more = {
        "patient": patient,
        "identity": identity_on(request.practice, request.practice.today(at)),
        "at": at,
    }
    return render(request, f"patients/print/{template}.html", {**context, **more})


def _paper(request, model: type[SignedPaper], patient, pk, *related: str):
    rows = model.objects.for_practice(request.practice).filter(enrollment__patient=patient)
    return get_object_or_404(rows.select_related("signed_by__user", "seen_by__user", *related), pk=pk)


@require_safe
@requires(Permission.CHART_VIEW)
def order_print(request, patient_id, order_id):
    """The order, labeled as one, with what it stands on."""
    patient = open_chart(request, patient_id)
    order = _paper(request, Order, patient, order_id, "enrollment")
    own = {"practice": request.practice, "enrollment": order.enrollment}
    codes = (
        Diagnosis.objects.filter(**own, withdrawn=False).order_by("position").values_list("code", flat=True)
    )
    devices = DeviceAssignment.objects.filter(**own).select_related("device").order_by("starts_on")
    return _sheet(request, patient, "order", order=order, codes=codes, devices=devices)


@require_safe
@requires(Permission.CHART_VIEW)
def plan_print(request, patient_id, plan_id):
    patient = open_chart(request, patient_id)
    plan = _paper(request, CarePlan, patient, plan_id, "author__user")
    before = plan_before(plan)
    said = {"plan": plan, "before": before, "changes": changes(plan, before) if before else []}
    return _sheet(request, patient, "plan", **said)


@require_safe
@requires(Permission.CHART_VIEW)
def consents_print(request, patient_id):
    """Every consent, the revoked ones too, and the forms on the record."""
    patient = open_chart(request, patient_id)
    own = {"practice": request.practice, "patient": patient}
    consents = Consent.objects.filter(**own).select_related("taken_by__user").order_by("given_on", "pk")
    forms = Attachment.objects.filter(**own, kind=AttachmentKind.CONSENT, withdrawn_at=None)
    forms = forms.select_related("added_by__user").order_by("added_at")
    return _sheet(request, patient, "consents", consents=consents, forms=forms)
