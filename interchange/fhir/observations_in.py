"""Observations taken in as readings: each by itself, or all of them or none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from fhir.resources.R4B.observation import Observation

from interchange.fhir import conditions
from interchange.fhir.observation_in import Said, observation_said
from interchange.fhir.outcome import Invalid, Issue
from interchange.fhir.plain import Plain
from interchange.fhir.references import DEVICE, SUBJECT
from interchange.fhir.units import Unit, joined
from interchange.fhir.whose import Known
from monitoring.models import Entrance
from monitoring.readings.incoming import Incoming
from monitoring.readings.sorting import Outcome, Taken
from monitoring.readings.taking import NotTaken, look, one_at_a_time, take
from patients.models import Measure

NOTHING = Issue(
    "informational", "Nothing was measured (dataAbsentReason), so nothing is kept.", severity="information"
)
WITHDRAWN = Issue(
    "informational",
    "It waited for the practice and is withdrawn. It became no reading.",
    severity="information",
)
# What sorting says of a field, about which element it is.
_ELEMENTS = {
    "value": ("The value", "Observation.value"),
    "second_value": ("The diastolic value", "Observation.component"),
    "taken_at": ("The moment", "Observation.effective"),
    "identifier": ("The identifier", "Observation.identifier"),
    "original": ("The value", "Observation.value"),
    "serial": ("The device", DEVICE),
    "mrn": ("The patient", SUBJECT),
    "measure": ("The measure", "Observation.code"),
    "source": ("The source", DEVICE),
}
# Instead of the words of our own page, which repeat numbers: answers end in the logs of others.
_PARKED = {
    "serial": "No patient here had this device that day, as far as is known.",
    "mrn": "No such patient is here.",
    "taken_at": "The patient was not enrolled that day.",
}
KEPT = "It is kept for the practice to look at, and is not in the record."


@dataclass(frozen=True, slots=True)
class Sent:
    """One Observation as it came, with the identifier under which it is not to be taken in again."""

    data: Observation | Plain
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Became:
    """What became of one. `parked`: refused, and kept all the same."""

    status: int
    reading_id: UUID | None = None
    issues: tuple[Issue, ...] = ()
    parked: bool = False

    @classmethod
    def refused(cls, invalid: Invalid) -> "Became":
        return cls(invalid.status, issues=tuple(invalid.issues))


@dataclass
class _Planned:
    """A unit with its values, or the earlier one that says the same."""

    unit: Unit
    values: list[Incoming] = field(default_factory=list)
    same_as: "_Planned | None" = None


class Intake:
    """Of one request, whose Observations are known by their places."""

    def __init__(self, practice, sender: str, sent: dict[int, Sent], *, at: datetime, whole: bool = False):
        self.practice, self.sender, self.sent = practice, sender, sent
        self.at, self.whole = at, whole
        self.became: dict[int, Became] = {}

    def receive(self) -> dict[int, Became]:
        """What became of each. If it is whole, nothing is written where something is refused."""
        one_at_a_time(self.practice)
        planned = self._with_values(self._units())
        planned = self._whole_ones(self._not_here(planned))
        if not (self.whole and self._is_refused()):
            self._take(planned)
        return self.became

    def _is_refused(self) -> bool:
        return any(became.status >= 400 for became in self.became.values())

    # What was said ------------------------------------------------------------------------------------------

    def _units(self) -> list[Unit]:
        all_said = []
        for place, sent in self.sent.items():
            try:
                said = observation_said(sent.data)
            except Invalid as invalid:
                self.became[place] = Became.refused(invalid)
            else:
                key = said.identifier or sent.unless
                all_said.append((place, replace(said, identifier=key)))
        units, faults = joined(all_said)
        self.became |= {place: Became.refused(invalid) for place, invalid in faults.items()}
        return units

    def _with_values(self, units: Sequence[Unit]) -> list[_Planned]:
        known = Known(self.practice, {unit.said.named for unit in units})
        planned = []
        for unit in units:
            if not unit.said.parts:
                self._answer(unit, Became(202, issues=(NOTHING,)))
                continue
            try:
                values = unit.said.values(known.whose(unit.said.named))
            except Invalid as invalid:
                self._answer(unit, Became.refused(invalid))
            else:
                planned.append(_Planned(unit, values))
        return planned

    def _answer(self, unit: Unit, became: Became) -> None:
        self.became |= dict.fromkeys(unit.places, became)

    # What is here, or was said before -----------------------------------------------------------------------

    def _unless(self, unit: Unit) -> set[str]:
        return {self.sent[place].unless for place in unit.places} - {""}

    def _not_here(self, planned: Sequence[_Planned]) -> list[_Planned]:
        """Without those that are not to be taken in again."""
        here = conditions.here_already(
            self.practice, {key for one in planned for key in self._unless(one.unit)}
        )
        left: list[_Planned] = []
        said_before: dict[str, _Planned] = {}
        for one in planned:
            keys = self._unless(one.unit)
            found = {pk for key in keys for pk in here.get(key, ())}
            if found:
                self._answer(one.unit, _is_here(found))
                continue
            one.same_as = next((said_before[key] for key in keys if key in said_before), None)
            if one.same_as and self.whole and not _says_the_same(one, one.same_as):
                self._answer(one.unit, Became(409, issues=(_DOUBLE,)))
                continue
            for key in {one.unit.said.identifier, *keys} - {""}:
                said_before.setdefault(key, one)
            left.append(one)
        return left

    def _whole_ones(self, planned: Sequence[_Planned]) -> list[_Planned]:
        """Of a pressure with a pulse both are taken in or neither."""
        if all(len(one.values) == 1 for one in planned):
            return list(planned)
        looked = iter(self._looked(planned))
        left = []
        for one in planned:
            taken = [next(looked) for _ in one.values] if one.same_as is None else []
            wrong = [each for each in taken if each.outcome == Outcome.REFUSED]
            if wrong and len(taken) > 1:
                self._answer(one.unit, _refused(wrong[0], one.unit.said))
            else:
                left.append(one)
        return left

    def _looked(self, planned: Sequence[_Planned]) -> list[Taken]:
        return look(
            _all_values(planned),
            practice=self.practice,
            at=self.at,
            entrance=Entrance.FHIR,
            sender=self.sender,
        )

    # Taking in ----------------------------------------------------------------------------------------------

    def _take(self, planned: Sequence[_Planned]) -> None:
        try:
            taken = take(
                _all_values(planned),
                practice=self.practice,
                entrance=Entrance.FHIR,
                sender=self.sender,
                at=self.at,
                all_or_none=self.whole,
            )
        except NotTaken as not_taken:
            taken = not_taken.taken
        outcomes = iter(taken)
        for one in planned:
            if one.same_as is None:
                some = [next(outcomes) for _ in one.values]
                self._answer(one.unit, became_of(some, one.unit.said, kept=not self.whole))
            else:
                before = self.became[one.same_as.unit.places[0]]
                self._answer(one.unit, replace(before, status=200) if before.status == 201 else before)


def _all_values(planned: Iterable[_Planned]) -> list[Incoming]:
    return [value for one in planned if one.same_as is None for value in one.values]


_DOUBLE = Issue(
    "duplicate",
    "An earlier one in the request has this identifier and other contents.",
    "Observation.identifier",
)
_SEVERAL = Issue("multiple-matches", "There are several with this identifier.", conditions.WHERE)


def _says_the_same(one: _Planned, other: _Planned) -> bool:
    first, second = ([replace(value, identifier="") for value in each.values] for each in (one, other))
    return first == second


def _is_here(found: set[UUID]) -> Became:
    if len(found) > 1:
        return Became(412, issues=(_SEVERAL,))
    return Became(200, next(iter(found)))


def became_of(taken: Sequence[Taken], said: Said, *, kept: bool = False) -> Became:
    """By the worst of its values; the first is the one that it is known by."""
    for one in taken:
        if one.outcome == Outcome.REFUSED:
            return _refused(one, said)
    for one in taken:
        if one.outcome == Outcome.PARKED:
            return _parked(one, kept=kept)
    if taken[0].reading_id is None:
        return Became(200, issues=(WITHDRAWN,))
    new = any(one.outcome == Outcome.ADDED for one in taken)
    return Became(201 if new else 200, taken[0].reading_id)


def _parked(one: Taken, *, kept: bool) -> Became:
    text = _PARKED.get(one.field, "It is nobody's yet.")
    where = _ELEMENTS.get(one.field, ("", "Observation"))[1]
    return Became(422, issues=(Issue("not-found", f"{text} {KEPT}" if kept else text, where),), parked=kept)


def _refused(one: Taken, said: Said) -> Became:
    called, where = _ELEMENTS.get(one.field, ("This", "Observation"))
    if where == "Observation.value" and said.parts[0].measure == Measure.BLOOD_PRESSURE:
        where = "Observation.component"
    if one.field == "value" and one.reading_id:
        text = "Another value of this moment is here. Send it as corrected, or leave it out."
        return Became(409, one.reading_id, (Issue("conflict", text, where),))
    if one.field == "identifier" and one.reading_id:
        text = "This identifier is that of another device, measure or moment here, or of a merged record."
        return Became(409, one.reading_id, (Issue("conflict", text, where),))
    sentence = f"{called} {one.problem[:1].lower()}{one.problem[1:]}".rstrip(".")
    return Became(422, issues=(Issue("value", f"{sentence}.", where),))
