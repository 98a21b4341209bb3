from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.practices import every_one, practice_named
from boards.refresh import differing, rebuild
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
                    self.stdout.write(f"{each.slug}: {rebuild(each, at=now)} rows changed")
        if wrong:
            raise CommandError(
                f"{len(wrong)} rows differ from their sources: patients {', '.join(map(str, wrong))}"
            )
        if check:
            self.stdout.write("Every row is as its sources say.")
