"""A command about one month of one practice: `NAME YYYY-MM --practice SLUG`."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Practice
from accounts.practices import practice_named
from foundation.months import parse_month
from foundation.practice_scope import in_practice
from foundation.refusals import Refused


class MonthCommand(BaseCommand):
    """Subclasses do their work in `for_month`; what it refuses is the command's error."""

    def add_arguments(self, parser):
        parser.add_argument("month", help="like 2026-03")
        parser.add_argument("--practice", required=True, help="the practice's slug")

    def handle(self, *args, **options):
        practice = practice_named(options["practice"])
        if practice is None:
            raise CommandError(f"There is no practice {options['practice']!r}.")
        try:
            with in_practice(practice):
                self.for_month(practice, parse_month(options["month"]))
        except Refused as refusal:
            raise CommandError(refusal.message) from None

    def for_month(self, practice: Practice, month: date) -> None:
        raise NotImplementedError
