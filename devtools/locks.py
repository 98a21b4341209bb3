"""File locks that the kernel lets go of when their holder dies, so that none is ever stale."""

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path


class Lock:
    """One lock file; `held` tells whether this process has it."""

    def __init__(self, path: Path):
        self.path = path
        self.file = None

    @property
    def held(self) -> bool:
        return self.file is not None

    def take(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Takes the lock; False when it is somebody else's and we do not wait."""
        self.release()
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, kind if wait else kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self.file = file
        return True

    def release(self) -> None:
        if self.file is not None:
            os.close(self.file)
            self.file = None

    def note(self, text: str) -> None:
        """Writes into the lock file who holds it, for whoever finds it held."""
        os.ftruncate(self.file, 0)
        os.pwrite(self.file, text.encode(), 0)

    def read_note(self) -> str:
        return self.path.read_text(errors="replace") if self.path.exists() else ""


def free(path: Path) -> bool:
    """Whether nobody holds this lock for itself; asked in a way that two askers do not see each other."""
    lock = Lock(path)
    got = lock.take(shared=True, wait=False)
    lock.release()
    return got


@contextmanager
def holding(path: Path, *, on_wait=lambda: None):
    """The lock for the length of a block; calls `on_wait` once if another process has it."""
    lock = Lock(path)
    if not lock.take(wait=False):
        on_wait()
        lock.take()
    try:
        yield lock
    finally:
        lock.release()
