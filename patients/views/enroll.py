"""Enrolling a patient, and the page of what was given and recorded."""

from datetime import date

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Membership
from accounts.permissions import Permission, may, requires
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused
from patients import enrolling, selectors
from patients.chart_access import open_chart, show_list
from patients.completeness import missing_parts
from patients.forms.enroll import EnrollForm, ProgramFields
from patients.forms.fields import ZONES
from patients.models import (
    Attachment,
    CarePlan,
    Consent,
    Coverage,
    DeviceAssignment,
    Diagnosis,
    Enrollment,
    InstitutionStay,
    OfficeVisit,
    Order,
    OtherService,
    SurgicalGlobal,
    TargetRange,
)
from patients.plans import changes, plan_among, to_come_in_words
from patients.policies import why_not_withdraw_paper
from patients.sites import SiteBook


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PATIENT_ENROLL)
@once
def patient_new(request):
    """Four groups on one page; one save."""
    at = timezone.now()
    today = request.practice.today(at)
    given = request.POST if request.method == "POST" else None
    form = EnrollForm(given, practice=request.practice, today=today, initial=_usual(request, today))
    twins = []
    if form.is_bound and form.is_valid():
        try:
            patient = _enroll(request, form, at)
        except Refused as refusal:
            form.refuse(refusal)
            if refusal.field == "another_person":
                form.ask_whether_another_person()
                twins = _twins(request, form)
        else:
            messages.success(request, f"{patient} is enrolled.")
            return see_other(reverse("chart", args=[patient.pk]))
    context = {"form": form, "twins": twins}
    return render(request, "patients/new.html", context, status=422 if form.is_bound else 200)


def _enroll(request, form: EnrollForm, at):
    return enrolling.enroll(
        request.practice,
        who=form.who(),
        program=form.program(),
        payer=form.payer_given(),
        device=form.device(),
        another_person=form.cleaned_data["another_person"],
        by=request.membership,
        at=at,
    )


def _usual(request, today) -> dict:
    """What is most often so: today, taken by the person enrolling, by the wording used last."""
    last = Consent.objects.for_practice(request.practice).order_by("-given_on").first()
    return {
        "started_on": today,
        "consent_taken_by": request.membership.pk,
        "setup_by": request.membership.pk,
        "consent_wording": last.wording if last else "",
    }


def _twins(request, form: EnrollForm) -> list:
    who = form.cleaned_data
    names = {name: who[name] for name in ("family_name", "given_name", "born_on")}
    twins = list(selectors.same_person(request.practice, **names))
    show_list(request, twins)
    return twins


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PATIENT_ENROLL)
@once
def enrollment_new(request, patient_id):
    """Enroll a patient who was here before."""
    at = timezone.now()
    patient = open_chart(request, patient_id)
    today = request.practice.today(at)
    given = request.POST if request.method == "POST" else None
    form = ProgramFields(given, practice=request.practice, today=today, initial=_usual(request, today))
    if form.is_bound and form.is_valid():
        try:
            enrolling.begin(patient, form.program(), device=form.device(), by=request.membership, at=at)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"{patient} is enrolled again.")
            return see_other(reverse("chart", args=[patient.pk]))
    context = {"form": form, "patient": patient}
    return render(request, "patients/again.html", context, status=422 if form.is_bound else 200)


