"""`manage.py demo --patients 120 --months 3 --seed 7 --until 2026-05-01`: the practice with invented people."""

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.practices import practice_named
from foundation.practice_scope import every_practice
from rpmportal.demo import build, digest
from rpmportal.demo.people import PASSWORD, PEOPLE, SLUG
from rpmportal.demo.stage import ZONE, Stage


class Command(BaseCommand):
    help = "Load the demo practice: invented people, the same rows for the same arguments. Only where DEMO=1."

    def add_arguments(self, parser):
        parser.add_argument("--patients", type=int, default=120)
        parser.add_argument(
            "--months", type=int, default=3, help="months played, the last one still open; 2 to 24"
        )
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument(
            "--until",
            type=_date,
            default=None,
            metavar="DATE",
            help="everything happens before this day; default: today",
        )

    def handle(self, *, patients: int, months: int, seed: int, until: date | None, **options):
        if not settings.DEMO:
            raise CommandError(
                "The demo practice is loaded only where DEMO=1. This installation keeps real people."
            )
        if practice_named(SLUG):
            self.stdout.write("The demo practice is here already. Nothing was changed.")
            return
        with every_practice():
            practice = build.load(_stage(patients, months, seed, until))
            made = digest.of_practice(practice)
        self.stdout.write(f"{practice} is loaded. Sign in with the password {PASSWORD} as:")
        for person in PEOPLE:
            if person.signs_in:
                self.stdout.write(f"  {person.email}  {person.role.label}")
        self.stdout.write(f"digest {made}")


def _stage(patients: int, months: int, seed: int, until: date | None) -> Stage:
    today = timezone.localdate(timezone=ZoneInfo(ZONE))
    if not 1 <= patients <= 2000:
        raise CommandError("--patients must be 1 to 2000.")
    if not 2 <= months <= 24:
        raise CommandError("--months must be 2 to 24: one to be closed and one that is open.")
    if until is not None and until > today:
        raise CommandError(f"--until must be {today} or earlier: nothing happens in the future.")
    return Stage(seed=seed, patients=patients, month_count=months, until=until or today)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is not a date. Write it like 2026-05-01.") from error
