"""Each later change of a patient's record: a small form on a page of its own."""

from collections.abc import Callable

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused, StaleRow
from patients import selectors, services
from patients.chart_access import open_chart
from patients.forms import acts
from patients.forms.care_plan import CarePlanForm, as_before
from patients.models import CarePlan, Consent, OfficeVisit
from patients.papers import record_order, usual_review, write_care_plan
from patients.plans import changes, to_come_in_words
from patients.sites import SiteBook, move_patient

page = require_http_methods(["GET", "HEAD", "POST"])
SIGNED_HOW = (
    "A clinician signs it: yourself at once, if you are the one chosen; another finds it in the inbox. "
    "If you have the signed paper before you, enter the date on it, and attach its scan afterwards."
)
REVOKED = (
    "Consent of {0}. From the day of revocation no time counts. If it was recorded by mistake, revoke it from {0}: "
    "then it held on no day."
)
VISIT = (
    "Only a visit that is billed as an evaluation (E/M). By default, monitoring time of that day is not counted. "
    "A patient who only stops by to talk has no visit: log that talk as a session."
)


def act_page(
    request,
    patient,
    form_class,
    do: Callable,
    *,
    title: str,
    submit: str,
    done: str,
    initial: dict | None = None,
    note: str = "",
    danger: bool = False,
    back: str = "",
    beside: dict | None = None,
):
    """Show the form, or do the act and go `back` (to the enrollment page). `do` takes the valid form, who and when.

    `beside`: what else the page shows; `do` may fill it before it refuses.
    """
    at, back = timezone.now(), back or reverse("patients:enrollment", args=[patient.pk])
    today = request.practice.today(at)
    given = request.POST if request.method == "POST" else None
    form = form_class(given, practice=request.practice, today=today, initial=initial or {})
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            do(form, by=request.membership, at=at)
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, done)
            return see_other(back)
    words = {"title": title, "submit": submit, "note": note, "danger": danger, "back": back}
    context = {"patient": patient, "form": form, **words, **(beside or {})}
    return render(request, "patients/act.html", context, status=status)


def today_of(request):
    return request.practice.today()


def current_enrollment(request, patient):
    """The enrollment in effect; acts on one that is over or was never begun are refused."""
    episode = selectors.enrollment_on(patient, today_of(request))
    if episode is None:
        raise Refused("This patient is not enrolled today. Enroll again first.")
    episode.patient, episode.practice = patient, patient.practice
    return episode


@page
@requires(Permission.COVERAGE_EDIT)
@once
def coverage_new(request, patient_id):
    patient = open_chart(request, patient_id)
    return act_page(
        request,
        patient,
        acts.CoverageForm,
        lambda form, **sign: services.change_coverage(patient, form.coverage(), **sign),
        title="Change coverage",
        submit="Save coverage",
        done="Coverage saved.",
        note="The coverage before ends on the day this one begins. The same first day corrects it.",
        initial=_coverage_now(request, patient),
    )


def _coverage_now(request, patient) -> dict:
    now = selectors.coverage_on(patient, today_of(request))
    if now is None:
        return {}
    return {
        "payer": now.payer,
        "plan_name": now.plan_name,
        "member_id": now.member_id,
        "coverage_on": now.starts_on,
    }


@page
@requires(Permission.PATIENT_ENROLL)
@once
def site_change(request, patient_id):
    patient = open_chart(request, patient_id)
    book = SiteBook(request.practice, [patient.pk])
    if not book.several:
        raise Refused("This practice has one site or none: there is nothing to choose.")
    now = book.on(patient.pk, today_of(request))
    return act_page(
        request,
        patient,
        acts.SiteForm,
        lambda form, **sign: move_patient(patient, **form.given(), **sign),
        title="Change site",
        submit="Save the site",
        done="Site saved.",
        note=f"At {now} now. A claim says the site of its day of service; the same first day corrects it."
        if now
        else "",
        initial={"starts_on": today_of(request)},
    )


@page
@requires(Permission.PATIENT_ENROLL)
@once
def consent_new(request, patient_id):
    patient = open_chart(request, patient_id)
    return act_page(
        request,
        patient,
        acts.ConsentForm,
        lambda form, **sign: services.record_consent(patient, form.consent(), **sign),
        title="Record consent",
        submit="Record consent",
        done="Consent recorded.",
        initial={"taken_by": request.membership.pk},
    )


