"""`manage.py mllp`, except that it dies by SIGKILL behind the commit and before the answer, when DIE_FILE exists."""

import os
import signal
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from interchange.management.commands import mllp  # noqa: E402

real = mllp.exchange


def exchange_and_die(*args, **kwargs):
    answer = real(*args, **kwargs)
    flag = Path(os.environ["DIE_FILE"])
    if flag.exists():
        flag.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return answer


mllp.exchange = exchange_and_die
call_command("mllp")
