"""Keys of new rows drawn from the seed, so that the same arguments make the same rows, whichever service makes them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from uuid import UUID

from django.apps import apps

from foundation.tracked import TrackedRow


@contextmanager
def from_seed(seed: int) -> Iterator[None]:
    """Inside, each tracked model numbers its new rows from a generator of its own."""
    fields = {m._meta.label: m._meta.pk for m in apps.get_models() if issubclass(m, TrackedRow)}
    for label, field in fields.items():
        # Where Django caches a field's default; taken away again it falls back to the model's own uuid4.
        field.__dict__["_get_default"] = _drawing(Random(f"{seed}/{label}"))
    try:
        yield
    finally:
        for field in fields.values():
            field.__dict__.pop("_get_default", None)


def _drawing(random: Random) -> Callable[[], UUID]:
    return lambda: UUID(int=random.getrandbits(128), version=4)
