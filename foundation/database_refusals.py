"""What a trigger of the database refuses, as the sentence of the app that put it there.

The trigger names a constraint, and in its detail the id that it is about. Whatever writes a tracked row says the
sentence.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError

from foundation.refusals import Refused

_words: dict[str, Callable[[str], Refused]] = {}


def say(constraint: str, refusal: Callable[[str], Refused]) -> None:
    """What to say where the database names this constraint. Called once, when the apps are ready."""
    _words[constraint] = refusal


@contextmanager
def in_words() -> Iterator[None]:
    """Around a transaction of its own: the sentence may ask the database again, after what failed is rolled back."""
    try:
        yield
    except IntegrityError as error:
        said = getattr(error.__cause__, "diag", None)
        words = _words.get(said.constraint_name or "") if said else None
        if said is None or words is None:
            raise
        raise words(said.message_detail or "") from error
