"""Gunicorn's threaded worker, except that a thread gets a request only once it is here.

Gunicorn gives each new connection a thread and lets it wait there: as many half-sent requests as threads, and nobody
else is answered. Here the poller, which holds a thousand connections as easily as one, waits for the rest.
"""

import re
import socket
import struct

from gunicorn.workers.gthread import _DEFER, ThreadWorker

# Headers and body of any ordinary request; of a longer one the thread reads the rest itself, against READ_SECONDS.
AHEAD = 32 * 1024
READ_SECONDS = 10
HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\nContent-Length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)
_NOT_WAITED_FOR = re.compile(rb"\r\n(?:Transfer-Encoding|Expect):", re.IGNORECASE)


class PatientWorker(ThreadWorker):
    """`handle` hands a connection whose request is not here yet back to the poller."""

    def handle(self, conn):
        if not _read_before(conn) and not is_here(conn.sock):
            return _DEFER
        return super().handle(conn)


def _read_before(conn) -> bool:
    """Whether a part of the request was taken from the socket already, behind the request before it."""
    return bool(conn.parser and conn.parser.unreader.buf.getvalue())


def is_here(sock: socket.socket) -> bool:
    """Whether the request can be read without waiting; if not, the poller is told to wake only when more comes."""
    try:
        seen = sock.recv(AHEAD, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        seen = None
    except OSError:
        return True
    missing = seen is None or bool(seen and len(seen) < needed(seen))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, len(seen or b"") + 1 if missing else 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", READ_SECONDS, 0))
    return not missing


def needed(seen: bytes) -> int:
    """How many bytes to wait for, judged by those that are here."""
    end = seen.find(HEAD_END)
    if end < 0:
        return AHEAD
    head = seen[: end + len(HEAD_END)]
    if _NOT_WAITED_FOR.search(head):
        return len(head)
    length = _LENGTH.search(head)
    return min(len(head) + int(length[1]) if length else len(head), AHEAD)
