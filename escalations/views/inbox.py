"""The pages that show escalations: the inbox by urgency, one with its readings and steps, those of a chart."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, may, requires
from escalations import selectors
from escalations.forms import AnswerForm
from escalations.holding import is_over
from escalations.models import Escalation
from escalations.states import Kind, after
from patients.chart_access import open_chart, show_list

PAGE = 25
TABS = {
    "mine": ("Waiting for me", selectors.waiting_for),
    "others": ("Waiting for others", selectors.waiting_for_others),
    "done": ("Done", selectors.done),
}


@require_safe
@requires(Permission.CHART_VIEW)
def inbox(request):
    """Three tabs, a page at a time: `?tab=others&page=2`."""
    tab = request.GET.get("tab") if request.GET.get("tab") in TABS else "mine"
    page = Paginator(TABS[tab][1](request.membership), PAGE).get_page(request.GET.get("page"))
    counts = selectors.how_many_readings(page.object_list)
    for row in page.object_list:
        row.readings = counts[row.pk]
    show_list(request, {row.patient for row in page.object_list})
    tabs = [
        (key, words, find(request.membership).count()) for key, (words, find) in TABS.items() if key != "done"
    ]
    context = {"tab": tab, "tabs": tabs, "page": page, "words": TABS[tab][0]}
    context["may_report"] = may(request.membership, Permission.ESCALATION_REPORT)
    context["month"] = request.practice.today().replace(day=1)
    return render(request, "escalations/inbox.html", context)


def escalation_of(request, escalation_id) -> Escalation:
    """One of this practice, else 404; with a row in the access log."""
    rows = Escalation.objects.for_practice(request.practice).select_related("owner__user")
    row = get_object_or_404(rows, pk=escalation_id)
    row.practice, row.patient = request.practice, open_chart(request, row.patient_id)
    return row


@require_safe
@requires(Permission.CHART_VIEW)
def escalation(request, escalation_id):
    row = escalation_of(request, escalation_id)
    steps = selectors.steps_of(row)
    context = {
        "escalation": row,
        "patient": row.patient,
        "steps": steps,
        "answered": next((step for step in reversed(steps) if step.kind == Kind.ANSWERED), None),
        "is_over": row.is_open and is_over(steps),
        "lines": selectors.readings_of(row),
        "is_mine": row.owner.user_id == request.user.pk,
        **may_take(request.membership, row),
    }
    if context["may_answer"]:
        context["answer_form"] = AnswerForm(initial={"version": row.version})
    return render(request, "escalations/escalation.html", context)


def may_take(member, row: Escalation) -> dict[str, bool]:
    """Which acts the page offers her."""
    works = may(member, Permission.ESCALATION_WORK) and row.is_open and not row.patient.merged
    answers = works and may(member, Permission.CLINICIAN_ANSWER)
    leads = {kind: works and after(kind, row.state) is not None for kind in Kind}
    return {
        "works": works,
        "may_acknowledge": leads[Kind.ACKNOWLEDGED] and (answers or row.state != "referred"),
        "may_refer": leads[Kind.REFERRED],
        "may_answer": answers and leads[Kind.ANSWERED],
    }


@require_safe
@requires(Permission.CHART_VIEW)
def patient_panel(request, patient_id):
    """For the chart: what is open about her, and what was lately."""
    patient = open_chart(request, patient_id)
    context = {
        "patient": patient,
        "escalations": selectors.of_patient(patient),
        "works": may(request.membership, Permission.ESCALATION_WORK) and not patient.merged,
    }
    return render(request, "escalations/_patient.html", context)
