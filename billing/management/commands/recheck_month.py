"""`recheck_month YYYY-MM --practice SLUG`: prove every stored decision of a month once more, from its own row."""

from django.core.management.base import CommandError

from billing.decisions.recheck import faults
from billing.management.month_command import MonthCommand
from billing.models import Claim


class Command(MonthCommand):
    help = "Decide a month's claims again from their stored facts, and each line from the records it cites."

    def for_month(self, practice, month):
        claims = Claim.objects.for_practice(practice).filter(period__month=month).order_by("number")
        seen = lines = found = 0
        for claim in claims.select_related("selection").iterator(chunk_size=500):
            seen, lines = seen + 1, lines + len(claim.selection.evidence["lines"])
            for fault in faults(claim.selection):
                found += 1
                self.stdout.write(f"{claim.number}: {fault}")
        if found:
            raise CommandError(f"{found} faults in {seen} claims.")
        self.stdout.write(f"{seen} claims and {lines} released lines come out again from their own rows.")
