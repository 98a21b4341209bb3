"""The queues of work, for administrators: what waits, what failed, and having it done again."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission, requires
from dispatch import queues
from dispatch.operations import once
from foundation.forms import ReasonForm
from foundation.htmx import see_other
from foundation.refusals import Refused

PER_PAGE = 25
# What waits longer is said to be slow.
SLOW_SECONDS = 60
TABS = {"messages": queues.set_aside, "mails": queues.unsent}


@require_safe
@requires(Permission.QUEUES)
def queues_page(request):
    """`?tab=mails&page=2`: messages that were set aside, or e-mails that failed."""
    at, practice = timezone.now(), request.practice
    tab = request.GET.get("tab") if request.GET.get("tab") in TABS else "messages"
    depths = queues.depths()
    topics = queues.waiting_by_topic(practice, at=at)
    context = {
        "tab": tab,
        "page": Paginator(TABS[tab](practice), PER_PAGE).get_page(request.GET.get("page")),
        "topics": topics,
        "oldest": max((topic.seconds for topic in topics), default=None),
        "slow": SLOW_SECONDS,
        "depths": None
        if depths is None
        else [(queues.QUEUES[name], count) for name, count in depths.items()],
        "mails": queues.mails_waiting(practice, at=at),
        "counts": {name: rows(practice).count() for name, rows in TABS.items()},
        "dead_after": queues.DEAD_AFTER,
    }
    return render(request, "dispatch/queues.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.QUEUES)
@once
def message_retry(request, message_id):
    message = get_object_or_404(queues.set_aside(request.practice), pk=message_id)
    return _retry(request, message, queues.retry_message, tab="messages", what=message.words)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.QUEUES)
@once
def mail_retry(request, mail_id):
    mail = get_object_or_404(queues.unsent(request.practice), pk=mail_id)
    what = f"E-mail to {mail.notice.recipient}: {mail.notice.headline}"
    return _retry(request, mail, queues.retry_mail, tab="mails", what=what)


def _retry(request, failed, act, *, tab: str, what: str):
    back = f"{reverse('dispatch:queues')}?tab={tab}"
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act(failed, reason=form.cleaned_data["reason"], by=request.membership, at=timezone.now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "It is tried again now. If it fails again, it comes back to this list.")
            return see_other(back)
    context = {"form": form, "failed": failed, "what": what, "back": back}
    return render(request, "dispatch/retry.html", context, status=422 if form.errors else 200)
