"""What an Observation says, as values of `monitoring.readings`. No database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fhir.resources.R4B.observation import Observation

from interchange.fhir.codes import DIASTOLIC, HALVES, HEART_RATES, LOINC, MEASURE_OF, PANELS, SYSTOLIC
from interchange.fhir.outcome import Invalid, Issue
from interchange.fhir.plain import Plain
from interchange.fhir.quantities import Amount, amount_of
from interchange.fhir.references import Named, identifier_text, named
from interchange.fhir.resources import source_system
from monitoring.models import Source
from monitoring.readings.incoming import Incoming, Status
from patients.models import Measure

STATUSES = {
    "final": Status.FINAL,
    "amended": Status.CORRECTED,
    "corrected": Status.CORRECTED,
    "entered-in-error": Status.ERROR,
}
# Integrity labels of HL7: that a person, not a device, is the one who says it.
_SAID_BY_PEOPLE = {"PATAST", "PATRPT", "CLINAST", "CLINRPT"}


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom and which device somebody found: numbers of ours. `sends`: the device sends by itself."""

    serial: str
    mrn: str
    sends: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """One value of an Observation; `half`: the systolic or the diastolic one of a pressure sent in two."""

    measure: Measure
    amount: Amount
    second: Amount | None = None
    half: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """All that an Observation says, before it is known whose it is. Without parts, nothing was measured."""

    named: Named
    status: Status
    taken_at: datetime
    identifier: str
    typed: bool
    parts: tuple[Part, ...]

    @property
    def half(self) -> str:
        return self.parts[0].half if self.parts else ""

    def values(self, whose: Whose) -> list[Incoming]:
        return [self._value(number, part, whose) for number, part in enumerate(self.parts)]

    def _value(self, number: int, part: Part, whose: Whose) -> Incoming:
        """The pulse beside a pressure is a value of its own, known by its place."""
        sent_by_itself = whose.serial and whose.sends and not self.typed
        return Incoming(
            measure=part.measure,
            value=part.amount.value,
            second_value=part.second.value if part.second else None,
            taken_at=self.taken_at,
            source=Source.AUTOMATIC if sent_by_itself else Source.TYPED,
            original=_original(part),
            serial=whose.serial,
            mrn=whose.mrn,
            identifier=f"{self.identifier}#{part.measure}" if number and self.identifier else self.identifier,
            status=self.status,
        )


def _original(part: Part) -> str:
    """As it was sent, where that was another unit than ours."""
    if not part.amount.sent:
        return ""
    second = f"/{part.second.sent}" if part.second else ""
    return f"{part.amount.sent}{second} {part.amount.unit}"


def observation_said(data: Observation | Plain) -> Said:
    """Raises `Invalid` with everything that keeps it from being read."""
    faults = list(_lacking(data))
    parts: tuple[Part, ...] = ()
    try:
        parts = tuple(_parts(data))
    except Invalid as invalid:
        faults += invalid.issues
    if faults:
        raise Invalid(*faults)
    moment = data.effectiveDateTime or data.effectiveInstant
    return Said(
        named(data), STATUSES[data.status], moment, identifier_text(data.identifier), _is_typed(data), parts
    )


def _lacking(data: Observation | Plain) -> Iterator[Issue]:
    if any(one.modifierExtension for one in data.component or []):
        text = "modifierExtension is not understood here."
        yield Issue("not-supported", text, "Observation.component.modifierExtension")
    if data.status not in STATUSES:
        words = ", ".join(STATUSES)
        yield Issue("not-supported", f"Only these are taken in: {words}.", "Observation.status")
    if not isinstance(data.effectiveDateTime or data.effectiveInstant, datetime):
        text = "The moment of the measurement is needed, with its time and its zone: effectiveDateTime."
        yield Issue("required", text, "Observation.effective")


def _parts(data: Observation | Plain) -> Iterator[Part]:
    code, measure = _code(data)
    if code in PANELS:
        yield from _pressure(data)
    elif (amount := amount_of(data, measure, "Observation", withdrawn=_withdraws(data))) is not None:
        yield Part(measure, amount, half=code if code in HALVES else "")
    else:
        return
    if measure != Measure.HEART_RATE:
        yield from _pulse(data)


def _code(data: Observation | Plain) -> tuple[str, Measure]:
    """The first code that is known here. Two of two measures contradict each other."""
    codes = [one.code for one in data.code.coding or [] if one.system == LOINC]
    known = [code for code in codes if code in MEASURE_OF or code in HALVES]
    if not known:
        text = "Has no LOINC code of a reading that is kept here. /fhir/metadata names them."
        raise Invalid(Issue("code-invalid", text, "Observation.code"))
    if len({MEASURE_OF.get(code, code) for code in known}) > 1:
        raise Invalid(Issue("code-invalid", "Has codes of two different measures.", "Observation.code"))
    return known[0], MEASURE_OF.get(known[0], Measure.BLOOD_PRESSURE)


def _pressure(data: Observation | Plain) -> Iterator[Part]:
    first, second = (_component(data, {code}) for code in (SYSTOLIC, DIASTOLIC))
    if first is None and second is None and data.dataAbsentReason:
        return
    if first is None or second is None:
        if not _withdraws(data):
            text = "Both values of a blood pressure are needed, as components 8480-6 and 8462-4."
            raise Invalid(Issue("required", text, "Observation.component"))
        first = second = Amount(Decimal(0))
    if first.unit != second.unit:
        raise Invalid(Issue("value", "Both values need the same unit.", "Observation.component"))
    yield Part(Measure.BLOOD_PRESSURE, first, second)


def _pulse(data: Observation | Plain) -> Iterator[Part]:
    if (amount := _component(data, HEART_RATES)) is not None:
        yield Part(Measure.HEART_RATE, amount)


def _component(data: Observation | Plain, codes: set[str]) -> Amount | None:
    """Its amount; None if there is no such component, or nothing was measured."""
    found = [
        (place, one)
        for place, one in enumerate(data.component or [])
        if any(c.system == LOINC and c.code in codes for c in one.code.coding or [])
    ]
    if len(found) > 1:
        raise Invalid(Issue("value", "Has two components of one code.", "Observation.component"))
    for place, one in found:
        measure = Measure.HEART_RATE if codes == HEART_RATES else Measure.BLOOD_PRESSURE
        where = f"Observation.component[{place}]"
        return amount_of(one, measure, where, withdrawn=_withdraws(data))
    return None


def _withdraws(data: Observation | Plain) -> bool:
    """Of what is withdrawn the value does not matter."""
    return STATUSES.get(data.status) == Status.ERROR


def _is_typed(data: Observation | Plain) -> bool:
    """Whether it says that a person gave the value, though a device may have shown it."""
    meta = data.meta
    if meta is None:
        return False
    tagged = {one.code for one in meta.tag or [] if one.system == source_system()}
    return Source.TYPED in tagged or any(one.code in _SAID_BY_PEOPLE for one in meta.security or [])


def whole_pressure(systolic: Said, diastolic: Said) -> Said:
    """Two of one moment as one. Known by the identifier of the systolic one."""
    first, second = systolic.parts[0].amount, diastolic.parts[0].amount
    pressure = Part(Measure.BLOOD_PRESSURE, first, second)
    return Said(
        systolic.named,
        systolic.status,
        systolic.taken_at,
        systolic.identifier or diastolic.identifier,
        systolic.typed or diastolic.typed,
        (pressure, *systolic.parts[1:], *diastolic.parts[1:]),
    )
