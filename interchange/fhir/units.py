"""Observations that are taken in together: one by itself, or two that make one blood pressure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from interchange.fhir.codes import SYSTOLIC
from interchange.fhir.observation_in import Said, whole_pressure
from interchange.fhir.outcome import Invalid, Issue

_ALONE = (
    "A systolic and a diastolic value of the same patient and moment are needed together, or code 85354-9."
)
_SEVERAL = "There are several of this moment in the request. Send one systolic and one diastolic value."
_UNITS = "Both values of a blood pressure need the same unit and status."


@dataclass(frozen=True, slots=True)
class Unit:
    """`places` of the entries that it came in, the first one that tells it first."""

    said: Said
    places: tuple[int, ...]


def joined(all_said: Iterable[tuple[int, Said]]) -> tuple[list[Unit], dict[int, Invalid]]:
    """In order of their first place; and what is wrong with those that find no other half."""
    units, faults = [], {}
    halves = defaultdict(list)
    for place, said in all_said:
        if said.half:
            halves[said.named, said.taken_at].append((place, said))
        else:
            units.append(Unit(said, (place,)))
    for some in halves.values():
        try:
            units.append(_pressure(some))
        except Invalid as invalid:
            faults |= {place: invalid for place, _ in some}
    return sorted(units, key=lambda unit: unit.places), faults


def _pressure(some: list[tuple[int, Said]]) -> Unit:
    """The same half sent twice is one."""
    systolic, diastolic = (
        [said for _, said in some if (said.half == SYSTOLIC) == first] for first in (True, False)
    )
    where = "Observation.code"
    if not systolic or not diastolic:
        raise Invalid(Issue("required", _ALONE, where))
    if any(len({said.parts for said in each}) > 1 for each in (systolic, diastolic)):
        raise Invalid(Issue("duplicate", _SEVERAL, where))
    first, second = systolic[0], diastolic[0]
    if (first.status, first.parts[0].amount.unit) != (second.status, second.parts[0].amount.unit):
        raise Invalid(Issue("value", _UNITS, where))
    return Unit(whole_pressure(first, second), tuple(place for place, _ in some))
