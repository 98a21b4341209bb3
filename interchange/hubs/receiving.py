"""A hub's message done, once, and what is answered: of each value what became of it, and nothing of a person."""

from collections import Counter
from datetime import datetime

from authentication.tokens.policies import HUB
from foundation.refusals import Refused
from interchange.hubs.adapter import Unusable, Value
from interchange.hubs.adapters import adapter_of
from interchange.hubs.body import Malformed, read
from interchange.keys import digest_of
from interchange.models import Hub, Way
from interchange.received import once
from monitoring.models import Entrance
from monitoring.readings.incoming import Incoming
from monitoring.readings.sorting import Outcome, Taken
from monitoring.readings.taking import take

PARKED = "Waits for a person: nobody is known to have had this device at that time, or to have this number."


class Unfit(Refused):
    """Nothing of it could be taken in: carries the answer."""

    def __init__(self, answer: dict):
        super().__init__("None of the readings can be taken in.")
        self.answer = answer


def receive(hub: Hub, content: bytes, signature: str, *, at: datetime) -> dict:
    """The answer. Raises `Malformed`, `Unfit`, and `Changed` for an id that came with other contents."""
    body = read(content)
    vendor = adapter_of(hub.vendor)
    name = vendor.message_id(body)
    values = vendor.readings(body)
    if not values:
        raise Malformed("There is no reading in it.")
    return once(
        hub.practice,
        Way.HUB,
        # Not by its name: one that is connected later may have it, and counts its messages from the beginning.
        str(hub.pk),
        digest_of(f"id {name}".encode() if name else f"signature {signature}".encode()),
        digest=digest_of(content),
        at=at,
        do=lambda: _done(hub, values, at=at),
    )


def _done(hub: Hub, values: list[Value], *, at: datetime) -> dict:
    known = [value for value in values if isinstance(value, Incoming)]
    taken = iter(
        take(known, practice=hub.practice, entrance=Entrance.HUB, sender=HUB + hub.name, at=at)
        if known
        else []
    )
    told = [
        _unusable(value) if isinstance(value, Unusable) else _told(value, next(taken)) for value in values
    ]
    counts = Counter(each["outcome"] for each in told)
    answer = {"outcomes": dict(sorted(counts.items())), "readings": told}
    if counts[Outcome.REFUSED] == len(told):
        raise Unfit(answer)
    return answer


def _unusable(value: Unusable) -> dict:
    return {"outcome": Outcome.REFUSED, "where": value.where, "problem": value.problem}


def _told(value: Incoming, one: Taken) -> dict:
    found = {"outcome": one.outcome, "measure": str(value.measure)}
    if one.outcome == Outcome.PARKED:
        return {**found, "problem": PARKED}
    if one.outcome == Outcome.REFUSED:
        return {**found, "field": one.field, "problem": f"{one.problem}."}
    # What was taken back while it still waited became no reading.
    return {**found, "reading": str(one.reading_id)} if one.reading_id else found


def status_of(answer: dict) -> int:
    """202 where something of it waits for a person, or was refused."""
    waits = {Outcome.PARKED, Outcome.REFUSED} & answer["outcomes"].keys()
    return 202 if waits else 200
