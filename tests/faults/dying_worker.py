"""The Celery app, except that a worker dies whole by SIGKILL after its work's commit and before its acknowledgement.

It dies when the file named by DIE_FILE exists, and removes it first. Unacknowledged messages come back after 2 s.
"""

import os
import signal
from pathlib import Path

import django

django.setup()

from dispatch import outbox  # noqa: E402
from rpmportal.celery import app  # noqa: E402

app.conf.broker_transport_options = {
    **app.conf.broker_transport_options,
    "visibility_timeout": 2,
    "unacked_restore_interval": 1,
}
work = outbox.deliver


def work_and_die(message_id: int) -> bool:
    done = work(message_id)
    flag = Path(os.environ["DIE_FILE"])
    if flag.exists():
        flag.unlink()
        os.killpg(os.getpgid(0), signal.SIGKILL)
    return done


outbox.deliver = work_and_die
