import json

from django.core.management.base import BaseCommand, CommandError

from audit.invariants import broken, every_invariant
from foundation.practice_scope import every_practice


class Command(BaseCommand):
    help = "Runs every invariant as SQL. Each must return no row; otherwise the exit status is 1."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    def handle(self, *args, **options):
        with every_practice():
            found = broken()
        if options["json"]:
            self.stdout.write(json.dumps({"checked": len(every_invariant()), "broken": found}))
        else:
            for name, ids in found.items():
                self.stdout.write(f"{name}: {', '.join(ids)}")
        if found:
            raise CommandError(f"{len(found)} invariants are broken.")
        if not options["json"]:
            self.stdout.write(f"All {len(every_invariant())} invariants hold.")
