"""The inbox and the bell."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission, requires
from accounts.preferences import choose, preferences_of
from audit.access import record_access
from audit.models import Action
from dispatch import inbox
from dispatch.forms import AlertSettingsForm
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.local_time import on_clock
from foundation.refusals import Refused

_LARGEST_ID = 2**63 - 1
TABS = {"waiting": inbox.waiting, "snoozed": inbox.snoozed, "done": inbox.done}


@require_safe
@requires(Permission.INBOX)
def inbox_page(request):
    """Three tabs, newest first, a page at a time: `?tab=done&before=123`. `?kind=&fold=` opens one folded line."""
    tab, at = request.GET.get("tab") if request.GET.get("tab") in TABS else "waiting", timezone.now()
    notices = TABS[tab](request.membership, at=at)
    opened = _opened(request, notices) if tab == "waiting" else None
    folds = inbox.folds(notices) if tab == "waiting" and opened is None else []
    if opened is not None:
        notices = inbox.within(notices, opened.kind, opened.fold)
    place = inbox.Place.of(request.GET.get("before", ""))
    rows, older = inbox.page_of(inbox.without(notices, folds), place, urgent_first=tab != "done")
    shown = {notice.patient_id for notice in rows if notice.patient_id}
    record_access(request, shown, action=Action.LIST)
    context = {"tab": tab, "folds": [] if place else folds, "opened": opened, "older": older, "at": at}
    others = inbox.others(request.membership, rows)
    context["lines"] = [(notice, others.get(notice.cause, inbox.Others())) for notice in rows]
    return render(request, "dispatch/inbox.html", context | {"snoozes": inbox.SNOOZES.items()})


def _opened(request, notices) -> inbox.Fold | None:
    """The folded line that the address names, with what it holds now; None where it is none any more."""
    wanted = (request.GET.get("kind", ""), request.GET.get("fold", ""))
    found = [fold for fold in inbox.folds(notices) if (fold.kind, fold.fold) == wanted] if wanted[0] else []
    return found[0] if found else None


@require_safe
@requires(Permission.INBOX)
def bell(request):
    """The bell's count and list, swapped in beside whatever the person is doing; nothing where nothing changed."""
    unread = inbox.unread(request.membership)
    if request.GET.get("seen") == str(unread.mark):
        return HttpResponse(status=204)
    return render(request, "dispatch/_bell.html", {"unread": unread})


def _notice(request, notice_id):
    return get_object_or_404(inbox.notices_of(request.membership), pk=notice_id)


@require_POST
@requires(Permission.INBOX)
@once
def notice_read(request, notice_id):
    inbox.mark_read(_notice(request, notice_id), at=timezone.now())
    messages.success(request, "Marked as read. It is under Done.")
    return see_other(reverse("dispatch:inbox"))


@require_POST
@requires(Permission.INBOX)
@once
def notice_done(request, notice_id):
    """Seen to. Whoever was told of the same sees by whom."""
    inbox.mark_done(_notice(request, notice_id), at=timezone.now())
    messages.success(request, "Done. Whoever was told of it too sees that you saw to it.")
    return see_other(reverse("dispatch:inbox"))


@require_POST
@requires(Permission.INBOX)
@once
def notice_snooze(request, notice_id):
    """Out of the way until a time; `until=now` brings it back."""
    notice, choice, at = _notice(request, notice_id), request.POST.get("until", ""), timezone.now()
    if choice == "now":
        inbox.wake(notice, at=at)
        messages.success(request, "It waits in your inbox again.")
        return see_other(f"{reverse('dispatch:inbox')}?tab=snoozed")
    if choice not in inbox.SNOOZES:
        raise Refused("Choose until when: the page sent was not whole.")
    until = inbox.snooze(notice, choice, at=at)
    when = on_clock(until, tz=request.practice.tz, form="%d-%b %H:%M")
    messages.success(request, f"It comes back on {when}. Until then it is under Snoozed.")
    return see_other(reverse("dispatch:inbox"))


class GroupForm(forms.Form):
    """Which notices *Mark all read* means: what they say, the ids at both ends of what was shown, and when."""

    kind = forms.CharField(max_length=30)
    fold = forms.CharField(max_length=80, required=False)
    oldest = forms.IntegerField(min_value=1, max_value=_LARGEST_ID)
    newest = forms.IntegerField(min_value=1, max_value=_LARGEST_ID)
    shown = forms.DateTimeField()


@require_POST
@requires(Permission.INBOX)
@once
def notices_read(request):
    """All of a folded line at once."""
    form = GroupForm(request.POST)
    if not form.is_valid():
        raise Refused("Press “Mark all read” in the inbox again: the page sent was not whole.")
    count = inbox.mark_all_read(request.membership, at=timezone.now(), **form.cleaned_data)
    messages.success(request, f"{count} marked as read. They are under Done.")
    return see_other(reverse("dispatch:inbox"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.INBOX)
@once
def alert_settings(request):
    """How her alerts come by e-mail: once a day together, or each at once."""
    form = AlertSettingsForm(request.POST or None, initial=vars(preferences_of(request.user)))
    if request.method == "POST" and form.is_valid():
        choose(request.user, **form.given())
        messages.success(request, "Your settings are saved.")
        return see_other(reverse("dispatch:alert_settings"))
    return render(request, "dispatch/settings.html", {"form": form}, status=422 if form.errors else 200)
