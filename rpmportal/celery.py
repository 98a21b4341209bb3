"""The Celery app, its queues and the whole schedule.

Beat runs in UTC; what is due is decided in each practice's zone.
"""

import os

from celery import Celery, Task
from celery.schedules import crontab

from foundation.practice_scope import nowhere
from rpmportal.crashes import keep_quiet

keep_quiet()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rpmportal.settings")


class ScopedTask(Task):
    """Begins with no practice's rows, whatever the worker did before; the task says whose it needs."""

    def __call__(self, *args, **kwargs):
        with nowhere():
            return super().__call__(*args, **kwargs)


app = Celery("rpmportal", task_cls=ScopedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "send waiting e-mails": {"task": "dispatch.tasks.send_emails", "schedule": 10.0},
    "pause clocks that went silent": {"task": "timelogs.tasks.pause_silent_clocks", "schedule": 30.0},
    "pass on escalations that are past due": {"task": "escalations.tasks.climb", "schedule": 60.0},
    "follow roles that ended": {"task": "staff.tasks.follow_ended_roles", "schedule": 300.0},
    "close months that are due": {"task": "billing.tasks.close_due_months", "schedule": 300.0},
    "say that beat and worker are alive": {
        "task": "dispatch.tasks.pulse",
        "schedule": 20.0,
        "args": ("beat",),
    },
    "check the invariants": {
        "task": "dispatch.tasks.check_invariants",
        "schedule": crontab(minute="0,30"),
    },
    "remove files without a row": {
        "task": "patients.tasks.remove_orphan_files",
        "schedule": crontab(minute="17", hour="3"),
    },
    "delete what open imports hold of people": {
        "task": "intake.tasks.expire_imports",
        "schedule": crontab(minute="27"),
    },
    "empty parked readings that are too old": {
        "task": "monitoring.tasks.empty_parked",
        "schedule": crontab(minute="37", hour="3"),
    },
    "delete answers to old messages": {
        "task": "interchange.tasks.forget_received",
        "schedule": crontab(minute="37", hour="4"),
    },
    # Past midnight and before work begins, from New York to Honolulu.
    "remind of plans to review": {
        "task": "patients.tasks.remind_of_reviews",
        "schedule": crontab(minute="47", hour="10"),
    },
    "remind of tokens that expire": {
        "task": "authentication.tasks.remind_of_expiring_tokens",
        "schedule": crontab(minute="7", hour="11"),
    },
    "remind of hubs' secrets that expire": {
        "task": "interchange.tasks.remind_of_expiring_secrets",
        "schedule": crontab(minute="9", hour="11"),
    },
    "find silent patients": {"task": "escalations.tasks.watch_silence", "schedule": crontab(minute="7")},
    "bring the boards up to date": {"task": "boards.tasks.refresh_marked", "schedule": 60.0},
    "check the boards against their sources": {
        "task": "boards.tasks.check_rows",
        "schedule": crontab(minute="52"),
    },
    "look for months without a contact": {
        "task": "billing.tasks.look_at_last_week",
        "schedule": crontab(minute="17"),
    },
    "reconcile alerts": {"task": "billing.tasks.reconcile_recent", "schedule": 300.0},
}
