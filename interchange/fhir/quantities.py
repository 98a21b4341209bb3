"""An amount with its UCUM unit, in the measure's own unit. No database."""

from dataclasses import dataclass
from decimal import Decimal

from interchange.fhir.codes import CODED, UCUM, is_read
from interchange.fhir.outcome import Invalid, Issue
from monitoring.readings.units import UnitRefused, in_ours
from patients.models import Measure

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Amount:
    """`sent` is the number as it came, where its unit is not the measure's own."""

    value: Decimal
    unit: str = ""
    sent: str = ""


def amount_of(holder, measure: Measure, where: str, *, withdrawn: bool) -> Amount | None:
    """Of an Observation or a component; None where it says why there is none. Raises `Invalid`."""
    quantity = holder.valueQuantity
    if quantity is None or quantity.value is None:
        if withdrawn:
            return Amount(_ZERO)
        if holder.dataAbsentReason is not None:
            return None
        text = "The value is needed, as valueQuantity, or dataAbsentReason where nothing was measured."
        raise Invalid(Issue("required", text, f"{where}.value"))
    if quantity.comparator:
        text = "Only a measured value is kept, none that is above or below another."
        raise Invalid(Issue("not-supported", text, f"{where}.valueQuantity.comparator"))
    if quantity.system != UCUM or not is_read(measure, quantity.code or ""):
        words = ", ".join(sorted(CODED[measure].units))
        text = f"The unit is needed as a UCUM code with its system: one of {words}."
        raise Invalid(Issue("code-invalid", text, f"{where}.valueQuantity.code"))
    return _in_ours(measure, quantity.value, quantity.code, where)


def _in_ours(measure: Measure, number: Decimal, unit: str, where: str) -> Amount:
    try:
        value = in_ours(measure, number, unit)
    except UnitRefused:
        text = "This is no number that a device can show."
        raise Invalid(Issue("value", text, f"{where}.valueQuantity.value")) from None
    own = in_ours(measure, Decimal(1), unit) == 1 and value == in_ours(measure, number, "")
    return Amount(value, unit, "" if own else f"{number:f}")
