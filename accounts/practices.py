"""The practices themselves, for what stands outside of each: schedules, commands, and a server that has none yet."""

from accounts.models import Practice
from foundation.practice_scope import every_practice


def is_empty() -> bool:
    """Whether nobody has opened a practice on this server yet."""
    with every_practice():
        return not Practice.objects.exists()


def practice_named(slug: str) -> Practice | None:
    with every_practice():
        return Practice.objects.filter(slug=slug).first()


def every_one() -> list[Practice]:
    """For work that is done in one after the other, each `in_practice`."""
    with every_practice():
        return list(Practice.objects.order_by("pk"))
