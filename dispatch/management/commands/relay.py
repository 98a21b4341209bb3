import logging
import select
import signal
import time

from django.core.management.base import BaseCommand
from django.db import OperationalError, connection
from kombu.exceptions import OperationalError as BrokerDown
from redis.exceptions import RedisError

from dispatch import outbox
from dispatch.tasks import ring

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Rings Celery for every outbox message. Runs until it is stopped; any number may run."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="ring for what waits now, then end")
        parser.add_argument(
            "--idle", type=float, default=2.0, help="seconds between looks when nothing wakes it"
        )

    def handle(self, *args, **options):
        if options["once"]:
            self.stdout.write(str(outbox.relay_once(ring)))
            return
        self.stopping = False
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        while not self.stopping:
            self._round(options["idle"])

    def _stop(self, *args):
        self.stopping = True

    def _round(self, idle: float) -> None:
        """Ring for all, then sleep until a NOTIFY or the idle time. Outages of either server only delay."""
        try:
            self._listen()
            if outbox.relay_once(ring) == 0:
                self._sleep(idle)
        except (OperationalError, BrokerDown, RedisError, OSError) as error:
            log.warning("Relay waits: %s", type(error).__name__)
            connection.close()
            time.sleep(1)

    def _listen(self) -> None:
        connection.ensure_connection()
        connection.connection.execute(f"LISTEN {outbox.WAKE}")

    def _sleep(self, idle: float) -> None:
        raw = connection.connection
        if not list(raw.notifies(timeout=0, stop_after=1)):
            select.select([raw.fileno()], [], [], idle)
