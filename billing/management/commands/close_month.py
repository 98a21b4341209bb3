"""`close_month YYYY-MM --practice SLUG`: close a month and stay until it is done."""

from time import sleep

from django.core.management.base import CommandError
from django.utils import timezone

from billing.close import acts as close
from billing.close import runs
from billing.management.month_command import MonthCommand
from billing.models import CloseRun, RunState
from dispatch import outbox
from foundation.context import acting

PATIENCE = 0.2


class Command(MonthCommand):
    help = "Close a month of a practice: decides every patient and makes the claims. Running it twice changes nothing."

    def for_month(self, practice, month):
        with acting("system: close_month"):
            run = close.start_close(practice, month, by=None, at=timezone.now())
        self._work(run)

    def _work(self, run: CloseRun) -> None:
        """Do the waiting chunks here; one that a worker has taken is waited for."""
        while run.state == RunState.RUNNING:
            message = runs.waiting_messages(run).first()
            if message is None or not outbox.deliver(message.pk):
                sleep(PATIENCE)
            run.refresh_from_db()
            self.stdout.write(f"{run.done} of {run.total} patients")
            if runs.stalled(run):
                raise CommandError(
                    "The close was set aside after too many failures. Run the command again to go on."
                )
        if run.state == RunState.FAILED:
            raise CommandError(
                "The close was ended and the month re-opened. Run the command again to close it."
            )
        self.stdout.write(close.result_in_words(run))
