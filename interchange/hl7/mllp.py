"""MLLP: messages over a connection that stays open, each between a start and an end sign, each acknowledged in turn.

Nothing here knows a database: `answer` is called in a thread of its own, and what it returns is sent. docs/adr/0022.
"""

import asyncio
import logging
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

# Of those that say nothing, between two messages.
MOST_LINE_ENDS = 64
START, END = b"\x0b", b"\x1c\r"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one peer may cost, and all of them. Seconds, bytes, connections.

    `connections`: of all peers; `of_one`: from one address. `idle`: between messages, where a connection may wait.
    `whole`: from the first sign of a message to its last; also for taking our answer. `grace`: for what is being done
    when the listener is stopped.
    """

    connections: int = 100
    of_one: int = 20
    frame: int = 1024 * 1024
    idle: float = 3600
    whole: float = 30
    grace: float = 20
    threads: int = 4


class _Closing(Exception):
    """Why a connection is ended, in words for the log."""


class Listener:
    def __init__(self, answer: Callable[[bytes, str], bytes], too_long: Callable[[], bytes], limits: Limits):
        self._answer, self._too_long, self._limits = answer, too_long, limits
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="mllp")
        self._open: dict[asyncio.Task, str] = {}
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """No new message is begun; what is being done is finished and acknowledged."""
        self._stopping.set()

    async def run(self, host: str, port: int, listening: Callable[[int], None]) -> None:
        """Until stopped. `listening` is told the port, which the system chose where 0 was asked for."""
        server = await asyncio.start_server(self._connected, host, port, limit=self._limits.frame)
        listening(server.sockets[0].getsockname()[1])
        await self._stopping.wait()
        server.close()
        if self._open:
            _, late = await asyncio.wait(self._open, timeout=self._limits.grace)
            for task in late:
                task.cancel()
        # What a thread still does is not waited for: it commits or not, and was not acknowledged.
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        try:
            address = self._let_in(task, writer)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            while await self._exchange(reader, writer, address):
                pass
        except _Closing as why:
            log.warning("Connection closed: %s", why)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._open.pop(task, None)
            writer.close()

    def _let_in(self, task, writer) -> str:
        """The address of the peer, which has its place from now on."""
        peer = writer.get_extra_info("peername")
        if peer is None:
            raise _Closing("it was gone at once")
        address = peer[0]
        if len(self._open) >= self._limits.connections:
            raise _Closing("too many are open")
        if sum(each == address for each in self._open.values()) >= self._limits.of_one:
            raise _Closing("too many are open from one address")
        self._open[task] = address
        return address

    async def _exchange(self, reader, writer, address: str) -> bool:
        """One message and its answer; False where no more is to come."""
        content = await self._unless_stopped(self._frame(reader, writer))
        if content is None:
            return False
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._pool, self._answer, content, address)
        await self._send(writer, answer)
        return not self._stopping.is_set()

    async def _unless_stopped(self, frame) -> bytes | None:
        """The message, or nothing where the listener is stopped first: half a message was not acknowledged."""
        coming, stopping = asyncio.ensure_future(frame), asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return coming.result() if coming.done() else None
        finally:
            coming.cancel()
            stopping.cancel()

    async def _frame(self, reader: asyncio.StreamReader, writer) -> bytes | None:
        try:
            first = await asyncio.wait_for(_first_sign(reader), self._limits.idle)
        except TimeoutError:
            return None
        if first != START:
            if first:
                raise _Closing("what came does not begin as a message does")
            return None
        try:
            whole = await asyncio.wait_for(reader.readuntil(END), self._limits.whole)
        except TimeoutError:
            raise _Closing("a message did not come to its end in time") from None
        except asyncio.IncompleteReadError:
            raise _Closing("it ended within a message") from None
        except asyncio.LimitOverrunError:
            await self._send(writer, self._too_long())
            raise _Closing("a message is too long") from None
        return whole.removesuffix(END)

    async def _send(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        writer.write(START + answer + END)
        try:
            await asyncio.wait_for(writer.drain(), self._limits.whole)
        except TimeoutError:
            # Closed, it would wait for ever to send what nobody takes, and be counted no more.
            writer.transport.abort()
            raise _Closing("an answer was not taken in time") from None


async def _first_sign(reader: asyncio.StreamReader) -> bytes:
    """Line ends between two messages say nothing: some systems send one behind each."""
    for _ in range(MOST_LINE_ENDS):
        if (sign := await reader.read(1)) not in {b"\r", b"\n"}:
            return sign
    raise _Closing("line ends came and no message")
