"""The running clock. Its truth is on the server; the page draws it and says that it is still there."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, requires
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused
from timelogs.clock import acts as clocks
from timelogs.clock.status import GapView, clock_view
from timelogs.forms.clock import IdleForm
from timelogs.models import TimeEntry
from timelogs.note.conflicts import Conflict, save_note
from timelogs.views.answers import draft_page, gap_form, note_form, parts, put_errors
from timelogs.views.drafts import conflict_answer
from timelogs.views.loading import entry_of, open_entry, own
from timelogs.views.sessions import other_clock


@require_safe
@requires(Permission.TIME_LOG)
def session_live(request, entry_id):
    """The clock and the month's line of one's own draft, for the script."""
    entry = own(request, entry_of(request, entry_id))
    return parts(request, "_live.html", entry, at=timezone.now())


@require_POST
@requires(Permission.TIME_LOG)
@transaction.non_atomic_requests
def session_heartbeat(request, entry_id):
    """Every few seconds while the page is open. Says how the clock stands; the page redraws it when that changed.

    It is the commonest request of all: it has its one transaction in the act, and loads no model.
    """
    had_input = request.headers.get("X-Input") == "1"
    try:
        beat = clocks.heartbeat(entry_id, had_input=had_input, by=request.membership, at=timezone.now())
    except TimeEntry.DoesNotExist:
        raise Http404 from None
    except clocks.NotHers as refusal:
        raise PermissionDenied(refusal.message) from None
    except Refused as refusal:
        return JsonResponse({"state": "ended", "message": refusal.message})
    return JsonResponse(
        {"state": beat.state, "seconds": beat.seconds, "running": beat.running, "counted": beat.counted}
    )


def acts_on_clock(act):
    """A button of the clock: save what came with it, act once, show the page again (to the script: its live parts).

    The note has a transaction of its own: an act that is refused loses no word.
    """

    @require_POST
    @requires(Permission.TIME_LOG)
    @transaction.non_atomic_requests
    @wraps(act)
    def view(request, entry_id):
        at = timezone.now()
        with transaction.atomic():
            entry = own(request, open_entry(request, entry_id))
            form = note_form(request, entry, at=at) if "said" in request.POST else None
            try:
                entry = _keep(request, entry, form, at=at)
            except Conflict as conflict:
                return conflict_answer(request, conflict, form, at=at)
            except Refused as refusal:
                return _refused(request, entry_id, refusal, at=at)
        return _act(request, entry_id, act=act, entry=entry, at=at)

    view.once = True
    return view


def _keep(request, entry, form, *, at):
    if form is None:
        return entry
    version = form.cleaned_data.get("version")
    return save_note(entry, note=form.note, version=version, by=request.membership, at=at)[0]


@once
def _act(request, entry_id, *, act, entry, at):
    try:
        act(request, entry, at)
    except clocks.ClockRunning as running:
        return _other_clock(request, entry, running, at=at)
    except Refused as refusal:
        return _refused(request, entry_id, refusal, at=at)
    return see_other(
        reverse("timelogs:session_live" if request.htmx else "timelogs:session", args=[entry.pk])
    )


def _other_clock(request, entry, running, *, at):
    where = {
        "action": reverse("timelogs:session_fix", args=[entry.pk]),
        "cancel": reverse("timelogs:session", args=[entry.pk]),
        "verb": "go on with",
    }
    return other_clock(request, running, entry.patient, at=at, **where)


def _refused(request, entry_id, refusal: Refused, *, at):
    entry = entry_of(request, entry_id)
    if request.htmx:
        return parts(request, "_live.html", entry, at=at, status=refusal.status, refusal=refusal)
    form = note_form(request, entry, at=at) if "said" in request.POST else None
    if form:
        put_errors(form, refusal)
    return draft_page(request, entry, at=at, form=form, status=refusal.status, refusal=refusal)


@acts_on_clock
def session_pause(request, entry, at):
    """At the moment when the press arrived: what a busy server took to get to it was not worked."""
    clocks.pause(entry, by=request.membership, at=request.received_at)


@acts_on_clock
def session_resume(request, entry, at):
    clocks.resume(entry, by=request.membership, at=at)


@acts_on_clock
def session_fix(request, entry, at):
    """The way out that a refusal offered: pause the other session and go on with this one."""
    clocks.resume(entry, by=request.membership, at=at, switch=True)


@acts_on_clock
def session_on_call(request, entry, at):
    """On the phone, or off it again (`on` is 1 or 0)."""
    clocks.set_on_call(entry, on=request.POST.get("on") == "1", by=request.membership, at=at)


@acts_on_clock
def session_idle_answer(request, entry, at):
    """“Still working?”: keep the time in doubt, leave it out, or stop where it began."""
    form = IdleForm(request.POST)
    if not form.is_valid():
        raise Refused("Choose one of the three answers.")
    # As a pause: it ends what counts.
    answer = form.cleaned_data["answer"]
    clocks.answer_question(entry, answer=answer, by=request.membership, at=request.received_at)


@acts_on_clock
def session_claim_gap(request, entry, at):
    """Time that silence left out: `gap` is added with its reason, `leave` is left out for good."""
    if gap := _gap(request, entry, "leave", at=at):
        clocks.leave_gap(entry, gap.id, by=request.membership, at=at)
    elif gap := _gap(request, entry, "gap", at=at):
        form = gap_form(request, gap)
        if not form.is_valid():
            raise Refused(next(iter(form.errors.values()))[0])
        added = {"seconds": form.seconds, "reason": form.cleaned_data["reason"]}
        clocks.claim_gap(entry, gap.id, by=request.membership, at=at, **added)
    else:
        raise Refused("These minutes were answered for already. Nothing was added.")


def _gap(request, entry, name: str, *, at) -> GapView | None:
    """The waiting gap that was pressed."""
    view = clock_view(entry, at=at)
    return next((g for g in view.gaps if str(g.id) == request.POST.get(name)), None) if view else None
