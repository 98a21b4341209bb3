"""Ports of this machine for servers that tests and benches start."""

import random
import socket

# Below those that systems hand out for connections going out: one of these, polled until a server listens on it, may
# be handed out to the very connection that polls, and the server then cannot have it.
SERVED = range(12_000, 32_000)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody has now, by chance so that two runs do not take the same.

    :raises OSError: nothing was free in a hundred tries.
    """
    for port in random.sample(SERVED, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port among a hundred from {SERVED.start} to {SERVED.stop - 1}")
