"""Files on a patient's record: attach, open, withdraw; and the scan of a paper that was transcribed."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission, requires
from audit.models import Action
from dispatch.operations import once
from foundation.bodies import takes_files
from foundation.htmx import see_other
from foundation.refusals import Refused
from patients import attachments, signing
from patients.chart_access import open_chart
from patients.forms.acts import WithdrawForm
from patients.forms.papers import AttachmentForm, FileForm
from patients.models import Attachment, AttachmentKind, CarePlan, Order, SignedPaper
from patients.papers import withdraw_paper
from patients.views.acts import act_page

page = require_http_methods(["GET", "HEAD", "POST"])
WITHDRAWN_ORDER = (
    "For an order that was recorded by mistake, or with a wrong date or text. It holds for no day any more; where "
    "no other order does, the codes of the month are held. A claim decided by it says that it was withdrawn; to decide "
    "it anew, the month is re-opened and closed again. To correct it, record it again afterwards."
)
NO_SCAN = "Where your practice asks for one, no time counts by an order without its scan."
WITHDRAWN_PLAN = (
    "For a version that was recorded by mistake, or with a wrong date or text. It holds for no day any more: in "
    "effect is again what would be without it. A session signed under it keeps it, and a claim that names it says that "
    "it was withdrawn. To correct it, record it again afterwards."
)


@takes_files
@page
@requires(Permission.PATIENT_ENROLL)
@once
def attachment_new(request, patient_id):
    patient = open_chart(request, patient_id)

    def do(form, at):
        given = form.given()
        attachments.attach(patient, given.pop("file"), **given, by=request.membership, at=at)

    return _file_page(
        request,
        patient,
        AttachmentForm,
        do,
        title="Attach a paper",
        submit="Attach",
        done="The paper is attached.",
    )


@takes_files
@page
@requires(Permission.PATIENT_ENROLL)
@once
def order_scan(request, patient_id, order_id):
    patient = open_chart(request, patient_id)
    return _scan_page(request, patient, _paper(request, Order, patient, order_id), AttachmentKind.ORDER)


@takes_files
@page
@requires(Permission.PATIENT_ENROLL)
@once
def plan_scan(request, patient_id, plan_id):
    patient = open_chart(request, patient_id)
    return _scan_page(request, patient, _paper(request, CarePlan, patient, plan_id), AttachmentKind.CARE_PLAN)


def _paper(request, model, patient, pk):
    rows = model.objects.for_practice(request.practice).select_related("enrollment__patient")
    return get_object_or_404(rows, pk=pk, enrollment__patient=patient)


@page
@requires(Permission.PATIENT_ENROLL)
@once
def order_withdraw(request, patient_id, order_id):
    patient = open_chart(request, patient_id)
    return _withdraw_page(request, patient, _paper(request, Order, patient, order_id))


@page
@requires(Permission.PATIENT_ENROLL)
@once
def plan_withdraw(request, patient_id, plan_id):
    patient = open_chart(request, patient_id)
    return _withdraw_page(request, patient, _paper(request, CarePlan, patient, plan_id))


def _withdraw_page(request, patient, paper: SignedPaper):
    called = _called(paper)
    return act_page(
        request,
        patient,
        WithdrawForm,
        lambda form, **sign: withdraw_paper(paper, **form.given(), **sign),
        title=f"Withdraw the {called}",
        submit="Withdraw",
        done=f"The {called} is withdrawn. It stays on the record.",
        note=WITHDRAWN_ORDER if isinstance(paper, Order) else WITHDRAWN_PLAN,
        danger=True,
    )


def _called(paper: SignedPaper) -> str:
    return f"{paper._meta.verbose_name} of {paper.signed_on:%d-%b-%Y}"


def _scan_page(request, patient, paper, kind: AttachmentKind):
    title = f"{kind.label} of {paper.signed_on:%d-%b-%Y}"

    def do(form, at):
        by = request.membership
        scan = attachments.attach(patient, form.cleaned_data["file"], kind=kind, title=title, by=by, at=at)
        signing.add_scan(paper, scan, by=by, at=at)

    name = f"Attach the scan of the {kind.label.lower()} of {paper.signed_on:%d-%b-%Y}"
    return _file_page(
        request, patient, FileForm, do, title=name, submit="Attach the scan", done="The scan is attached."
    )


def _file_page(request, patient, form_class, do, *, title: str, submit: str, done: str):
    at = timezone.now()
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = form_class(*given, practice=request.practice, today=request.practice.today(at))
    back = reverse("patients:enrollment", args=[patient.pk])
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            do(form, at)
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, done)
            return see_other(back)
    context = {"patient": patient, "form": form, "title": title, "submit": submit, "back": back}
    return render(request, "patients/act.html", context, status=status)


@require_safe
@requires(Permission.CHART_VIEW)
def attachment(request, patient_id, attachment_id):
    """The file, to be kept and never shown in our own pages. Who opened it stands in the access log."""
    row = _attachment(request, open_chart(request, patient_id, action=Action.EXPORT), attachment_id)
    try:
        content = attachments.content_of(row)
    except attachments.DamagedFile:
        raise Refused(
            "This file is not what was attached: it is missing in the storage or was changed there. "
            "Tell your administrator; attach the paper again."
        ) from None
    response = HttpResponse(content, content_type=row.content_type)
    ending = attachments.ENDINGS[row.content_type]
    response["Content-Disposition"] = f'attachment; filename="{row.kind}-{row.added_at:%Y-%m-%d}.{ending}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@page
@requires(Permission.PATIENT_ENROLL)
@once
def attachment_withdraw(request, patient_id, attachment_id):
    patient = open_chart(request, patient_id)
    row = _attachment(request, patient, attachment_id)
    of = " and of the ".join(map(_called, attachments.scan_of(row)))
    return act_page(
        request,
        patient,
        WithdrawForm,
        lambda form, **sign: attachments.withdraw(row, **form.given(), **sign),
        title=f"This scan is wrong: “{row.title}”" if of else f"Withdraw “{row.title}”",
        submit="Withdraw the scan" if of else "Withdraw",
        done="The paper is withdrawn. It stays on the record.",
        note=f"It is the scan of the {of}, which then waits for its scan again. {NO_SCAN}" if of else "",
        danger=True,
    )


def _attachment(request, patient, attachment_id) -> Attachment:
    row = Attachment.objects.for_practice(request.practice).filter(pk=attachment_id, patient=patient).first()
    if row is None:
        raise Http404
    return row
