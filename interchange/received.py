"""A message of readings is done once, however often and from however many connections it comes."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.models import Practice
from foundation.practice_scope import every_practice
from foundation.refusals import Refused
from interchange.models import Received

KEPT = timedelta(days=30)


class Changed(Refused):
    """The same id came with other contents."""

    status = 409

    def __init__(self):
        super().__init__("A message with this id came before with other contents. Send it under a new id.")


@transaction.atomic
def once(
    practice: Practice, way: str, sender: str, key: str, *, digest: str, at: datetime, do: Callable[[], dict]
) -> dict:
    """What `do` answers; of a message that was done before, what it answered then. Raises `Changed`, and what `do`
    raises: then nothing is kept."""
    _hold(f"{practice.pk} {way} {sender} {key}")
    which = {"practice": practice, "way": way, "sender": sender, "key": key}
    if earlier := Received.objects.filter(**which).first():
        if earlier.digest != digest:
            raise Changed
        return earlier.answer
    answer = do()
    Received.objects.create(**which, digest=digest, answer=answer, received_at=at)
    return answer


def _hold(name: str) -> None:
    """Until the transaction ends: who sends the same at the same time waits for the first answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 28))", [name])


def forget(*, at: datetime) -> int:
    """Delete what is older than anybody sends again: how many there were."""
    with every_practice():
        return Received.objects.filter(received_at__lt=at - KEPT).delete()[0]
