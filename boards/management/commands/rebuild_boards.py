from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from accounts.practices import every_one, practice_named
from billing.alert_recipients import in_role
from boards.proof import differing
from boards.refresh import rebuild
from dispatch.notices import notify
from foundation.context import acting
from foundation.practice_scope import in_practice


class Command(BaseCommand):
    help = "Makes the rows of the boards again from their sources; with --check it only says which differ."

    def add_arguments(self, parser):
        parser.add_argument("--practice", help="its short name; without it every one")
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing; fails where a row differs that is not marked",
        )

    def handle(self, *args, practice, check, **options):
        practices = [practice_named(practice)] if practice else every_one()
        if practices == [None]:
            raise CommandError(f"There is no practice {practice}.")
        now, wrong = timezone.now(), []
        for each in practices:
            with in_practice(each), acting("system: boards"):
                if check:
                    wrong += differing(each, at=now)
                else:
                    self._rebuild(each, at=now)
        if wrong:
            raise CommandError(
                f"{len(wrong)} rows differ from their sources: patients {', '.join(map(str, wrong))}"
            )
        if check:
            self.stdout.write("Every row is as its sources say.")

    def _rebuild(self, practice, *, at) -> None:
        """Says how far it is, and tells the practice's administrators at the end."""
        counts = [0, 0]

        def told(done: int, total: int) -> None:
            counts[:] = done, total
            self.stdout.write(f"{practice.slug}: {done:,} of {total:,} patients")

        changed = rebuild(practice, at=at, told=told)
        self.stdout.write(f"{practice.slug}: {changed} rows changed")
        notify(
            practice,
            in_role(practice, Role.ADMINISTRATOR, on=practice.today(at)),
            kind="rebuild",
            cause=f"rebuild:{uuid4()}",
            text=f"The boards were made again: {counts[1]:,} patients, {changed:,} rows were different.",
            url=reverse("status"),
        )
