"""The clinician's queue: orders and care plans to read, then to sign, several at once, or to return."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused
from patients import signing
from patients.as_read import AsRead, as_read
from patients.chart_access import open_chart, show_list
from patients.forms.acts import WithdrawForm
from patients.forms.papers import ReturnForm, SignForm
from patients.models import CarePlan, PaperKind, SignatureRequest
from patients.plans import changes, to_come_in_words
from patients.selectors import plan_before, plan_to_come
from patients.views.acts import act_page

PAGE = 25
# In the session: which papers this person opened, {key: mark of what she then saw}.
READ = "papers_read"
KEPT = 200
page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@requires(Permission.CLINICIAN_ANSWER)
def signatures(request):
    """What waits for this clinician, the oldest first. What she has read can be ticked and signed together."""
    return _queue(request)


def _queue(request, form: SignForm | None = None, *, status: int = 200):
    found = Paginator(signing.waiting_for(request.membership), PAGE).get_page(request.GET.get("page"))
    read, today = _marks(request), request.practice.today()
    for each in _as_read(request, found.object_list):
        row = each.request
        row.mark, row.why = each.mark, signing.why_not_hold(row, on=today)
        row.is_read = not row.why and read.get(row.pk.hex) == each.mark
    show_list(request, [row.enrollment.patient for row in found.object_list])
    context = {"page": found, "form": form or SignForm(papers=[]), "any_read": any(r.is_read for r in found)}
    return render(request, "patients/signatures.html", context, status=status)


@require_safe
@requires(Permission.CLINICIAN_ANSWER)
def signature(request, request_id):
    """The paper itself, beside the plan in effect now. Opening it is reading it."""
    row = _row(request, request_id)
    patient = open_chart(request, row.enrollment.patient_id)
    (now,) = _as_read(request, [row])
    opened = {**_marks(request), row.pk.hex: now.mark}
    request.session[READ] = dict([*opened.items()][-KEPT:])
    # The very plan that the mark names, so that what is signed is what was shown.
    plan = CarePlan.objects.for_practice(request.practice).filter(pk=now.plan).first()
    why_not_return = signing.why_not_answer(row, by=request.membership)
    today = request.practice.today()
    why = why_not_return or signing.why_not_hold(row, on=today)
    before = (plan_before(row) if row.care_plan else plan) if row.goals else None
    context = {"patient": patient, "paper": row, "before": before, "mark": now.mark}
    context["changes"] = changes(row, before) if before else []
    context |= {"why": why, "returnable": not why_not_return}
    if row.kind == PaperKind.CARE_PLAN:
        context["plan_to_come"] = to_come_in_words(plan_to_come(row.enrollment, today))
    return render(request, "patients/signature.html", context)


@require_POST
@requires(Permission.CLINICIAN_ANSWER)
@once
def signatures_sign(request):
    """Sign what was read. All of it, or none and why."""
    read = _read_by(request)
    form = SignForm(request.POST, papers=[(mark, mark) for mark in read])
    if not form.is_valid():
        return _queue(request, form, status=422)
    chosen = [read[mark] for mark in form.cleaned_data["papers"]]
    try:
        signing.sign(chosen, by=request.membership, at=timezone.now())
    except Refused as refusal:
        form.refuse(refusal)
        return _queue(request, form, status=refusal.status)
    one = len(chosen) == 1
    messages.success(
        request, f"{chosen[0].request.title} signed." if one else f"{len(chosen)} papers signed."
    )
    return see_other(reverse("patients:signatures"))


def _as_read(request, rows) -> list[AsRead]:
    return as_read(request.practice, list(rows), on=request.practice.today())


def _marks(request) -> dict[str, str]:
    """What this person's session holds of papers she read. What an earlier release put there is no mark."""
    kept = request.session.get(READ, {})
    return {key: mark for key, mark in kept.items() if isinstance(mark, str) and mark.count(".") == 2}


def _read_by(request) -> dict[str, AsRead]:
    """{mark: what this person read of this practice's papers}. Whether it still stands is for the act to say."""
    read = _marks(request)
    rows = SignatureRequest.objects.for_practice(request.practice).filter(pk__in=read)
    return {read[row.pk.hex]: AsRead.of_mark(read[row.pk.hex], row) for row in rows}


@page
@requires(Permission.CLINICIAN_ANSWER)
@once
def signature_return(request, request_id):
    row = _row(request, request_id)
    return act_page(
        request,
        open_chart(request, row.enrollment.patient_id),
        ReturnForm,
        lambda form, **sign: signing.return_unsigned(row, **form.given(), **sign),
        title=f"Return the {row.title.lower()} unsigned",
        submit="Return it",
        done=f"Returned. {row.asked_by} is told.",
        back=reverse("patients:signatures"),
    )


@page
@requires(Permission.PATIENT_ENROLL)
@once
def signature_withdraw(request, patient_id, request_id):
    patient = open_chart(request, patient_id)
    row = _row(request, request_id)
    if row.enrollment.patient_id != patient.pk:
        raise Http404
    return act_page(
        request,
        patient,
        WithdrawForm,
        lambda form, **sign: signing.withdraw(row, **form.given(), **sign),
        title=f"Withdraw the {row.title.lower()} that waits for a signature",
        submit="Withdraw",
        done="Withdrawn. It stays in the history.",
        danger=True,
    )


def _row(request, request_id) -> SignatureRequest:
    rows = SignatureRequest.objects.for_practice(request.practice)
    related = ("enrollment__patient", "asked_by__user", "asked_of__user", "practice")
    return get_object_or_404(rows.select_related(*related), pk=request_id)
