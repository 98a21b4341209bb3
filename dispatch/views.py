"""The inbox and the bell."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, requires
from audit.access import record_access
from audit.models import Action
from dispatch import inbox
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused

_LARGEST_ID = 2**63 - 1
TABS = {"waiting": inbox.waiting, "done": inbox.done}


@require_safe
@requires(Permission.INBOX)
def inbox_page(request):
    """Two tabs, newest first, a page at a time: `?tab=done&before=123`."""
    tab = request.GET.get("tab") if request.GET.get("tab") in TABS else "waiting"
    start = request.GET.get("before", "")
    rows, older = inbox.before(
        TABS[tab](request.user, request.practice),
        int(start) if start.isdecimal() and len(start) < 19 else None,
    )
    shown = {notice.patient_id for notice in rows if notice.patient_id}
    record_access(request.practice, route="dispatch:inbox", patient_ids=shown, action=Action.LIST)
    groups = inbox.by_kind_and_day(request.practice, rows)
    return render(request, "dispatch/inbox.html", {"tab": tab, "groups": groups, "older": older})


@require_safe
@requires(Permission.INBOX)
def bell(request):
    """The bell's count and list, swapped in beside whatever the person is doing."""
    return render(request, "dispatch/_bell.html", {"unread": inbox.unread(request.user, request.practice)})


@require_POST
@requires(Permission.INBOX)
@once
def notice_read(request, notice_id):
    notice = get_object_or_404(inbox.notices_of(request.user, request.practice), pk=notice_id)
    inbox.mark_read(notice, at=timezone.now())
    messages.success(request, "Marked as read. It is under Done.")
    return see_other(reverse("dispatch:inbox"))


class GroupForm(forms.Form):
    """Which notices *Mark all read* means: a kind, and the ids at both ends of what was shown."""

    kind = forms.CharField(max_length=30)
    oldest = forms.IntegerField(min_value=1, max_value=_LARGEST_ID)
    newest = forms.IntegerField(min_value=1, max_value=_LARGEST_ID)


@require_POST
@requires(Permission.INBOX)
@once
def notices_read(request):
    """All of a folded line at once."""
    form = GroupForm(request.POST)
    if not form.is_valid():
        raise Refused("Press “Mark all read” in the inbox again: the page sent was not whole.")
    count = inbox.mark_all_read(request.user, request.practice, at=timezone.now(), **form.cleaned_data)
    messages.success(request, f"{count} marked as read. They are under Done.")
    return see_other(reverse("dispatch:inbox"))
