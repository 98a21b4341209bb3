"""Pages of target ranges: one set, given by a template or reviewed; the list to review; the practice's templates."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission, may, requires
from dispatch.operations import once
from foundation.forms import ReasonForm
from foundation.htmx import see_other
from foundation.refusals import Refused
from patients import range_reviews, range_templates, services
from patients.chart_access import open_chart, show_list
from patients.forms import ranges as forms
from patients.models import BOUNDS, RangeTemplate, TargetRange
from patients.selectors import ranges_on
from patients.views.acts import act_page

page = require_http_methods(["GET", "HEAD", "POST"])
PER_PAGE = 25


@page
@requires(Permission.PATIENT_ENROLL)
@once
def range_new(request, patient_id):
    """A range by hand, or one of the practice's templates beside it."""
    patient = open_chart(request, patient_id)
    today = request.practice.today()
    return act_page(
        request,
        patient,
        forms.RangeForm,
        lambda form, by, at: services.set_range(
            patient,
            form.goal(),
            starts_on=form.cleaned_data["starts_on"],
            reason=form.cleaned_data["reason"],
            by=by,
            at=at,
        ),
        title="Set a target range",
        submit="Save range",
        done="Target range saved.",
        note="The range before ends on the day this one begins. The same first day corrects it.",
        initial={"starts_on": today, **_as_now(patient, request.GET.get("measure", ""), today)},
        beside={"range_templates": range_templates.offered(patient, today)},
    )


def _as_now(patient, measure: str, today) -> dict:
    """What holds for the measure, to be changed where it changes."""
    held = next((row for row in ranges_on(patient, today) if row.measure == measure), None)
    return {"measure": measure, **({name: getattr(held, name) for name in BOUNDS} if held else {})}


@require_POST
@requires(Permission.PATIENT_ENROLL)
@once
def range_by_template(request, patient_id, template_id):
    """One press: from today on as the template says."""
    patient = open_chart(request, patient_id)
    template = _template(request, template_id)
    try:
        range_templates.range_by(template, patient, by=request.membership, at=timezone.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
        return see_other(reverse("patients:range_new", args=[patient.pk]))
    messages.success(request, f"The range is set by the template {template}.")
    return see_other(reverse("patients:enrollment", args=[patient.pk]) + "#ranges")


@page
@requires(Permission.PATIENT_ENROLL)
@once
def range_reviewed(request, patient_id, range_id):
    """It was looked at and stays as it is."""
    patient = open_chart(request, patient_id)
    rows = TargetRange.objects.for_practice(request.practice).select_related("practice")
    row = get_object_or_404(rows, pk=range_id, patient=patient)
    next_on = services.usual_range_review(request.practice, request.practice.today())
    return act_page(
        request,
        patient,
        forms.RangeReviewForm,
        lambda form, by, at: range_reviews.keep(
            row,
            review_by=form.cleaned_data["review_by"],
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
            by=by,
            at=at,
        ),
        title=f"Review the range of {row.get_measure_display().lower()}",
        submit="It stays as it is",
        done="Range reviewed.",
        note="If it no longer fits, go back and set another one.",
        initial={"review_by": next_on, "version": row.version},
        beside={"reviewed": row, "today": request.practice.today()},
    )


@require_safe
@requires(Permission.PATIENT_ENROLL)
def ranges_to_review(request):
    """Whose range is to be looked at again, the longest over first."""
    form = forms.RangeReviewFilter(request.GET)
    form.is_valid()
    asked, today = form.cleaned_data, request.practice.today()
    soon = {"ahead": range_reviews.SOON} if asked.get("when") else {}
    rows = range_reviews.to_review(request.practice, today, **soon)
    if asked.get("measure"):
        rows = rows.filter(measure=asked["measure"])
    found = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    show_list(request, [row.patient for row in found.object_list])
    context = {"page": found, "form": form, "today": today, "filtered": any(asked.values())}
    return render(request, "patients/ranges_to_review.html", context)


# The practice's templates ---------------------------------------------------------------------------------------


@require_safe
@requires(Permission.RANGE_TEMPLATES)
def templates(request):
    """Every template, retired ones last."""
    rows = range_templates.templates_of(request.practice)
    reviews = may(request.membership, Permission.PATIENT_ENROLL)
    return render(request, "patients/range_templates.html", {"templates": rows, "reviews": reviews})


@page
@requires(Permission.RANGE_TEMPLATES)
@once
def template_new(request):
    form = _form(request, forms.TemplateForm)
    words = {"title": "Add a template", "submit": "Add the template"}
    return _template_act(
        request,
        form,
        lambda: range_templates.add_template(request.practice, form.template()),
        done="{0} was added.",
        **words,
    )


@page
@requires(Permission.RANGE_TEMPLATES)
@once
def template_change(request, template_id):
    template = _template(request, template_id)
    kept = ("name", "diagnosis", "measure", "review_days", "version", *BOUNDS)
    form = _form(request, forms.TemplateChangeForm, {name: getattr(template, name) for name in kept})

    def do():
        values = form.cleaned_data
        return range_templates.change_template(
            template, form.template(), reason=values["reason"], version=values["version"]
        )

    note = "Ranges that were set by it before stay as they are."
    words = {"title": f"Change {template}", "submit": "Save", "note": note}
    return _template_act(request, form, do, done="{0} was changed.", **words)


@page
@requires(Permission.RANGE_TEMPLATES)
@once
def template_retire(request, template_id):
    template = _template(request, template_id)
    form = ReasonForm(request.POST or None, initial={"version": template.version})

    def do():
        values = form.cleaned_data
        return range_templates.retire_template(template, reason=values["reason"], version=values["version"])

    note = "It is offered no longer. Ranges that were set by it stay as they are."
    words = {"title": f"Retire {template}", "submit": "Retire the template", "note": note, "danger": True}
    return _template_act(request, form, do, done="{0} was retired.", **words)


def _template(request, template_id) -> RangeTemplate:
    rows = RangeTemplate.objects.for_practice(request.practice).select_related("practice")
    return get_object_or_404(rows, pk=template_id)


def _form(request, form_class, initial: dict | None = None):
    given = request.POST if request.method == "POST" else None
    return form_class(given, practice=request.practice, today=request.practice.today(), initial=initial or {})


def _template_act(request, form, do: Callable[[], RangeTemplate], *, done: str, **context):
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            template = do()
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, done.format(template))
            return see_other(reverse("patients:range_templates"))
    context |= {"form": form, "back": reverse("patients:range_templates")}
    return render(request, "staff/act.html", context, status=status)
