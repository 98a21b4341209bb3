"""What the launcher says, and how it gives up."""

import sys


class Problem(Exception):
    """Something a person can correct; its text is all they see."""


def say(text: str) -> None:
    """One line to the person at the terminal; a closed terminal must not stop the launcher."""
    try:
        print(text, flush=True)
    except (BrokenPipeError, OSError):
        pass


def complain(text: str) -> None:
    print(f"./dev: {text}", file=sys.stderr, flush=True)
