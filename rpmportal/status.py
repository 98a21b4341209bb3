"""How the system is: for administrators, in words; operations have the same as figures in `metrics`."""

from datetime import timedelta

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, requires
from audit.models import InvariantRun
from dispatch import outbox, pulse

# A nightly check that is this old was missed.
OVERDUE = timedelta(hours=30)
OLD_MESSAGE = timedelta(minutes=1)


@require_safe
@requires(Permission.SETTINGS_EDIT)
def status(request):
    at = timezone.now()
    run = InvariantRun.objects.order_by("-started_at").first()
    waiting = outbox.waiting(at=at)
    context = {
        "run": run,
        "run_is_due": run is None or at - run.ended_at > OVERDUE,
        "waiting": waiting,
        "waits_long": waiting.oldest > OLD_MESSAGE,
        "oldest": int(waiting.oldest.total_seconds()),
        "processes": _processes(at),
    }
    return render(request, "pages/status.html", context)


def _processes(at) -> list[dict]:
    """The two that nobody would miss at once, and what stops without them."""
    ages = pulse.ages(at=at)
    parts = (
        ("beat", "Scheduled work", "Without it months do not close by themselves and silent clocks wait."),
        ("relay", "Alerts", "Without it alerts wait."),
    )
    return [
        {
            "name": name,
            "label": label,
            "without": text,
            "alive": (age := ages.get(name)) is not None and age < pulse.DEAD_AFTER,
        }
        for name, label, text in parts
    ]
