"""A listener on a real port in this process, and peers that speak to it."""

import asyncio
import socket
import threading
from contextlib import contextmanager

from django.db import connection

from interchange.hl7.mllp import END, START, Limits, Listener


@contextmanager
def listening(answer, limits: Limits):
    """(port, the listener). It is stopped behind the block, and has to end."""
    listener, began, ports, loops = None, threading.Event(), [], []

    def answered(content: bytes, address: str) -> bytes:
        try:
            return answer(content, address)
        finally:
            connection.close()

    def heard(port: int) -> None:
        ports.append(port)
        began.set()

    async def run() -> None:
        loops.append((asyncio.get_running_loop(), listener))
        await listener.run("127.0.0.1", 0, heard)

    def begin() -> None:
        nonlocal listener
        listener = Listener(answered, lambda: b"MSH|too long", limits)
        asyncio.run(run())

    thread = threading.Thread(target=begin)
    thread.start()
    assert began.wait(10)
    loop, made = loops[0]
    stop = lambda: loop.call_soon_threadsafe(made.stop)  # noqa: E731 - handed over
    try:
        yield ports[0], stop
    finally:
        if thread.is_alive():
            stop()
        thread.join(30)
        assert not thread.is_alive(), "It did not stop."


class Peer:
    def __init__(self, port: int, source: str = "127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))
        # What came with one answer and belongs to the next.
        self.rest = b""

    def send(self, content: bytes) -> None:
        self.socket.sendall(START + content + END)

    def receive(self) -> bytes:
        """The next answer, or what came before the other side closed."""
        found, self.rest = self.rest, b""
        while END not in found:
            try:
                part = self.socket.recv(65536)
            except ConnectionError:
                return found
            if not part:
                return found
            found += part
        answer, _, self.rest = found.partition(END)
        return answer.removeprefix(START)

    def ask(self, content: bytes) -> bytes:
        self.send(content)
        return self.receive()

    def closed(self) -> bool:
        """Whether the other side ends it, without another word."""
        return self.receive() == b""

    def close(self) -> None:
        self.socket.close()
