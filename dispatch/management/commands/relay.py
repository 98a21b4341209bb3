import logging
import select
import signal
import time

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseDown
from django.db import connection
from kombu.exceptions import OperationalError as BrokerDown
from redis.exceptions import RedisError

from dispatch import outbox, pulse
from dispatch.tasks import full, ring, say_alive

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
            self.stdout.write(str(outbox.relay_once(ring, full=full)))
            return
        self.stopping = self.waiting = False
        self.pulse_at = 0.0
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
            self._say_alive()
            rung = outbox.relay_once(ring, full=full)
            # After the messages: where this fails, they are rung for all the same.
            outbox.ring_besides()
            if rung == 0:
                self._sleep(idle)
            self.waiting = False
        except (DatabaseDown, BrokerDown, RedisError, OSError) as error:
            self._went_wrong(error)
            connection.close()
            time.sleep(1)

    def _went_wrong(self, error: Exception) -> None:
        """One line for an outage, however many rounds it lasts."""
        if not self.waiting:
            log.warning("Relay waits and tries again: %s", type(error).__name__)
        self.waiting = True

    def _say_alive(self) -> None:
        if time.monotonic() >= self.pulse_at:
            say_alive("relay")
            self.pulse_at = time.monotonic() + pulse.EVERY

    def _listen(self) -> None:
        connection.ensure_connection()
        with connection.wrap_database_errors:
            connection.connection.execute(f"LISTEN {outbox.WAKE}")

    def _sleep(self, idle: float) -> None:
        raw = connection.connection
        with connection.wrap_database_errors:
            if not list(raw.notifies(timeout=0, stop_after=1)):
                select.select([raw.fileno()], [], [], idle)
