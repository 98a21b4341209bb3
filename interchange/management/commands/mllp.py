import asyncio
import signal

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from authentication.tokens import text
from interchange.hl7.ack import Answer, Code, Fault
from interchange.hl7.answer import answered
from interchange.hl7.exchange import exchange
from interchange.hl7.mllp import Limits, Listener

TOO_LONG = Answer(Code.REJECTED, "The message is longer than this listener takes", Fault.DATA)


class Command(BaseCommand):
    help = "Takes in HL7 messages by MLLP for the practice of MLLP_TOKEN, until it is stopped. Off without a token."

    def handle(self, *args, **options):
        if not settings.MLLP_TOKEN:
            raise CommandError("MLLP is off. Set MLLP_TOKEN to a token that may send patients.")
        self.token = text.read(f"Bearer {settings.MLLP_TOKEN}")
        if self.token is None:
            raise CommandError("MLLP_TOKEN is not written as a token is (rpm_…).")
        asyncio.run(self._run())

    async def _run(self) -> None:
        limits = Limits(
            connections=settings.MLLP_CONNECTIONS,
            of_one=settings.MLLP_CONNECTIONS_OF_ONE,
            frame=settings.HL7_MAX_BYTES,
        )
        listener = Listener(self._answer, lambda: answered(b"", TOO_LONG, at=timezone.now()), limits)
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, listener.stop)
        await listener.run(settings.MLLP_HOST, settings.MLLP_PORT, self._listening)

    def _answer(self, content: bytes, address: str) -> bytes:
        return exchange(content, self.token, address=address)

    def _listening(self, port: int) -> None:
        self.stdout.write(f"MLLP listens on {settings.MLLP_HOST}, port {port}.")
        self.stdout.flush()
