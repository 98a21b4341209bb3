"""`close_month YYYY-MM --practice SLUG`: close a month and stay until it is done."""

from time import sleep

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Practice
from billing import close, runs
from billing.models import CloseRun, RunState
from dispatch import outbox
from foundation.context import acting
from foundation.months import parse_month
from foundation.refusals import Refused

PATIENCE = 0.2


class Command(BaseCommand):
    help = "Close a month of a practice: decides every patient and makes the claims. Running it twice changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("month", help="like 2026-03")
        parser.add_argument("--practice", required=True, help="the practice's slug")

    def handle(self, *args, **options):
        practice = Practice.objects.filter(slug=options["practice"]).first()
        if practice is None:
            raise CommandError(f"There is no practice {options['practice']!r}.")
        try:
            with acting("system: close_month"):
                run = close.start_close(practice, parse_month(options["month"]), by=None, at=timezone.now())
        except Refused as refusal:
            raise CommandError(refusal.message) from None
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
