"""LOINC and UCUM: how we call each measure, and its units. What is read: `interchange.codes`. No database."""

from dataclasses import dataclass

from interchange import codes as known
from patients.models import Measure

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
PANELS = known.loinc_of(known.PANEL)
SYSTOLIC, DIASTOLIC = "8480-6", "8462-4"
HEART_RATES = known.loinc_of(known.PULSE)
METER_GLUCOSE = "41653-7"


@dataclass(frozen=True, slots=True)
class Coded:
    """How a measure is answered: `codes` all together, the one that means it most widely first."""

    codes: tuple[tuple[str, str], ...]
    unit: str
    shown: str
    profile: str = ""
    # Every code under which it is read, and found.
    read: frozenset[str] = frozenset()
    # UCUM units that are read, our own among them; remarks in braces are left out before.
    units: frozenset[str] = frozenset()

    @property
    def category(self) -> str:
        """Glucose is no vital sign of US Core."""
        return "vital-signs" if self.profile else "laboratory"


_RATES = frozenset({"/min", "1/min", "min-1"})
CODED: dict[Measure, Coded] = {
    Measure.BLOOD_PRESSURE: Coded(
        (("85354-9", "Blood pressure panel with all children optional"),),
        "mm[Hg]", "mmHg", "blood-pressure", PANELS, frozenset({"mm[Hg]", "kPa"}),
    ),
    Measure.HEART_RATE: Coded(
        (("8867-4", "Heart rate"),), "/min", "/min", "heart-rate", HEART_RATES, _RATES
    ),
    # US Core wants both: the one says how it was measured, the other what.
    Measure.SPO2: Coded(
        (
            ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
            ("2708-6", "Oxygen saturation in Arterial blood"),
        ),
        "%", "%", "pulse-oximetry", known.loinc_of(known.OXYGEN), frozenset({"%"}),
    ),
    Measure.WEIGHT: Coded(
        (("29463-7", "Body weight"),),
        "kg", "kg", "body-weight", known.loinc_of(known.WEIGHT), frozenset({"kg", "g", "[lb_av]"}),
    ),
    Measure.TEMPERATURE: Coded(
        (("8310-5", "Body temperature"),),
        "Cel", "°C", "body-temperature",
        known.loinc_of(known.TEMPERATURE), frozenset({"Cel", "[degF]"}),
    ),
    Measure.RESPIRATORY_RATE: Coded(
        (("9279-1", "Respiratory rate"),),
        "/min", "/min", "respiratory-rate", known.loinc_of(known.BREATHS), _RATES,
    ),
    Measure.GLUCOSE: Coded(
        (("2339-0", "Glucose [Mass/volume] in Blood"),),
        "mg/dL", "mg/dL",
        read=known.loinc_of(known.GLUCOSE),
        units=frozenset({"mg/dL", "mmol/L", "g/L"}),
    ),
}  # fmt: skip
MEASURE_OF = {code: measure for measure, coded in CODED.items() for code in coded.read}
# Sent by themselves, two of the same moment make one blood pressure.
HALVES = {SYSTOLIC, DIASTOLIC}


def is_read(measure: Measure, unit: str) -> bool:
    """Whether this is a UCUM unit that can be converted into ours. `{beats}/min` is `/min` with a remark."""
    bare = unit
    if "{" in bare and "}" in bare:
        bare = bare[: bare.index("{")] + bare[bare.rindex("}") + 1 :]
    return bare in CODED[measure].units