@require_safe
@requires(Permission.CHART_VIEW)
def enrollment(request, patient_id):
    """Who, payer, permission, plan and devices, with what is missing and every act on them."""
    patient = open_chart(request, patient_id)
    today = request.practice.today()
    episode = selectors.latest_enrollment(patient)
    own = {"practice": request.practice, "patient": patient}
    sites = SiteBook(request.practice, [patient.pk])
    context = {
        "patient": patient,
        "can_enroll": not patient.merged and may(request.membership, Permission.PATIENT_ENROLL),
        "can_cover": not patient.merged and may(request.membership, Permission.COVERAGE_EDIT),
        "can_merge": not patient.merged and may(request.membership, Permission.RECORDS_MERGE),
        "can_answer": may(request.membership, Permission.CLINICIAN_ANSWER),
        "has_sites": sites.several,
        "who": [*_who(patient), *_site(sites, patient, today)],
        "episode": episode,
        "current": episode is not None and (episode.ended_on is None or episode.ended_on > today),
        "today": today,
        "missing": missing_parts(request.practice, [patient.pk], today).get(patient.pk, []),
        "coverages": Coverage.objects.filter(**own).with_payer().order_by("-starts_on"),
        "consents": Consent.objects.filter(**own).select_related("taken_by__user").order_by("-given_on"),
        "ranges": TargetRange.objects.filter(**own).order_by("measure", "-starts_on"),
        "visits": OfficeVisit.objects.filter(**own).order_by("-visited_on")[:24],
        "assignments": _assignments(own),
        "services": OtherService.objects.filter(**own).order_by("-service_on", "code"),
        "surgeries": _surgeries(own),
        "stays": InstitutionStay.objects.filter(**own).order_by("-admitted_on"),
        "waiting": selectors.papers_waiting(patient),
        "attachments": Attachment.objects.filter(**own)
        .select_related("added_by__user")
        .order_by("-added_at")[:24],
        **_of(episode, request.membership, today),
    }
    return render(request, "patients/enrollment.html", context)


def _assignments(own: dict):
    return (
        DeviceAssignment.objects.filter(**own)
        .select_related("device", "setup_by__user")
        .order_by("-starts_on")
    )


def _surgeries(own: dict):
    return SurgicalGlobal.objects.filter(**own).select_related("attested_by__user").order_by("-starts_on")


def _site(sites: SiteBook, patient, today) -> list[tuple]:
    """Where she is cared for today, in a practice with several sites."""
    return [("Site", sites.on(patient.pk, today))] if sites.several else []


def _who(patient) -> list[tuple]:
    zone = ZONES.get(
        patient.time_zone or patient.practice.time_zone, patient.time_zone or patient.practice.time_zone
    )
    return [
        ("Name", patient),
        ("Date of birth", f"{patient.born_on:%d-%b-%Y}"),
        ("Sex", patient.get_sex_display()),
        ("MRN", patient.mrn),
        ("Phone", patient.phone),
        ("Language", patient.language),
        ("Time zone", zone),
    ]


def _program(episode: Enrollment, codes: list[str]) -> list[tuple]:
    facts = [
        ("Enrolled on", f"{episode.started_on:%d-%b-%Y}"),
        ("Ordering clinician", episode.ordering),
        ("Supervising clinician", episode.supervising),
        ("Diagnoses", ", ".join(codes)),
        ("Why it is needed", episode.necessity),
        ("Last visit", episode.last_visit_on and f"{episode.last_visit_on:%d-%b-%Y}"),
    ]
    if episode.ended_on:
        facts.append(("Ended", f"{episode.ended_on:%d-%b-%Y}: {episode.end_reason}"))
    return facts


def _signed(papers, by: Membership, today: date) -> list:
    """Orders or plans, each with whether this person may withdraw it."""
    rows = list(papers.select_related("signed_by__user", "seen_by__user"))
    gone = selectors.signers_gone(by.practice_id, rows, today)
    for row in rows:
        row.withdrawable = not why_not_withdraw_paper(row, by=by, gone=gone)
    return rows


def _of(episode: Enrollment | None, by: Membership, today: date) -> dict:
    if episode is None:
        return {}
    own = {"practice": episode.practice_id, "enrollment": episode}
    diagnoses = Diagnosis.objects.filter(**own, withdrawn=False).order_by("position")
    plans = _signed(CarePlan.objects.filter(**own).select_related("author__user"), by, today)
    return {
        "orders": _signed(Order.objects.filter(**own).order_by("-signed_on", "-pk"), by, today),
        "plans": _with_changes(plans),
        "last_plan": plan_among(plans, today),
        "plan_to_come": to_come_in_words(selectors.plan_to_come(episode, today)),
        "program": _program(episode, list(diagnoses.values_list("code", flat=True))),
    }


def _with_changes(plans: list[CarePlan]) -> list[tuple[CarePlan, list[str], CarePlan | None]]:
    """(version, what it changed, against which one before that stands), the newest first."""
    found = []
    for place, plan in enumerate(plans, start=1):
        before = next((each for each in plans[place:] if not each.withdrawn_at), None)
        found.append((plan, changes(plan, before) if before else [], before))
    return found
