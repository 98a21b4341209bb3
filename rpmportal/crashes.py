"""What a process says as it dies: the kind and place of the failure, never its text, which can quote a row."""

import sys
import threading
import traceback

from django.core.exceptions import ImproperlyConfigured

# Their texts speak of the code and its settings, never of a row.
ABOUT_THE_CODE = (ImproperlyConfigured, ImportError, SyntaxError, NameError, AttributeError)


def where(error: BaseException) -> str:
    """`ValueError at timelogs/services.py:41`, without the error's text, which can quote a row."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    place = f" at {'/'.join(last.filename.split('/')[-2:])}:{last.lineno}" if last else ""
    return f"{type(error).__name__}{place}"


def keep_quiet() -> None:
    """From here on a crash is reported without any value. A person at a terminal sees her own errors whole."""
    if sys.stderr.isatty():
        return
    sys.excepthook = report
    threading.excepthook = lambda args: report(args.exc_type, args.exc_value, args.exc_traceback)


def report(kind, error, trace) -> None:
    """The way through the code, line by line, and what happened."""
    what = (
        traceback.format_exception_only(kind, error)
        if issubclass(kind, ABOUT_THE_CODE)
        else [f"{where(error)}\n" if error else f"{kind.__name__}\n"]
    )
    sys.stderr.write("".join(["Traceback (most recent call last):\n", *traceback.format_tb(trace), *what]))
