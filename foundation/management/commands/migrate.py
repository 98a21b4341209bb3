"""Django's `migrate` with a short wait for locks: behind one that waits for a table, everybody's pages wait too."""

import time

from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

TRIES = 10


class Command(Migrate):
    help = f"{Migrate.help} Gives up a lock that it does not get within lock_timeout, and tries again."

    def handle(self, *args, **options):
        for tried in range(1, TRIES + 1):
            try:
                return super().handle(*args, **options)
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable) or tried == TRIES:
                    raise
                self.stderr.write(f"A table is in use. Migrating again, try {tried + 1} of {TRIES}.")
                connections[options["database"]].close()
                time.sleep(min(2**tried, 30) / 2)
