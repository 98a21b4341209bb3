"""`facts YYYY-MM --practice SLUG`: what the rules are told of each patient, a line each, as `select_codes` reads it."""

import json

from billing.facts.gather import facts_for
from billing.management.month_command import MonthCommand


class Command(MonthCommand):
    help = "Print a month's facts, a patient a line and no names: manage.py facts 2026-03 --practice SLUG"

    def for_month(self, practice, month):
        for _, facts in facts_for(practice, month):
            self.stdout.write(json.dumps(facts, sort_keys=True, separators=(",", ":")))
