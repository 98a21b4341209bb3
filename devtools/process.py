"""Starting and ending processes so that none outlives the launcher."""

import ctypes
import os
import signal
import subprocess
import sys
import time

from devtools.privilege import Account
from devtools.say import Problem

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dying_with_parent(signum: int):
    """A preexec function: the kernel sends `signum` when the launcher dies, however it dies. Linux only."""
    parent = os.getpid()

    def ask_kernel():
        if LIBC is None:
            return
        LIBC.prctl(PR_SET_PDEATHSIG, signum)
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def spawn(argv, *, env, cwd, death=signal.SIGTERM, account: Account | None = None, session=True, **options):
    """A child of ours in its own session, so that the terminal's Ctrl-C reaches the launcher alone.

    Call it from the main thread: the kernel watches the thread that forked.
    """
    if account is not None:
        options |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return subprocess.Popen(
        [str(part) for part in argv],
        env=env,
        cwd=cwd,
        start_new_session=session,
        preexec_fn=dying_with_parent(death),
        **options,
    )


def end(process: subprocess.Popen, signum: int, grace: float) -> None:
    """Asks the process to stop, waits, then ends its whole group."""
    if process.poll() is None:
        process.send_signal(signum)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            pass
    end_group(process)


def end_group(process: subprocess.Popen) -> None:
    """Ends what is left of the session that `process` led, and reaps it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()


def wait_until(done, *, seconds: float, what: str, every: float = 0.02):
    """The first true answer of `done()`; if none comes in time, a Problem that says `what`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = done()
        if answer:
            return answer
        time.sleep(every)
    raise Problem(f"{what} within {seconds:g} seconds.")


def foreground(argv, *, env, cwd, death=signal.SIGTERM, **options) -> int:
    """Runs a command in the terminal as if it were ours; its exit code, or 128 + the signal that ended it."""
    child = spawn(argv, env=env, cwd=cwd, death=death, session=False, **options)
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN),
        signal.SIGTERM: signal.signal(signal.SIGTERM, lambda *_: child.terminate()),
        signal.SIGHUP: signal.signal(signal.SIGHUP, lambda *_: child.terminate()),
    }
    try:
        code = child.wait()
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
    return 128 - code if code < 0 else code
