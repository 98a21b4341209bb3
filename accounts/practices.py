"""The practices themselves, for what stands outside of each: schedules, commands, and a server that has none yet."""

from datetime import date

from django.db import transaction

from accounts.models import Practice, PracticeIdentity
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


@transaction.atomic
def open_practice(
    *, name: str, slug: str, time_zone: str, starts_on: date | None = None, **identity
) -> Practice:
    """A new practice with who it is on claims: at least its NPI. `starts_on`: today, where nothing else is said."""
    practice = Practice(name=name, slug=slug, time_zone=time_zone)
    practice.save()
    first = {
        "name": name,
        "starts_on": starts_on or practice.today(),
        "why": "The practice was opened.",
        **identity,
    }
    PracticeIdentity(practice=practice, **first).save()
    return practice
