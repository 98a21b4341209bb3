"""What people do about an escalation, each on its small page."""

from collections.abc import Callable

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Permission, requires
from accounts.practice_policies import policies_for
from dispatch.operations import once
from escalations import acts, forms, owners, silence
from escalations.models import Cause, Escalation
from escalations.states import Kind, why_not
from escalations.views.inbox import escalation_of
from foundation.htmx import see_other
from foundation.refusals import OperationReused, Refused, refuse_if
from monitoring.models import Reading
from patients.chart_access import open_chart
from patients.selectors import latest_enrollment

page = require_http_methods(["GET", "HEAD", "POST"])
# So many of the latest readings go along with what a person escalates.
LATEST = 5


@require_POST
@requires(Permission.ESCALATION_WORK)
@once
def acknowledge(request, escalation_id):
    row = escalation_of(request, escalation_id)
    acts.acknowledge(row, by=request.membership, at=timezone.now(), version=_version(request))
    messages.success(request, "Acknowledged. It is yours now.")
    return see_other(reverse("escalations:escalation", args=[row.pk]))


def _version(request) -> int:
    """What the page showed."""
    sent = request.POST.get("version", "")
    if not sent.isdecimal() or len(sent) > 9:
        raise Refused("This form was not sent whole. Reload the page, then send it again.")
    return int(sent)


@page
@requires(Permission.ESCALATION_WORK)
@once
def refer(request, escalation_id):
    row = escalation_of(request, escalation_id)
    people = owners.clinicians(request.practice, timezone.now()).exclude(user=request.user)
    asked = latest_enrollment(row.patient)
    form = _form(request, forms.ReferForm, row, people=people, to=asked and asked.supervising_id)
    words = {"title": "Refer to a clinician", "submit": "Send it", "kind": Kind.REFERRED}
    return _act(request, row, form, acts.refer, done="Sent. It waits for an answer.", **words)


@page
@requires(Permission.CLINICIAN_ANSWER)
@once
def answer(request, escalation_id):
    row = escalation_of(request, escalation_id)
    words = {"title": "Answer", "submit": "Send the answer", "kind": Kind.ANSWERED}
    done = "Answered. It is with who carries it out."
    return _act(request, row, _form(request, forms.AnswerForm, row), acts.answer, done=done, **words)


@page
@requires(Permission.ESCALATION_WORK)
@once
def hand_over(request, escalation_id):
    row = escalation_of(request, escalation_id)
    people = owners.workers(request.practice, timezone.now()).exclude(user=row.owner.user_id)
    form = _form(request, forms.HandOverForm, row, people=people)
    words = {"title": "Hand over", "submit": "Hand it over", "kind": Kind.HANDED_OVER}
    return _act(request, row, form, acts.hand_over, done="Handed over. Your colleague was told.", **words)


@page
@requires(Permission.ESCALATION_WORK)
@once
def note(request, escalation_id):
    row = escalation_of(request, escalation_id)
    words = {"title": "Add a note", "submit": "Add the note", "kind": Kind.NOTED, "versioned": False}
    return _act(request, row, _form(request, forms.NoteForm, row), acts.note, done="Noted.", **words)


@page
@requires(Permission.ESCALATION_WORK)
@once
def attempt(request, escalation_id):
    row = escalation_of(request, escalation_id)
    words = {
        "title": "Record a call or message",
        "submit": "Record it",
        "kind": Kind.ATTEMPTED,
        "versioned": False,
    }
    return _act(request, row, _form(request, forms.AttemptForm, row), acts.attempt, done="Recorded.", **words)


@page
@requires(Permission.ESCALATION_WORK)
@once
def resolve(request, escalation_id):
    row = escalation_of(request, escalation_id)
    words = {"title": "Resolve", "submit": "Resolve it", "kind": Kind.RESOLVED}
    form = _form(request, forms.EndOfSilenceForm if row.cause == Cause.SILENCE else forms.ResolveForm, row)
    if isinstance(form, forms.EndOfSilenceForm):
        form.say_pause(silence.pause(policies_for(request.practice, on=request.practice.today())))
    return _act(request, row, form, acts.resolve, done="Resolved.", **words)


def _form(request, kind: type[forms.StepForm], row: Escalation, *, people=None, **initial) -> forms.StepForm:
    return kind(request.POST or None, people=people, initial={"version": row.version, **initial})


def _act(
    request, row: Escalation, form, do: Callable, *, done: str, kind: Kind, versioned: bool = True, **words
):
    """Show the form, or take the step and go back to the escalation."""
    if request.method != "POST":
        refuse_if(why_not(kind, row.state))

    def act():
        seen = {"version": form.cleaned_data["version"] or 0} if versioned else {}
        do(row, **form.given(), **seen, by=request.membership, at=timezone.now())

    own = reverse("escalations:escalation", args=[row.pk])
    back = reverse("escalations:silent") if row.cause == Cause.SILENCE else own
    return _answer(request, form, act, done=done, to=back, escalation=row, patient=row.patient, **words)


def _answer(request, form, act: Callable[[], None], *, done: str, to: str, **context):
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            act()
        except OperationReused:
            raise
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
            # What was typed stays; the next press is about what this answer shows.
            if row := context.get("escalation"):
                form.data = {**form.data.dict(), "version": row.version}
        else:
            messages.success(request, done)
            return see_other(to)
    return render(request, "escalations/act.html", {**context, "form": form, "back": to}, status=status)


@page
@requires(Permission.ESCALATION_WORK)
@once
def escalate(request, patient_id):
    """By hand, from a chart: the latest readings go along."""
    patient, at = open_chart(request, patient_id), timezone.now()
    asked = latest_enrollment(patient)
    form = forms.EscalateForm(
        request.POST or None,
        people=owners.workers(request.practice, at).exclude(user=request.user),
        initial={"to": asked and asked.supervising_id, "urgency": "today"},
    )
    readings = _latest(patient)

    def act():
        acts.escalate(patient, **form.escalation(), readings=readings, by=request.membership, at=at)

    words = {"title": "Escalate", "submit": "Send it", "patient": patient, "readings": readings}
    done = "Escalated. You see under “Waiting for others” when it is acknowledged."
    return _answer(request, form, act, done=done, to=reverse("chart", args=[patient.pk]), **words)


def _latest(patient) -> list[Reading]:
    rows = Reading.objects.for_practice(patient.practice).filter(patient=patient, excluded_reason="")
    return list(rows.select_related("device").order_by("-taken_at")[:LATEST])