@page
@requires(Permission.PATIENT_ENROLL)
@once
def consent_revoke(request, patient_id, consent_id):
    patient = open_chart(request, patient_id)
    consent = get_object_or_404(
        Consent.objects.for_practice(request.practice), patient=patient, pk=consent_id
    )
    return act_page(
        request,
        patient,
        acts.RevokeForm,
        lambda form, **sign: services.revoke_consent(consent, **form.given(), **sign),
        title="Revoke consent",
        submit="Revoke consent",
        done="Consent revoked. It stays in the record.",
        note=REVOKED.format(f"{consent.given_on:%d-%b-%Y}"),
        initial={"revoked_on": today_of(request)},
        danger=True,
    )


@page
@requires(Permission.PATIENT_ENROLL)
@once
def order_new(request, patient_id):
    patient = open_chart(request, patient_id)
    episode = current_enrollment(request, patient)
    return act_page(
        request,
        patient,
        acts.OrderForm,
        lambda form, **sign: record_order(episode, form.order(), **sign),
        title="An order",
        submit="Save the order",
        done="The order is saved. Unsigned, it went to the clinician.",
        note=SIGNED_HOW,
        initial={"signed_by": episode.ordering_id},
    )


@page
@requires(Permission.PATIENT_ENROLL)
@once
def care_plan_new(request, patient_id):
    return care_plan_page(request, open_chart(request, patient_id))


def care_plan_page(request, patient, *, session_id=None, back: str = ""):
    """The form of the plan's next version. `session_id`: the session that caused it, whose page is `back`."""
    episode = current_enrollment(request, patient)
    today = today_of(request)
    now = selectors.care_plan_on(episode, today)
    beside: dict = {}

    def do(form, **sign):
        over = form.cleaned_data["version"] or 0
        try:
            write_care_plan(episode, form.plan(), session_id=session_id, over=over, **sign)
        except StaleRow:
            # What was typed can be saved once the refusal, and what holds now, was read.
            holds = selectors.care_plan_on(episode, today)
            form.data = form.data.copy()
            form.data["version"] = holds.number if holds else 0
            beside.update(_holds_now(holds, episode.care_plans.filter(number=over).first()))
            raise

    return act_page(
        request,
        patient,
        CarePlanForm,
        do,
        back=back,
        beside=beside,
        title="New version of the care plan",
        submit="Save this version",
        done="The new version is saved. Unsigned, it went to the clinician and holds from her signature on.",
        note=_plan_note(now, selectors.plan_to_come(episode, today)),
        initial={
            "version": now.number if now else 0,
            **as_before(now, [] if now else selectors.ranges_on(patient, today)),
            "effective_on": today,
            "review_by": usual_review(request.practice, today),
            "signed_by": episode.supervising_id or episode.ordering_id,
        },
    )


def _holds_now(holds: CarePlan | None, seen: CarePlan | None) -> dict:
    """The version in effect, and what it changed against the one that was seen when the form was opened."""
    return {
        "written_over": True,
        "holds": holds,
        "seen": seen,
        "changes": changes(holds, seen) if holds and seen else [],
    }


def _plan_note(now: CarePlan | None, later: CarePlan | None) -> str:
    stays = f"Version {now.number} stays as it is." if now else ""
    return " ".join(filter(None, [stays, to_come_in_words(later), SIGNED_HOW]))


@page
@requires(Permission.PATIENT_ENROLL)
@once
def office_visit_new(request, patient_id):
    patient = open_chart(request, patient_id)
    return act_page(
        request,
        patient,
        acts.VisitForm,
        lambda form, **sign: services.record_visit(patient, **form.given(), **sign),
        title="Record an office visit",
        submit="Record visit",
        done="Office visit recorded.",
        note=VISIT,
    )


@page
@requires(Permission.PATIENT_ENROLL)
@once
def office_visit_withdraw(request, patient_id, visit_id):
    patient = open_chart(request, patient_id)
    visit = get_object_or_404(
        OfficeVisit.objects.for_practice(request.practice), patient=patient, pk=visit_id
    )
    return act_page(
        request,
        patient,
        acts.WithdrawForm,
        lambda form, **sign: services.withdraw_visit(visit, **form.given(), **sign),
        title="Withdraw an office visit",
        submit="Withdraw visit",
        done="Office visit withdrawn. It stays in the record.",
        note=f"Office visit of {visit.visited_on:%d-%b-%Y}. Monitoring time of that day may count again.",
        danger=True,
    )
